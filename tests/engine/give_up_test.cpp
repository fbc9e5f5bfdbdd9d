#include <tests/support/dialogue.hpp>

// RFC 9293 §3.8.3, §3.9.1.1, §3.6: how a connection ends when nobody answers, and what is said.

namespace tcpcraft::test {
namespace {

class GivesUp : public Dialogue {};
TCPCRAFT_DIALOGUES(GivesUp);

TEST_P(GivesUp, WhenTheApplicationSaysSo) {  // RFC 9293 §3.8.3 (MUST-21)
    policy.retransmissions = 3;
    establish();
    send("x");
    sends("P. 1:2(1) ack 1");
    for (const Duration wait : {1s, 2s, 4s}) {
        after(wait);
        sends("P. 1:2(1) ack 1");
    }
    after(8s);
    notifies(Notice::connection_aborted_retransmissions);
    enters(State::closed);
    acts_by(Rule::retransmission_gives_up);
}

TEST_P(GivesUp, AfterAWarningAtTheThirdRetransmission) {  // §3.8.3 (MUST-20, SHLD-9, SHLD-10)
    establish();
    send("x");
    sends("P. 1:2(1) ack 1");
    for (const Duration wait : {1s, 2s}) {
        after(wait);
        sends("P. 1:2(1) ack 1");
        EXPECT_EQ(actions.size(), 1U);
    }
    after(4s);
    notifies(Notice::excessive_retransmissions);
    acts_by(Rule::retransmission_advice);
    sends("P. 1:2(1) ack 1");
    after(8s);
    sends("P. 1:2(1) ack 1");
    EXPECT_EQ(actions.size(), 1U);  // told once
}

TEST_P(GivesUp, OpeningPassivelyAsWell) {  // RFC 9293 §3.8.3 (MUST-22): the SYN,ACK
    go_to(State::syn_received);
    const Instant began = now;
    while (tcb.state == State::syn_received) {
        wait_for_timer();
        if (tcb.state == State::syn_received) {
            sends("S. 0:0(0) ack 1");
        }
    }
    enters(State::closed);
    notifies(Notice::connection_aborted_retransmissions);
    EXPECT_GE(now - began, 3min);
}

TEST_P(GivesUp, AtTheUserTimeoutThatAnAckPutsOff) {  // RFC 9293 §3.9.1.1
    policy.user_timeout = 5s;
    establish();
    send("ab");
    sends("P. 1:3(2) ack 1");
    now += 900ms;
    arrives(". 1:1(0) ack 2");
    after(4999999us);
    EXPECT_EQ(tcb.state, State::established);
    (void)next_transmit();
    after(1us);
    notifies(Notice::connection_aborted_user_timeout);
    enters(State::closed);
}

TEST_P(GivesUp, AtAWindowThatStaysClosedWhenNoProbeIsAnswered) {  // RFC 9293 §3.8.6.1
    policy.retransmissions = 2;
    active_open();
    sends("S 0:0(0)");
    enters(State::syn_sent);
    arrives("S. 0:0(0) ack 1 win 0");
    enters(State::established);
    sends(". 1:1(0) ack 1");
    send("x");
    while (tcb.state == State::established) {
        wait_for_timer();
        (void)next_transmit();
    }
    notifies(Notice::connection_aborted_retransmissions);
    enters(State::closed);
}

TEST_P(GivesUp, AndTellsAnAbortFromAClose) {  // RFC 9293 §3.6 (MUST-12)
    establish();
    arrives("F. 1:1(0) ack 1");
    sends(". 1:1(0) ack 2");
    notifies(Notice::connection_closing);
    enters(State::close_wait);
    tcb = Tcb{};
    establish();
    arrives("R 1:1(0)");
    notifies(Notice::connection_reset);
    enters(State::closed);
}

}  // namespace
}  // namespace tcpcraft::test
