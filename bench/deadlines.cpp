// Deadlines and look-ups of a million connections.
#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <random>
#include <span>
#include <string>
#include <unordered_map>
#include <utility>  // Asio of Boost 1.74 lacks it
#include <vector>

#include <bench/bench.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <libtcpcraft/drive/connection_table.hpp>
#include <libtcpcraft/drive/deadline_wheel.hpp>
#include <libtcpcraft/drive/ends.hpp>

namespace tcpcraft::bench {

namespace {

using namespace std::chrono_literals;

#if defined(__SANITIZE_ADDRESS__)
constexpr std::uint32_t million = 20'000;  // nothing is measured with sanitizers: does it work?
#else
constexpr std::uint32_t million = 1'000'000;
#endif
constexpr Duration idle = 60s;
constexpr Duration interval = 5s;

/// Whose turn it is: equal for everybody, and made beforehand.
const std::vector<std::uint32_t>& turns() {
    static const std::vector<std::uint32_t> drawn = [] {
        std::mt19937 dice{20261123};
        std::vector<std::uint32_t> made(million);
        std::ranges::generate(made, [&] { return dice() % million; });
        return made;
    }();
    return drawn;
}

/// Every connection is heard once, at a time of its own, and is due `idle` later.
Duration spread(std::uint32_t index) { return idle / million * index; }

/// So many are heard before time is looked at again, by either.
constexpr std::size_t together = 64;

/// A connection was heard: its keep-alive deadline moves on, in its TCB and in the wheel. What
/// comes up meanwhile is part of the work: it has moved on, or it is probed.
void restart_wheel(benchmark::State& state) {
    DeadlineWheel wheel;
    std::vector<Instant> deadlines(million);
    for (std::uint32_t i = 0; i < million; ++i) {
        deadlines[i] = Instant{idle + spread(i)};
        wheel.arm(i, deadlines[i]);
    }
    Instant now{idle - 1us};
    (void)wheel.take_due(now);  // a minute has passed
    std::size_t turn = 0;
    for (auto _ : state) {
        const std::uint32_t index = turns()[turn++ % million];
        deadlines[index] = (now += 1us) + idle;
        wheel.arm(index, deadlines[index]);
        if (turn % together != 0) {
            continue;
        }
        for (std::uint32_t due = wheel.take_due(now); due != wheel.none;
             due = wheel.take_due(now)) {
            deadlines[due] = deadlines[due] > now ? deadlines[due] : now + interval;
            wheel.arm(due, deadlines[due]);
        }
    }
}

void restart_asio(benchmark::State& state) {
    boost::asio::io_context context;
    std::vector<boost::asio::steady_timer> timers;
    timers.reserve(million);
    const auto begin = std::chrono::steady_clock::now() + 1h;
    std::size_t expired = 0;
    const auto wait = [&expired](boost::asio::steady_timer& timer) {
        timer.async_wait(
            [&expired](const boost::system::error_code& why) { expired += why ? 0U : 1U; });
    };
    for (std::uint32_t i = 0; i < million; ++i) {
        timers.emplace_back(context, begin + spread(i));
        wait(timers.back());
    }
    std::size_t turn = 0;
    auto now = begin;
    for (auto _ : state) {
        boost::asio::steady_timer& timer = timers[turns()[turn++ % million]];
        timer.expires_at((now += 1us) + idle);
        wait(timer);
        if (turn % together == 0) {
            context.poll();  // the waits that were cancelled
        }
    }
    benchmark::DoNotOptimize(expired);
}

ConnectionId numbered(std::uint32_t number, Family family) {
    std::array<std::byte, 16> octets{std::byte{0x20}, std::byte{1}};
    const auto address = [&octets, family] {
        return family == Family::v4 ? Address::v4(std::span{octets}.last<4>())
                                    : Address::v6(octets);
    };
    octets[12] = std::byte{10};
    const Address local = address();
    octets[15] = static_cast<std::byte>(1 + (number >> 16U));
    return {{local, Port{80}}, {address(), Port{static_cast<std::uint16_t>(number)}}};
}

/// What is kept of a connection, and touched when it is heard.
struct Kept {
    std::array<std::uint64_t, 19> numbers{};
};

struct Hash {
    std::size_t operator()(const ConnectionId& id) const noexcept { return hash_of(id); }
};

using Flat = ConnectionTable<Kept>;
using Nodes = std::unordered_map<ConnectionId, std::unique_ptr<Kept>, Hash>;

Kept& found(Flat& table, const ConnectionId& id) { return table[table.find(id)]; }
Kept& found(Nodes& table, const ConnectionId& id) { return *table.find(id)->second; }
void put(Flat& table, const ConnectionId& id) { (void)table.insert(id); }
void put(Nodes& table, const ConnectionId& id) { table.emplace(id, std::make_unique<Kept>()); }

template <typename Table, typename... Arguments>
auto look_up(Family family, Arguments... arguments) {
    return [family, arguments...](benchmark::State& state) {
        Table table(arguments...);
        for (std::uint32_t i = 0; i < million; ++i) {
            put(table, numbered(i, family));
        }
        std::size_t turn = 0;
        for (auto _ : state) {
            Kept& kept = found(table, numbered(turns()[turn++ % million], family));
            ++kept.numbers.front();
            ++kept.numbers.back();
        }
    };
}

std::string differs(Family family) {
    Flat flat{{1, 2}};
    Nodes nodes;
    for (std::uint32_t i = 0; i < million; i += 997) {
        put(flat, numbered(i, family));
        put(nodes, numbered(i, family));
        if (flat.size() != nodes.size()) {
            return "connection " + std::to_string(i) + " is not one of its own";
        }
    }
    for (std::uint32_t i = 0; i < million; i += 101) {
        const ConnectionId id = numbered(i, family);
        if ((flat.find(id) != Flat::none) != nodes.contains(id)) {
            return "connection " + std::to_string(i) + " is found by one only";
        }
    }
    return {};
}

}  // namespace

}  // namespace tcpcraft::bench

void prepare_bench() {
    using namespace tcpcraft;
    using namespace tcpcraft::bench;
    (void)turns();  // drawn outside of all measuring
    measure("restart a deadline of a million", "tcpcraft", restart_wheel);
    measure("restart a deadline of a million", "Asio timer", restart_asio);
    for (const Family family : {Family::v4, Family::v6}) {
        const std::string version = family == Family::v4 ? "v4" : "v6";
        require({"look-ups " + version, [family] { return differs(family); }});
        const std::string work = "find and touch one of a million " + version;
        measure(work, "tcpcraft", look_up<Flat>(family, HashKey{1, 2}));
        measure(work, "unordered_map", look_up<Nodes>(family));
    }
}
