#include <chrono>
#include <cstdlib>

#include <fmt/format.h>
#include <tests/model/starts.hpp>

#include <libtcpcraft/sim/retell.hpp>

// Explorations that are too large for every run. By hand, in the preset `release`:
//   model_deep [NAME [LOSSES [DUPLICATES [TIMEOUTS [ABORTS [MILLIONS OF WORLDS AT MOST]]]]]]

namespace tcpcraft::model {
namespace {

using Clock = std::chrono::steady_clock;

std::vector<Start> starts(Budget budget) {
    const UserCalls close{closes()};
    const UserCalls send_close{sends(1), closes()};
    std::vector<Start> all;
    const auto add = [&](const char* name, Start start) {
        start.name = name;
        all.push_back(std::move(start));
    };
    add("client-server", client_server({close, close}, budget));
    add("client-sends", client_server({send_close, close}, budget));
    add("both-send", client_server({send_close, send_close}, budget));
    add("simultaneous-open", simultaneous_open({close, close}, budget));
    add("simultaneous-open-both-send", simultaneous_open({send_close, send_close}, budget));
    return all;
}

bool run(const Start& start, std::size_t most) {
    const auto began = Clock::now();
    const Exploration seen = explore(start.world, start.setting, start.laws, {.worlds = most});
    const double took = std::chrono::duration<double>(Clock::now() - began).count();
    const auto worlds = static_cast<double>(seen.worlds);
    const auto moves = static_cast<double>(seen.transitions + seen.endings);
    fmt::print(
        "{:30} {:>10} worlds {:>11} transitions {:>9} to the end {:6.1f} s "
        "{:>8.0f} worlds/s {:>8.0f} transitions/s {:4.0f} octets/world{}\n",
        start.name, seen.worlds, seen.transitions, seen.endings, took, worlds / took, moves / took,
        static_cast<double>(seen.octets) / worlds, seen.complete ? "" : " (not complete)");
    if (seen.found) {
        fmt::print("{}\n", retell(start.world, start.setting, *seen.found));
    }
    return !seen.found;
}

}  // namespace
}  // namespace tcpcraft::model

int main(int argc, char** argv) {
    using namespace tcpcraft;
    const std::string wanted = argc > 1 ? argv[1] : "";
    const auto number = [&](int at, int otherwise) {
        return static_cast<std::uint8_t>(argc > at ? std::atoi(argv[at]) : otherwise);
    };
    const Budget budget{number(2, 1), number(3, 1), number(4, 1), number(5, 0)};
    bool kept = true;
    for (const model::Start& start : model::starts(budget)) {
        if (wanted.empty() || wanted == start.name) {
            kept = model::run(start, number(6, 100) * std::size_t{1'000'000}) && kept;
        }
    }
    return kept ? EXIT_SUCCESS : EXIT_FAILURE;
}
