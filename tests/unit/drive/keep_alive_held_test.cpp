// RFC 9293 §3.8.4: as many connections as there is room for, all held by TCBs of both sides.
//
// TCPCRAFT_HELD=1000000 holds a million of each family (default: 3000) and prints what they take.
#include <cstdlib>
#include <fstream>

#include <gtest/gtest.h>
#include <tests/support/packed_crowd.hpp>
#include <tests/support/simulated_run.hpp>
#include <unistd.h>

#include <libtcpcraft/drive/keep_alive_serve.hpp>

namespace tcpcraft {
namespace {

using namespace std::chrono_literals;
using test::PackedCrowd;
using test::test_address;

constexpr Duration coming = 100s;
constexpr KeepAlive times{.idle = 2min, .interval = 10s, .count = 3};

const char* wanted() { return std::getenv("TCPCRAFT_HELD"); }

std::size_t resident() {
    std::ifstream statm{"/proc/self/statm"};
    std::size_t whole = 0;
    std::size_t pages = 0;
    statm >> whole >> pages;
    return pages * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

class Held : public testing::TestWithParam<Family> {
protected:
    Held() {
        setup.port = Port{80};
        setup.policy.keep_alive = times;
        setup.most_clients = clients;
        server.emplace(around, setup);
        server->on_event([this](const ClientEvent& event) {
            late += event.change == ClientChange::answered && event.silence > latest ? 1U : 0U;
        });
    }

    /// In every millisecond as many, all of them within `coming`.
    void come(std::size_t turn = 0) {
        const std::size_t turns = coming / 1ms;
        const std::size_t until = clients * (turn + 1) / turns;
        for (std::size_t i = clients * turn / turns; i < until; ++i) {
            crowd.come();
        }
        if (turn + 1 < turns) {
            (void)network.call_at(network.now() + 1ms, [this, turn] { come(turn + 1); });
        }
    }

    const std::size_t clients{wanted() == nullptr ? 3000 : std::strtoul(wanted(), nullptr, 10)};
    const Duration latest{times.idle + 1s};
    SimNetwork network{{.most_events = 1'000'000'000}};
    test::KeepingSink sink{};
    Surroundings around{.link = network.near(), .alarm = network, .trace = sink};
    KeepAliveServerSetup setup{};
    PackedCrowd crowd{
        network.far(), network, {test_address(GetParam(), std::byte{1}), Port{80}}, clients};
    std::optional<KeepAliveServer> server{};
    std::size_t late{0};
};

INSTANTIATE_TEST_SUITE_P(Families, Held, testing::Values(Family::v4, Family::v6),
                         [](const auto& family) {
                             return family.param == Family::v4 ? "v4" : "v6";
                         });

TEST_P(Held, EachIsProbedAndAnswersInTime) {
    const std::size_t before = resident();
    come();
    (void)network.run({}, Instant{coming + 1s});
    const std::size_t octets = (resident() - before) / clients;
    const ClientCounts& counts = server->counts();
    ASSERT_EQ(counts.now, clients);
    EXPECT_EQ(counts.probes, 0U);
    (void)network.run({}, Instant{coming + times.idle + 1s});
    EXPECT_EQ(counts.now, clients);
    EXPECT_EQ(counts[ClientChange::silent], clients);
    EXPECT_EQ(counts[ClientChange::answered], clients);
    EXPECT_EQ(counts.probes, clients) << "nobody had to be asked twice";
    EXPECT_EQ(late, 0U);
    for (std::size_t i = 0; i < clients; ++i) {
        ASSERT_EQ(crowd[i].heard, 1U) << i;
        ASSERT_EQ(crowd[i].tcb.state, State::established) << i;
    }
    if (wanted() != nullptr) {
        std::printf("%zu held, %zu octets resident each\n", clients, octets);
        EXPECT_LE(octets, 256U);
    }
}

}  // namespace
}  // namespace tcpcraft
