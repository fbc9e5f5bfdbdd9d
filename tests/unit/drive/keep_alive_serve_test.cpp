// RFC 9293 §3.8.4: the server that watches its clients, in virtual time.
#include <map>

#include <gtest/gtest.h>
#include <tests/support/simulated_run.hpp>

#include <libtcpcraft/drive/keep_alive_serve.hpp>
#include <libtcpcraft/sim/sim_crowd.hpp>

namespace tcpcraft {
namespace {

using namespace std::chrono_literals;
using test::KeepingSink;
using test::test_address;

constexpr KeepAlive textbook{.octet_in_every_second = true};
constexpr Duration textbook_limit = 2h + 10 * 75s;

class Serve : public testing::TestWithParam<Family> {
protected:
    Serve() {
        here = test_address(GetParam(), std::byte{1});
        setup.port = Port{80};
        setup.policy.keep_alive = textbook;
        theirs.syn_options = {MaximumSegmentSize{1460}, SackPermitted{}, Timestamps{},
                              NoOperation{}, WindowScale{7}};
        setup.policy.syn_options = theirs.syn_options;
    }

    void open(std::vector<SimVisit> visits) {
        crowd.emplace(network.far(), network, Endpoint{here, Port{80}}, theirs, std::move(visits));
        server.emplace(around, setup);
        server->on_event(
            [this](const ClientEvent& event) { events[event.id.remote].push_back(event); });
    }
    /// One client; it comes after a second.
    void visit(SimFate fate, Duration ends = {}, Duration talks_every = {}) {
        guest = {test_address(GetParam(), std::byte{2}), Port{40000}};
        open({SimVisit{.from = guest,
                       .comes = Instant{1s},
                       .talks_every = talks_every,
                       .fate = fate,
                       .ends = Instant{ends}}});
    }
    void run_until(Duration when) { (void)network.run({}, Instant{when}); }
    [[nodiscard]] std::vector<ClientChange> changes() {
        std::vector<ClientChange> all;
        for (const ClientEvent& event : events[guest]) {
            all.push_back(event.change);
        }
        return all;
    }
    /// A segment in the client's name, so far beyond what it sends next.
    void says(Flags flags, std::uint32_t beyond = 0) {
        Datagram made{.ip = {.source = guest.address, .destination = here}};
        made.segment.source = guest.port;
        made.segment.destination = Port{80};
        made.segment.flags = flags;
        made.segment.seq = peer().tcb.snd.nxt + beyond;
        made.segment.ack = peer().tcb.rcv.nxt;
        const std::vector<std::byte> octets = serialize(made);
        const Outgoing packet{.octets = octets, .destination = here};
        ASSERT_TRUE(network.far().transmit({&packet, 1}));
    }
    [[nodiscard]] const SimCrowd::Guest& peer() const { return crowd->guests().front(); }

    using enum ClientChange;
    Address here{};
    Endpoint guest{};
    KeepAliveServerSetup setup{};
    Policy theirs{};
    SimNetwork network{};
    KeepingSink sink{};
    Surroundings around{.link = network.near(), .alarm = network, .trace = sink};
    std::optional<SimCrowd> crowd{};
    std::optional<KeepAliveServer> server{};
    std::map<Endpoint, std::vector<ClientEvent>> events{};
};

INSTANTIATE_TEST_SUITE_P(Families, Serve, testing::Values(Family::v4, Family::v6),
                         [](const auto& family) {
                             return family.param == Family::v4 ? "v4" : "v6";
                         });

TEST_P(Serve, ProbesWhoIsSilentAndKeepsWhoAnswers) {
    visit(SimFate::stays);
    run_until(5h);
    EXPECT_EQ(changes(), (std::vector{connected, silent, answered, silent, answered}));
    EXPECT_GE(events[guest][1].silence, 2h);
    EXPECT_EQ(server->counts().now, 1U);
    EXPECT_FALSE(peer().shut_out);
}

// What is heard restarts the timer: no probe while somebody talks.
TEST_P(Serve, DoesNotProbeWhoTalks) {
    visit(SimFate::stays, {}, 1h);
    run_until(20h);
    EXPECT_EQ(changes(), (std::vector{connected}));
    EXPECT_EQ(server->counts().probes, 0U);
    EXPECT_GT(peer().said, 100U);
    EXPECT_EQ(peer().heard, peer().said) << "all of it comes back";
    EXPECT_FALSE(peer().mistaken);
}

TEST_P(Serve, FindsTheDeadExactlyAfterTheLastInterval) {
    visit(SimFate::vanishes, 1h);
    run_until(10h);
    EXPECT_EQ(changes(), (std::vector{connected, silent, dead}));
    const ClientEvent& end = events[guest].back();
    EXPECT_EQ(end.silence, textbook_limit);
    EXPECT_EQ(end.probes, 10U);
    EXPECT_EQ(end.rule, Rule::keep_alive_dead);
    EXPECT_EQ(server->counts().now, 0U);
    EXPECT_TRUE(server->quiet());
}

// MUST-26: no probes while data is outstanding; the silence counts all the same.
TEST_P(Serve, FindsTheDeadWhileItsEchoIsOutstanding) {
    setup.policy.keep_alive = KeepAlive{.idle = 10s, .interval = 1s, .count = 5};
    visit(SimFate::vanishes, 6s, 5s - 15ms);  // it speaks and vanishes before the echo comes
    run_until(1h);
    EXPECT_EQ(changes(), (std::vector{connected, dead}));
    EXPECT_EQ(events[guest].back().silence, 15s);
    EXPECT_EQ(events[guest].back().rule, Rule::user_timeout);
}

TEST_P(Serve, KnowsWhoHasRestartedByTheReset) {
    visit(SimFate::restarts, 1h);
    run_until(10h);
    EXPECT_EQ(changes(), (std::vector{connected, silent, restarted}));
    EXPECT_EQ(events[guest].back().probes, 1U);
}

// §3.10.7.1: what answers an ACK has none. A RST with one was on its way already.
TEST_P(Serve, KnowsAnAbortFromTheAnswerToAProbe) {
    visit(SimFate::vanishes, 1h);
    run_until(2h + 2s);
    ASSERT_EQ(changes(), (std::vector{connected, silent}));
    says({Flag::rst, Flag::ack});
    run_until(2h + 3s);
    EXPECT_EQ(changes(), (std::vector{connected, silent, reset}));
}

// §3.5.1: its SYN is answered by an ACK, which it answers by the RST that tells the rest.
TEST_P(Serve, KnowsWhoHasRestartedAndComesAgain) {
    visit(SimFate::vanishes, 1h);
    run_until(2h + 2s);
    says({Flag::syn}, 100'000);
    run_until(2h + 3s);
    EXPECT_EQ(changes(), (std::vector{connected, silent}));
    says({Flag::rst});
    run_until(2h + 4s);
    EXPECT_EQ(changes(), (std::vector{connected, silent, restarted}));
}

TEST_P(Serve, ForgetsNobodyByABlindReset) {  // RFC 5961 §3.2
    visit(SimFate::vanishes, 1h);
    run_until(2h + 2s);
    says({Flag::rst}, 1000);
    run_until(2h + 3s);
    EXPECT_EQ(server->counts().now, 1U);
}

TEST_P(Serve, ClosesWhoCloses) {
    visit(SimFate::closes, 1h, 10min);
    run_until(2h);
    EXPECT_EQ(changes(), (std::vector{connected, closed}));
    EXPECT_EQ(events[guest].back().rule, Rule::ack_of_fin);
    EXPECT_EQ(peer().heard, peer().said);
    EXPECT_EQ(peer().tcb.state, State::closed);
}

TEST_P(Serve, TellsWhoAborts) {
    visit(SimFate::aborts, 1h);
    run_until(2h);
    EXPECT_EQ(changes(), (std::vector{connected, reset}));
}

TEST_P(Serve, DiscardsWhenAskedTo) {
    setup.echo = false;
    visit(SimFate::closes, 1h, 10min);
    run_until(2h);
    EXPECT_EQ(changes(), (std::vector{connected, closed}));
    EXPECT_EQ(peer().heard, 0U);
    EXPECT_EQ(events[guest].back().octets_in, peer().said);
}

TEST_P(Serve, TurnsAwayWhoIsOneTooMany) {
    setup.most_clients = 2;
    std::vector<SimVisit> visits;
    for (std::uint16_t i = 0; i < 4; ++i) {
        visits.push_back({.from = {test_address(GetParam(), std::byte{2}),
                                   Port{static_cast<std::uint16_t>(40000 + i)}},
                          .comes = Instant{1s * (i + 1)}});
    }
    open(visits);
    run_until(1min);
    EXPECT_EQ(server->counts().now, 2U);
    EXPECT_EQ(server->counts()[refused], 2U);
    EXPECT_FALSE(crowd->guests()[3].established);
    EXPECT_EQ(crowd->guests()[3].tcb.state, State::closed) << "met by RST";
}

TEST_P(Serve, ClosesAllInOrder) {
    visit(SimFate::stays);
    run_until(2s);
    server->close_all();
    run_until(3s);
    EXPECT_TRUE(server->quiet());
    EXPECT_TRUE(peer().shut_out);
    EXPECT_EQ(peer().tcb.state, State::closed);
    server->abort_all();
    EXPECT_EQ(changes(), (std::vector{connected, ended}));
    EXPECT_EQ(events[guest].back().state, State::time_wait);
}

TEST_P(Serve, ResetsWhoDoesNotCloseInTheEnd) {
    visit(SimFate::vanishes, 2s);
    run_until(3s);
    server->close_all();
    run_until(5s);
    EXPECT_FALSE(server->quiet());
    server->abort_all();
    EXPECT_TRUE(server->quiet());
    EXPECT_EQ(server->counts()[ended], 1U);
}

// Every death of thousands is found in time, and nobody else is closed.
TEST_P(Serve, JudgesThousandsRightly) {
    const std::uint64_t seed = 20261123;
    setup.policy.keep_alive = KeepAlive{.idle = 60s, .interval = 5s, .count = 4};
    const SimCrowdPlan plan{.seed = seed,
                            .clients = 2000,
                            .family = GetParam(),
                            .come_within = 3min,
                            .end_within = 6min};
    open(drawn_visits(plan));
    run_until(12min);
    const Duration limit = 60s + 4 * 5s;
    std::size_t wrong = 0;
    for (const SimCrowd::Guest& one : crowd->guests()) {
        const auto& told = events[one.visit.from];
        ASSERT_FALSE(told.empty()) << one.visit.from.text() << " seed " << seed;
        const ClientEvent& last = told.back();
        const bool stays = one.visit.fate == SimFate::stays;
        const std::map<SimFate, ClientChange> ends{
            {SimFate::closes, closed}, {SimFate::aborts, reset}, {SimFate::vanishes, dead}};
        const auto found = ends.find(one.visit.fate);
        bool right = stays ? last.change <= answered && !one.shut_out
                           : last.at - one.visit.ends <= limit + 1s;
        if (one.visit.fate == SimFate::restarts) {  // told by the answer to a probe, or to data
            right = right && (last.change == restarted || last.change == reset);
        } else if (found != ends.end()) {
            right = right && last.change == found->second;
        }
        wrong += right ? 0 : 1;
        EXPECT_TRUE(right) << one.visit.from.text() << " fate " << static_cast<int>(one.visit.fate)
                           << ": " << text(last.change) << " at "
                           << seconds(last.at.time_since_epoch()) << ", seed " << seed;
        EXPECT_FALSE(one.mistaken);
        ASSERT_LT(wrong, 5U);
    }
}

}  // namespace
}  // namespace tcpcraft
