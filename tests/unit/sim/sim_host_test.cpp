#include <array>
#include <memory>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <tests/support/engine_end.hpp>

#include <libtcpcraft/sim/sim_host.hpp>
#include <libtcpcraft/sim/sim_network.hpp>

namespace tcpcraft {
namespace {

using namespace std::chrono_literals;
using support::endpoint;
using support::EngineEnd;
using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr Instant at(Duration since_start) { return Instant{since_start}; }

struct Addresses {
    const char* near{};
    const char* far{};
};

// A near end with ISS 100 and a host with ISS 300, ten milliseconds apart.
class SimHostTest : public testing::TestWithParam<Addresses> {
protected:
    SimHostTest() {
        host_options.address = far.address;
        host_options.listening = {far.port};
        host_options.iss = Seq{300};
    }
    void start() {
        network = std::make_unique<SimNetwork>(network_options);
        host = std::make_unique<SimHost>(network->far(), *network, host_options);
        end =
            std::make_unique<EngineEnd>(network->near(), *network, ConnectionId{near, far}, policy);
    }
    void open() {
        start();
        end->open(Seq{100});
        network->run([this] { return host->state(id) == State::established; }, at(1s));
        ASSERT_EQ(end->state(), State::established);
        ASSERT_EQ(host->state(id), State::established);
    }
    void run_for(Duration time) { network->run({}, network->now() + time); }
    Segment syn(std::uint32_t seq) const {
        return Segment{.source = near.port,
                       .destination = far.port,
                       .seq = Seq{seq},
                       .flags = {Flag::syn},
                       .wnd = 1000};
    }

    Endpoint near{endpoint(GetParam().near)};
    Endpoint far{endpoint(GetParam().far)};
    ConnectionId id{far, near};
    SimNetworkOptions network_options{};
    SimHostOptions host_options{};
    Policy policy{};
    std::unique_ptr<SimNetwork> network{};
    std::unique_ptr<SimHost> host{};
    std::unique_ptr<EngineEnd> end{};
};

TEST_P(SimHostTest, OpensInThreeSegments) {  // RFC 9293 §3.5, figure 6
    open();
    EXPECT_THAT(end->segments(), ElementsAre("> S 100", "< S. 300 ack 101", "> . 101 ack 301"));
    EXPECT_EQ(network->now(), at(30ms));
    ASSERT_NE(host->tcb(id), nullptr);
    EXPECT_EQ(host->tcb(id)->rcv.nxt, Seq{101});
    EXPECT_EQ(host->tcb(id)->id, id);
}

TEST_P(SimHostTest, RefusesWhereNobodyListens) {  // RFC 9293 §3.10.7.1, §3.10.7.3
    host_options.listening = {Port{1}};
    start();
    end->open(Seq{100});
    EXPECT_EQ(host->state(id), State::closed);
    EXPECT_EQ(network->run({}, at(1s)), SimEnding::idle);
    EXPECT_THAT(end->segments(), ElementsAre("> S 100", "< R. 0 ack 101"));
    EXPECT_THAT(end->notices(), Contains(Notice::connection_reset));
    EXPECT_EQ(end->state(), State::closed);
    EXPECT_THAT(host->connections(), IsEmpty());
}

TEST_P(SimHostTest, ABlackholeIsSilence) {  // RFC 9293 §3.8.3 (MUST-23)
    network_options.blackhole = true;
    start();
    end->open(Seq{100});
    EXPECT_EQ(network->run({}), SimEnding::idle);
    EXPECT_THAT(end->notices(), Contains(Notice::connection_aborted_retransmissions));
    EXPECT_THAT(end->segments(), testing::Each("> S 100"));
    EXPECT_EQ(end->segments().size(), 1U + policy.syn_retransmissions);
    EXPECT_THAT(host->connections(), IsEmpty());
}

TEST_P(SimHostTest, OpensSimultaneously) {  // RFC 9293 §3.5, figure 7 (MUST-10)
    host_options.listening.clear();
    host_options.active_open = SimOpen{.remote = near, .local = far.port, .at = at(3ms)};
    start();
    end->open(Seq{100});
    run_for(500ms);
    EXPECT_THAT(end->segments(), testing::IsSupersetOf({"> S 100", "< S 300", "> S. 100 ack 301",
                                                        "< S. 300 ack 101"}));
    EXPECT_THAT(end->states(),
                ElementsAre(State::syn_sent, State::syn_received, State::established));
    EXPECT_EQ(host->state(id), State::established);
    EXPECT_EQ(host->tcb(id)->snd.una, Seq{301});
}

TEST_P(SimHostTest, TheNearEndClosesFirstInFourSegments) {  // RFC 9293 §3.6, figure 12
    open();
    end->close();
    run_for(100ms);
    EXPECT_THAT(end->segments(),
                ElementsAre("> S 100", "< S. 300 ack 101", "> . 101 ack 301", "> F. 101 ack 301",
                            "< . 301 ack 102", "< F. 301 ack 102", "> . 102 ack 302"));
    EXPECT_EQ(end->state(), State::time_wait);
    EXPECT_EQ(host->state(id), State::closed);
    EXPECT_EQ(host->tcb(id), nullptr);
    EXPECT_EQ(network->run({}), SimEnding::idle);
    EXPECT_EQ(end->state(), State::closed);
    // FIN sent at 30 ms, FIN of the host back after 10 + 5 + 10 ms, then 2 MSL (MUST-13).
    EXPECT_EQ(network->now(), at(30ms + 25ms + 240s));
}

TEST_P(SimHostTest, ClosesInThreeSegmentsWhenTheAckWaitsForTheApplication) {  // RFC 9293 §3.8.6.3
    host_options.application_delay = 0ms;
    host_options.policy.delayed_ack = 40ms;
    open();
    end->close();
    run_for(100ms);
    EXPECT_THAT(end->segments(),
                ElementsAre("> S 100", "< S. 300 ack 101", "> . 101 ack 301", "> F. 101 ack 301",
                            "< F. 301 ack 102", "> . 102 ack 302"));
    EXPECT_THAT(host->state(id), State::closed);
}

TEST_P(SimHostTest, AnAckOfAFinThatWaitedTooLongGoesAlone) {  // RFC 9293 §3.8.6.3 (MUST-40)
    host_options.application_delay = 50ms;
    host_options.policy.delayed_ack = 40ms;
    open();
    end->close();
    network->run([this] { return end->state() == State::fin_wait_2; }, at(1s));
    EXPECT_EQ(network->now(), at(30ms + 10ms + 40ms + 10ms));
    run_for(100ms);
    EXPECT_EQ(end->state(), State::time_wait);
}

TEST_P(SimHostTest, ClosesFirstIfAskedAndHoldsTimeWait) {  // RFC 9293 §3.6.1 (MUST-13)
    host_options.application = SimApplication::close_at_once;
    start();
    end->open(Seq{100});
    network->run([this] { return end->state() == State::close_wait; }, at(1s));
    EXPECT_EQ(host->state(id), State::fin_wait_1);
    end->close();
    run_for(100ms);
    EXPECT_EQ(end->state(), State::closed);
    EXPECT_EQ(host->state(id), State::time_wait);
    EXPECT_EQ(network->run({}), SimEnding::idle);
    EXPECT_EQ(host->state(id), State::closed);
    EXPECT_GT(network->now(), at(240s));
}

TEST_P(SimHostTest, NeverClosesIfAskedNotTo) {
    host_options.application = SimApplication::discard;
    open();
    end->send("to be thrown away");
    end->close();
    EXPECT_EQ(network->run({}, at(3600s)), SimEnding::idle);
    EXPECT_EQ(host->state(id), State::close_wait);
    EXPECT_EQ(end->state(), State::fin_wait_2);
}

TEST_P(SimHostTest, EchoesEverything) {
    host_options.application = SimApplication::echo;
    open();
    end->send("hello");
    end->send(", host");
    end->close();
    run_for(100ms);
    EXPECT_EQ(end->received(), "hello, host");
    EXPECT_EQ(end->state(), State::time_wait);
    EXPECT_EQ(host->state(id), State::closed);
}

TEST_P(SimHostTest, ServesAndCloses) {
    host_options.application = SimApplication::serve;
    host_options.reply = "served";
    open();
    end->send("GET");
    run_for(100ms);
    EXPECT_EQ(end->received(), "served");
    EXPECT_EQ(end->state(), State::close_wait);
    end->send("more");
    run_for(100ms);
    EXPECT_EQ(end->received(), "served");
}

TEST_P(SimHostTest, ServesInTheHalfClosedConnection) {  // RFC 9293 §3.6.1: SC-4
    host_options.application = SimApplication::serve;
    host_options.reply = "rest";
    open();
    end->close();
    run_for(100ms);
    EXPECT_EQ(end->received(), "rest");
    EXPECT_THAT(end->states(),
                testing::ElementsAre(State::syn_sent, State::established, State::fin_wait_1,
                                     State::fin_wait_2, State::time_wait));
    EXPECT_EQ(host->state(id), State::closed);
}

// The three endings of an old duplicate SYN (RFC 9293 §3.5, figure 8).

TEST_P(SimHostTest, AnOldSynIsUndoneByTheResetOfTheClosedEnd) {  // SC-2b
    start();
    end->inject(syn(50));
    network->run([this] { return host->state(id) == State::syn_received; }, at(1s));
    EXPECT_EQ(host->connections().size(), 1U);
    EXPECT_EQ(network->run({}, at(1s)), SimEnding::idle);
    EXPECT_THAT(end->segments(), ElementsAre("> S 50", "< S. 300 ack 51", "> R 51"));
    EXPECT_EQ(host->state(id), State::listen);
    EXPECT_THAT(host->connections(), IsEmpty());
}

TEST_P(SimHostTest, AnOldSynOfASilentEndCostsABoundedTime) {
    start();
    end->switch_off();
    end->inject(syn(50));
    EXPECT_EQ(network->run({}), SimEnding::idle);
    EXPECT_THAT(host->connections(), IsEmpty());
    EXPECT_GT(end->segments().size(), 2U);
}

TEST_P(SimHostTest, InTheTwoWayModelAnOldSynCostsForEver) {  // SC-2a
    host_options.policy.deviations.two_way_handshake = true;
    start();
    end->switch_off();
    end->inject(syn(50));
    EXPECT_EQ(network->run({}, at(1s)), SimEnding::idle);
    EXPECT_EQ(host->state(id), State::established);
    network->call_at(at(3600s), [] {});
    network->run({});
    const auto held = host->connections();
    ASSERT_EQ(held.size(), 1U);
    EXPECT_EQ(held[0].id, id);
    EXPECT_EQ(held[0].state, State::established);
    EXPECT_EQ(held[0].segments, 1U);
    EXPECT_EQ(held[0].age, 3600s - 10ms);
    EXPECT_EQ(held[0].idle, 3600s - 10ms);
}

TEST_P(SimHostTest, AResetFreesEvenTheTwoWayModel) {  // the seed's S25: not ignored, but reset
    host_options.policy.deviations.two_way_handshake = true;
    start();
    end->inject(syn(50));
    EXPECT_EQ(network->run({}, at(1s)), SimEnding::idle);
    EXPECT_THAT(end->segments(), ElementsAre("> S 50", "< S. 300 ack 51", "> R 51"));
    EXPECT_THAT(host->connections(), IsEmpty());
}

TEST_P(SimHostTest, MayDieWithItsFirstConnection) {
    host_options.dies_when_established = true;
    open();
    EXPECT_TRUE(host->dead());
    const std::size_t before = end->segments().size();
    end->send("anyone?");
    network->run({}, at(60s));
    EXPECT_GT(end->segments().size(), before + 2);
    EXPECT_THAT(end->segments(), Contains("> P. 101+7 ack 301").Times(testing::Ge(3)));
    EXPECT_THAT(end->received(), IsEmpty());
    EXPECT_EQ(host->state(id), State::established);
}

TEST_P(SimHostTest, HoldsManyConnectionsApart) {
    start();
    for (std::uint16_t port = 1; port <= 20; ++port) {
        Segment one = syn(port);
        one.source = Port{port};
        end->inject(one);
    }
    network->run({}, at(15ms));
    EXPECT_EQ(host->connections().size(), 20U);
    EXPECT_EQ(host->tcb({far, {near.address, Port{7}}})->rcv.irs, Seq{7});
    EXPECT_EQ(host->state({far, {near.address, Port{21}}}), State::listen);
}

TEST_P(SimHostTest, MakesAConnectionAgainAfterItHasEnded) {
    open();
    end->close();
    run_for(100ms);
    ASSERT_EQ(host->state(id), State::closed);
    end->inject(syn(100000));
    run_for(15ms);
    EXPECT_EQ(host->state(id), State::syn_received);
    EXPECT_EQ(host->connections().at(0).age, 5ms);
}

TEST_P(SimHostTest, TakesNothingWithABadChecksumOrForOthers) {  // RFC 9293 §3.1 (MUST-3)
    start();
    Datagram datagram{.ip = {.source = near.address, .destination = far.address},
                      .segment = syn(100),
                      .lies = {.bad_checksum = true}};
    const std::vector<std::byte> corrupt = serialize(datagram);
    datagram.lies = {};
    datagram.ip.destination = near.address;
    const std::vector<std::byte> stray = serialize(datagram);
    const std::vector<std::byte> noise(30, std::byte{0x45});
    const std::array<Outgoing, 3> packets{Outgoing{.octets = corrupt}, Outgoing{.octets = stray},
                                          Outgoing{.octets = noise}};
    ASSERT_TRUE(network->near().transmit(packets));
    EXPECT_EQ(network->run({}), SimEnding::idle);
    EXPECT_EQ(host->discarded(), 3U);
    EXPECT_THAT(host->connections(), IsEmpty());
    EXPECT_THAT(end->segments(), IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(Families, SimHostTest,
                         testing::Values(Addresses{"192.0.2.1:40000", "192.0.2.2:80"},
                                         Addresses{"[2001:db8::1]:40000", "[2001:db8::2]:80"}),
                         [](const auto& family) { return family.index == 0 ? "IPv4" : "IPv6"; });

}  // namespace
}  // namespace tcpcraft
