// RFC 9293 §3.8.4, RFC 4987 §3.5: very many clients, floods, and how little each of them takes.
#include <algorithm>
#include <array>

#include <gtest/gtest.h>
#include <tests/support/allocation_count.hpp>
#include <tests/support/simulated_run.hpp>

#include <libtcpcraft/drive/keep_alive_serve.hpp>
#include <libtcpcraft/engine/advance.hpp>
#include <libtcpcraft/sim/sim_crowd.hpp>

namespace tcpcraft {
namespace {

using namespace std::chrono_literals;
using test::allocation_count;
using test::KeepingSink;
using test::test_address;

/// A link and a clock that take no memory, so that what is counted is the server's.
class StillWorld final : public Link, public Alarm {
public:
    Expected<void> transmit(std::span<const Outgoing> packets) override {
        for (const Outgoing& packet : packets) {
            std::copy(packet.octets.begin(), packet.octets.end(), sent[count].begin());
            sizes[count++] = packet.octets.size();
        }
        return {};
    }
    void on_arrivals(std::function<void(std::span<const Arrival>)> handler) override {
        arrivals = std::move(handler);
    }
    void on_sent(std::function<void(const Sent&)> /*handler*/) override {}
    void on_icmp(std::function<void(const IcmpError&)> /*handler*/) override {}

    [[nodiscard]] Instant now() const override { return time; }
    AlarmId call_at(Instant when, std::function<void()> call) override {
        due = when;
        wake = std::move(call);
        return AlarmId{1};
    }
    void cancel(AlarmId /*id*/) override { due = never; }

    /// The datagrams sent since the last call.
    template <typename Use>
    void each_sent(Use use) {
        const std::size_t until = std::exchange(count, 0);
        for (std::size_t i = 0; i < until; ++i) {
            const auto copy = sent[i];
            use(parse(std::span{copy}.first(sizes[i])).value());
        }
    }

    std::function<void(std::span<const Arrival>)> arrivals{};
    std::function<void()> wake{};
    Instant time{};
    Instant due{never};
    std::array<std::array<std::byte, 256>, 1024> sent{};
    std::array<std::size_t, 1024> sizes{};
    std::size_t count{0};
};

constexpr std::size_t members = 60;

/// Clients made of the engine, called by hand; what the server allocates meanwhile is counted.
class Counted : public testing::TestWithParam<Family> {
protected:
    Counted() {
        setup.port = Port{80};
        setup.policy.keep_alive = KeepAlive{.idle = 60s, .interval = 5s, .count = 4};
        setup.policy.syn_options = theirs.syn_options = {MaximumSegmentSize{1000}, Timestamps{}};
        server.emplace(around, setup);
        for (std::size_t i = 0; i < members; ++i) {
            const Endpoint from{test_address(GetParam(), std::byte{2}),
                                Port{static_cast<std::uint16_t>(40000 + i)}};
            step(i, ActiveOpen{.id = {from, {test_address(GetParam(), std::byte{1}), Port{80}}}});
        }
        converse();
    }

    void step(std::size_t i, const Event& event) {
        Actions out;
        clients[i] = advance(std::move(clients[i]), event, world.time, theirs, out);
        for (const Action& action : out) {
            if (const auto* transmit = std::get_if<Transmit>(&action)) {
                Datagram made{.segment = transmit->segment};
                made.ip.source = clients[i].id.local.address;
                made.ip.destination = clients[i].id.remote.address;
                on_the_way.push_back(serialize(made));
            }
        }
    }
    /// Until nobody has anything to say.
    void converse() {
        while (!on_the_way.empty() || world.count != 0) {
            for (const auto& octets : std::exchange(on_the_way, {})) {
                const Arrival arrival{.octets = octets, .at = world.time};
                const std::size_t before = allocation_count();
                world.arrivals(std::span{&arrival, 1});
                allocated += allocation_count() - before;
                ++arrived;
            }
            world.each_sent([this](const Datagram& datagram) {
                step(datagram.segment.destination.value - 40000U,
                     SegmentArrives{datagram.segment, datagram.ip.source, datagram.ip.destination});
            });
        }
    }
    void pass(Duration length) {
        const Instant until = world.time + length;
        while (world.due <= until) {
            world.time = std::max(world.time, world.due);
            world.due = never;
            const auto call = std::exchange(world.wake, {});
            const std::size_t before = allocation_count();
            call();
            allocated += allocation_count() - before;
            converse();
        }
        world.time = until;
    }
    void forget() { allocated = arrived = 0; }

    StillWorld world{};
    KeepingSink sink{};
    Surroundings around{.link = world, .alarm = world, .trace = sink};
    KeepAliveServerSetup setup{};
    Policy theirs{};
    std::optional<KeepAliveServer> server{};
    std::array<Tcb, members> clients{};
    std::vector<std::vector<std::byte>> on_the_way{};
    std::size_t allocated{0};
    std::size_t arrived{0};
};

INSTANTIATE_TEST_SUITE_P(Families, Counted, testing::Values(Family::v4, Family::v6),
                         [](const auto& family) {
                             return family.param == Family::v4 ? "v4" : "v6";
                         });

TEST_P(Counted, ProbesAndAnswersAllocateNothing) {
    ASSERT_EQ(server->counts().now, members);
    pass(10min);  // once for everything that keeps its memory
    forget();
    const std::size_t before = server->counts().probes;
    pass(1h);
    EXPECT_GE(server->counts().probes - before, members * 59);
    EXPECT_GE(arrived, members * 59);
    EXPECT_EQ(allocated, 0U);
    EXPECT_EQ(server->counts()[ClientChange::dead], 0U);
}

TEST_P(Counted, EchoesAllocateNothingInTheEnd) {
    const std::array<std::byte, 100> said{std::byte{1}};
    for (const bool counts : {false, true}) {
        forget();
        for (std::size_t round = 0; round < 20; ++round) {
            for (std::size_t i = 0; i < members; ++i) {
                step(i, Send{.data = said});
            }
            converse();
            pass(1s);
        }
        EXPECT_GE(arrived, 20 * members);
        EXPECT_TRUE(!counts || allocated == 0) << allocated;
    }
    EXPECT_EQ(server->counts().octets_out, 2 * 20 * members * said.size());
}

class Crowded : public testing::TestWithParam<Family> {
protected:
    Crowded() {
        here = test_address(GetParam(), std::byte{1});
        setup.port = Port{80};
        setup.policy.keep_alive = KeepAlive{.idle = 60s, .interval = 5s, .count = 4};
    }
    /// So many clients that stay, a time apart.
    void open(std::size_t clients, Duration apart) {
        std::vector<SimVisit> visits;
        for (std::size_t i = 0; i < clients; ++i) {
            visits.push_back({.from = {test_address(GetParam(), std::byte{2}),
                                       Port{static_cast<std::uint16_t>(20000 + i)}},
                              .comes = Instant{1s} + static_cast<Duration::rep>(i) * apart});
        }
        crowd.emplace(network.far(), network, Endpoint{here, Port{80}}, Policy{}, visits);
        server.emplace(around, setup);
    }
    void run_until(Duration when) { (void)network.run({}, Instant{when}); }
    /// SYNs in other people's names, so many in a millisecond from 500 ms on.
    void flood(std::size_t in_a_millisecond, Duration length) {
        for (Duration at = 500ms; at < 500ms + length; at += 1ms) {
            (void)network.call_at(Instant{at}, [this, in_a_millisecond] {
                for (std::size_t i = 0; i < in_a_millisecond; ++i) {
                    syn_from_nobody(flooded++);
                }
            });
        }
    }
    void syn_from_nobody(std::size_t number) {
        Datagram made{
            .ip = {.source = test_address(GetParam(), std::byte{7}), .destination = here}};
        made.segment.source = Port{static_cast<std::uint16_t>(1024 + number % 60000)};
        made.segment.destination = Port{80};
        made.segment.flags = {Flag::syn};
        made.segment.seq = Seq{static_cast<std::uint32_t>(number)};
        const std::vector<std::byte> octets = serialize(made);
        const Outgoing packet{.octets = octets, .destination = here};
        ASSERT_TRUE(network.far().transmit({&packet, 1}));
    }
    [[nodiscard]] std::size_t established() const {
        return static_cast<std::size_t>(std::ranges::count_if(
            crowd->guests(),
            [](const SimCrowd::Guest& one) { return one.tcb.state == State::established; }));
    }

    using enum ClientChange;
    Address here{};
    KeepAliveServerSetup setup{};
    SimNetwork network{};
    KeepingSink sink{};
    Surroundings around{.link = network.near(), .alarm = network, .trace = sink};
    std::optional<SimCrowd> crowd{};
    std::optional<KeepAliveServer> server{};
    std::size_t flooded{0};
};

INSTANTIATE_TEST_SUITE_P(Families, Crowded, testing::Values(Family::v4, Family::v6),
                         [](const auto& family) {
                             return family.param == Family::v4 ? "v4" : "v6";
                         });

// 4000 SYNs in a second, room for 200 handshakes: the oldest gives way after 50 ms, and a round
// trip takes 20 ms.
TEST_P(Crowded, AFloodOfSynsKeepsNobodyOut) {
    setup.most_clients = 50;
    setup.most_half_open = 200;
    open(50, 20ms);
    flood(4, 2s);
    run_until(4s);
    EXPECT_EQ(flooded, 8'000U);
    EXPECT_EQ(server->counts().now, 50U);
    EXPECT_EQ(established(), 50U);
}

TEST_P(Crowded, HalfOpenOnesEndByThemselves) {
    setup.most_half_open = 100;
    open(0, {});
    flood(1, 90ms);
    run_until(10min);
    EXPECT_TRUE(server->quiet());
    EXPECT_EQ(server->counts()[unopened], 90U);
}

TEST_P(Crowded, WhoIsOneTooManyIsTurnedAwayWhenHisHandshakeIsComplete) {
    setup.most_clients = 10;
    open(25, {});  // all SYNs come before the first ACK
    run_until(5s);
    EXPECT_EQ(server->counts().now, 10U);
    EXPECT_EQ(server->counts().most, 10U);
    EXPECT_EQ(server->counts()[connected], 10U);
    EXPECT_EQ(server->counts()[refused], 15U);
    EXPECT_EQ(established(), 10U) << "the others were met by RST";
}

TEST_P(Crowded, SaysFarewellAtAMeasuredPace) {
    open(2000, 100us);
    run_until(5s);
    ASSERT_EQ(server->counts().now, 2000U);
    std::optional<Instant> told;
    const std::uint64_t before = server->counts().segments_out;
    server->close_all([&] { told = network.now(); });
    EXPECT_EQ(server->counts().segments_out - before, 256U) << "and the rest later";
    run_until(6s);
    EXPECT_EQ(told, Instant{5s + 7 * 5ms});
    EXPECT_TRUE(server->quiet());
    std::optional<Instant> gone;
    server->abort_all([&] { gone = network.now(); });
    EXPECT_EQ(gone, std::nullopt);
    run_until(7s);
    EXPECT_EQ(gone, Instant{6s + 7 * 5ms});
    EXPECT_EQ(server->counts()[ended], 2000U);
}

}  // namespace
}  // namespace tcpcraft
