#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <tests/support/simulated_run.hpp>

namespace tcpcraft {
namespace {

using namespace std::chrono_literals;
using test::SimulatedRun;
using testing::Contains;
using testing::HasSubstr;
using testing::StartsWith;

class SessionIn : public testing::TestWithParam<Family> {
protected:
    SimulatedRun run{GetParam()};
};

INSTANTIATE_TEST_SUITE_P(BothFamilies, SessionIn, testing::Values(Family::v4, Family::v6),
                         [](const auto& named) { return named.param == Family::v4 ? "v4" : "v6"; });

// RFC 9293 §3.5, figure 6; §3.6, figure 12
TEST_P(SessionIn, OpensAndClosesPolitely) {
    const Session& session = run.run();
    EXPECT_EQ(session.outcome()->ending, Ending::completed);
    const auto lines = run.seen().dialogue();
    ASSERT_GE(lines.size(), 7U);
    EXPECT_THAT(lines[0], StartsWith("> S 0:0(0)"));
    EXPECT_THAT(lines[1], StartsWith("< S. 0:0(0) ack 1"));
    EXPECT_THAT(lines[2], StartsWith("> . 1:1(0) ack 1"));
    EXPECT_THAT(lines[3], StartsWith("> F. 1:1(0) ack 1"));
    EXPECT_THAT(lines[4], StartsWith("< . 1:1(0) ack 2"));
    EXPECT_THAT(lines[5], StartsWith("< F. 1:1(0) ack 2"));
    EXPECT_THAT(lines[6], StartsWith("> . 2:2(0) ack 2"));
    EXPECT_EQ(session.connection().tcb().state, State::time_wait);
    EXPECT_EQ(run.peer_state(), State::closed);
    EXPECT_THAT(run.seen().notes, Contains(HasSubstr("TIME-WAIT cut short")));
}

TEST_P(SessionIn, InfersThePeerAsItIs) {
    run.request.then = Then::hold;
    run.request.hold = 1s;
    run.run();
    const auto& segments = run.seen().segments;
    EXPECT_EQ(segments[1].peer_state, State::syn_received);
    EXPECT_EQ(segments[2].peer_state, State::established);
    EXPECT_EQ(segments[3].peer_state, State::established) << "a FIN counts once it is answered";
    EXPECT_EQ(segments[4].peer_state, State::close_wait);
    EXPECT_EQ(segments[5].peer_state, State::last_ack);
    EXPECT_EQ(segments[6].peer_state, State::closed);
}

TEST_P(SessionIn, StaysForAllOfTimeWaitWhenAsked) {
    run.request.time_wait_full = true;
    const Session& session = run.run();
    EXPECT_EQ(session.connection().tcb().state, State::closed);
    EXPECT_THAT(run.seen().timers, Contains("fired time-wait"));
}

// RFC 9293 §3.10.7.1 and §3.10.7.3, second
TEST_P(SessionIn, IsRefusedByAClosedPort) {
    run.peer.listening.clear();
    EXPECT_EQ(run.run().outcome()->ending, Ending::refused);
    EXPECT_EQ(run.result().exit_status, 1);
    EXPECT_FALSE(run.result().established);
}

TEST_P(SessionIn, CallsRefusalASuccessWhereItIsWanted) {
    run.peer.listening.clear();
    run.request.scenario = HandshakeScenario::refused;
    run.run();
    EXPECT_EQ(run.result().exit_status, 0);
}

TEST_P(SessionIn, DoesNotCallAnOpenPortRefused) {
    run.request.scenario = HandshakeScenario::refused;
    run.run();
    EXPECT_EQ(run.result().exit_status, 1);
    EXPECT_EQ(run.peer_state(), State::closed);
}

// RFC 6298 (5.5): 1, 2, 4 s
TEST_P(SessionIn, RepeatsASynIntoSilenceAndSaysSo) {
    run.network.blackhole = true;
    run.request.timeout = 10s;
    EXPECT_EQ(run.run().outcome()->ending, Ending::no_answer);
    EXPECT_EQ(run.result().exit_status, 3);
    const auto& segments = run.seen().segments;
    ASSERT_EQ(segments.size(), 4U);
    EXPECT_EQ(segments[1].at - segments[0].at, 1s);
    EXPECT_EQ(segments[2].at - segments[1].at, 2s);
    EXPECT_EQ(segments[3].at - segments[2].at, 4s);
    EXPECT_TRUE(segments[3].retransmission);
}

TEST_P(SessionIn, GivesUpAfterSoManyRetries) {
    run.network.blackhole = true;
    run.setup.policy.syn_retransmissions = 1;
    EXPECT_EQ(run.run().outcome()->ending, Ending::gave_up);
    EXPECT_EQ(run.result().exit_status, 3);
    EXPECT_EQ(run.seen().segments.size(), 2U);
}

TEST_P(SessionIn, ShowsALostSynAndItsRepetition) {
    run.faults = {*read_fault_rule("drop out S #1")};
    EXPECT_EQ(run.run().outcome()->ending, Ending::completed);
    EXPECT_EQ(run.seen().segments[0].fault, "drop");
    EXPECT_EQ(run.seen().segments[0].peer_state, State::listen);
    EXPECT_TRUE(run.seen().segments[1].retransmission);
    EXPECT_THAT(run.seen().faults, Contains("drop"));
    EXPECT_FALSE(run.result().rtt) << "Karn: which SYN was answered is not known";
}

TEST_P(SessionIn, ShowsALostArrival) {
    run.faults = {*read_fault_rule("drop in S. #1")};
    EXPECT_EQ(run.run().outcome()->ending, Ending::completed);
    EXPECT_EQ(run.seen().segments[1].direction, Direction::in);
    EXPECT_EQ(run.seen().segments[1].fault, "drop");
    EXPECT_EQ(run.seen().segments[1].state, State::syn_sent);
}

// The peer repeats its SYN,ACK before the delayed one comes: an equal segment, and another one.
TEST_P(SessionIn, TellsADelayedArrivalFromItsRepetition) {
    run.faults = {*read_fault_rule("delay=1500ms in S. #1")};
    run.run();
    std::vector<std::string> syn_acks;
    for (const auto& segment : run.seen().segments) {
        if (segment.direction == Direction::in && segment.text.starts_with("S.")) {
            syn_acks.push_back(segment.fault);
        }
    }
    ASSERT_GE(syn_acks.size(), 2U);
    EXPECT_EQ(syn_acks[0], "");
    EXPECT_THAT(syn_acks, Contains("delay 1.5 s").Times(1));
}

TEST_P(SessionIn, CallsTheChecksumOfALostArrivalWhatItIs) {
    run.network.checksum_ready = false;
    run.faults = {*read_fault_rule("drop in S. #1")};
    run.run();
    EXPECT_EQ(run.seen().segments[1].fault, "drop");
    EXPECT_EQ(run.seen().segments[1].checksum, Checksum::offloaded);
}

// RFC 9293 §3.10.7.1: SEG.LEN counts the data on the SYN
TEST_P(SessionIn, WantsTheDataOnASynAcknowledgedByARefusal) {
    run.peer.listening.clear();
    run.request.scenario = HandshakeScenario::refused;
    run.request.syn_data.assign(10, std::byte{'x'});
    run.run();
    EXPECT_EQ(run.result().verdict.verdict, Verdict::conforms) << run.result().summary;
}

TEST_P(SessionIn, SendsAndReadsTheReply) {
    run.peer.application = SimApplication::echo;
    run.request.send.emplace(3, std::byte{'a'});
    const Session& session = run.run();
    EXPECT_EQ(session.outcome()->ending, Ending::completed);
    EXPECT_EQ(session.received(), *run.request.send);
}

TEST_P(SessionIn, ResetsWhenAskedTo) {
    run.request.then = Then::reset;
    run.run();
    EXPECT_THAT(run.seen().dialogue().back(), StartsWith("> R"));
    EXPECT_EQ(run.peer_state(), State::closed);
    EXPECT_EQ(run.result().exit_status, 0);
}

TEST_P(SessionIn, LeavesWhenAskedTo) {
    run.request.then = Then::leave;
    run.run();
    EXPECT_EQ(run.seen().segments.size(), 3U);
    EXPECT_EQ(run.peer_state(), State::established);
}

TEST_P(SessionIn, ResetsAPeerThatNeverCloses) {
    run.peer.application = SimApplication::discard;
    run.run();
    EXPECT_THAT(run.seen().dialogue().back(), StartsWith("> R"));
    EXPECT_EQ(run.result().exit_status, 0);
}

TEST_P(SessionIn, MeasuresTheRoundTrip) {
    run.network.latency = 25ms;
    run.run();
    EXPECT_EQ(run.result().rtt, Duration{50ms});
}

TEST_P(SessionIn, NumbersWhatItSees) {
    run.run();
    const HandshakeResult result = run.result();
    EXPECT_EQ(result.isn, Seq{1000});
    EXPECT_EQ(result.peer_isn, Seq{7000});
    EXPECT_EQ(result.negotiated.mss_send, GetParam() == Family::v4 ? 536U : 1220U);
}

}  // namespace
}  // namespace tcpcraft
