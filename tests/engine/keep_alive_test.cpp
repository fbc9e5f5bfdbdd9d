#include <tests/support/dialogue.hpp>

// RFC 9293 §3.8.4: keep-alive.

namespace tcpcraft::test {
namespace {

class Alive : public Dialogue {};
TCPCRAFT_DIALOGUES(Alive);

TEST_P(Alive, IsOffByDefault) {  // RFC 9293 §3.8.4 (MUST-25)
    establish();
    EXPECT_EQ(next_deadline(tcb), never);
}

TEST_P(Alive, ProbesAfterTwoHoursAndGivesUpAfterTenProbes) {  // §3.8.4 (MUST-28, MUST-29)
    policy.keep_alive = KeepAlive{};
    establish();
    const Instant idle_since = now;
    after(2h - 1us);
    says_nothing();
    after(1us);
    sends(". 0:0(0) ack 1");
    for (int probe = 2; probe <= 10; ++probe) {
        after(75s);
        sends(". 0:0(0) ack 1");
    }
    after(75s);
    enters(State::closed);
    notifies(Notice::connection_aborted_keep_alive);
    EXPECT_EQ(now - idle_since, 7950s);
}

TEST_P(Alive, IsSwitchedOnAndSetByTheApplication) {  // §3.8.4 (MAY-5, MUST-24, MUST-27)
    policy.keep_alive = KeepAlive{.idle = 10s, .interval = 2s, .count = 3};
    establish();
    after(10s);
    sends(". 0:0(0) ack 1");
    acts_by(Rule::keep_alive_probe);
    after(2s);
    sends(". 0:0(0) ack 1");
    policy.keep_alive.reset();
    after(2s);
    says_nothing();
    EXPECT_EQ(next_deadline(tcb), never);
}

TEST_P(Alive, EndsWithTheThirdProbeOfThree) {  // RFC 9293 §3.8.4 (MUST-29)
    policy.keep_alive = KeepAlive{.idle = 10s, .interval = 2s, .count = 3, .octet = true};
    establish();
    after(10s);
    sends(". 0:1(1) ack 1");
    after(2s);
    sends(". 0:1(1) ack 1");
    after(2s);
    sends(". 0:1(1) ack 1");
    EXPECT_EQ(tcb.state, State::established);
    after(2s);
    enters(State::closed);
    acts_by(Rule::keep_alive_dead);
}

TEST_P(Alive, IsProbedByHandInASynchronizedStateOnly) {  // RFC 9293 §3.8.4
    call(ProbeKeepAlive{});
    notifies(Notice::connection_does_not_exist);
    go_to(State::syn_sent);
    call(ProbeKeepAlive{});
    notifies(Notice::connection_does_not_exist);
    stays();
}

TEST_P(Alive, AnyAnswerStartsAnew) {  // RFC 9293 §3.8.4 (MUST-26)
    policy.keep_alive = KeepAlive{};
    establish();
    after(2h);
    sends(". 0:0(0) ack 1");
    arrives(". 1:1(0) ack 1");
    EXPECT_EQ(tcb.probes, 0);
    EXPECT_EQ(next_deadline(tcb), now + 2h);
}

TEST_P(Alive, DoesNotProbeWithDataOutstanding) {  // RFC 9293 §3.8.4 (MUST-26)
    policy.keep_alive = KeepAlive{.idle = 100ms};
    establish();
    send("x");
    sends("P. 1:2(1) ack 1");
    after(100ms);
    says_nothing();
    arrives(". 1:1(0) ack 2");
    after(100ms);
    sends(". 1:1(0) ack 1");
}

TEST_P(Alive, LeavesTheTimersOfWhatIsOutstandingAlone) {  // RFC 9293 §3.8.4 (MUST-26)
    policy.keep_alive = KeepAlive{.idle = 10s};
    establish();
    send("x");
    sends("P. 1:2(1) ack 1");
    arrives("P. 1:2(1) ack 1");
    delivers(1);
    sends(". 2:2(0) ack 2");
    EXPECT_EQ(tcb.timers.at(Timer::keep_alive), std::nullopt);
    after(1s);
    sends("P. 1:2(1) ack 2");
}

TEST_P(Alive, LeavesTheProbesOfAClosedWindowAlone) {  // RFC 9293 §3.8.4 (MUST-26)
    policy.keep_alive = KeepAlive{.idle = 10s};
    establish();
    arrives(". 1:1(0) ack 1 win 0");
    send("x");
    arrives("P. 1:2(1) ack 1 win 0");
    delivers(1);
    sends(". 1:1(0) ack 2");
    EXPECT_EQ(tcb.timers.at(Timer::keep_alive), std::nullopt);
    after(1s);
    sends("P. 1:2(1) ack 2");
    acts_by(Rule::zero_window_probe);
}

TEST_P(Alive, ProbesDoNotCountForAClosedWindow) {  // RFC 9293 §3.8.6.1 (MUST-36)
    policy.keep_alive = KeepAlive{.idle = 10s, .interval = 1s};
    policy.retransmissions = 3;
    establish();
    arrives(". 1:1(0) ack 1 win 0");
    for (const Duration quiet : {10s, 1s, 1s}) {
        after(quiet);
        sends(". 0:0(0) ack 1");
    }
    send("x");
    for (int probe = 0; probe < 3; ++probe) {
        wait_for_timer();
        sends("P. 1:2(1) ack 1");
        acts_by(Rule::zero_window_probe);
    }
    wait_for_timer();
    enters(State::closed);
}

TEST_P(Alive, CarriesAnOctetIfAsked) {  // RFC 9293 §3.8.4 (SHLD-12, MAY-6)
    establish();
    call(ProbeKeepAlive{.octet = true});
    sends(". 0:1(1) ack 1");
    call(ProbeKeepAlive{});
    sends(". 0:0(0) ack 1");
}

TEST_P(Alive, ProbeIsAnsweredAndItsOctetNotDelivered) {  // RFC 9293 §3.10.7.4, first
    establish();
    arrives(". 0:1(1) ack 1");
    sends(". 1:1(0) ack 1");
    stays();
}

TEST_P(Alive, ResetOfARestartedPeerEndsIt) {  // RFC 9293 §3.5.1
    policy.keep_alive = KeepAlive{};
    establish();
    after(2h);
    sends(". 0:0(0) ack 1");
    arrives("R 1:1(0)");
    notifies(Notice::connection_reset);
    enters(State::closed);
}

}  // namespace
}  // namespace tcpcraft::test
