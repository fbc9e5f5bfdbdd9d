#include <tests/support/dialogue.hpp>

// RFC 9293 §3.6, §3.10.7.4: FIN-WAIT-1, FIN-WAIT-2, CLOSE-WAIT, CLOSING and LAST-ACK.

namespace tcpcraft::test {
namespace {

class FinWait1 : public Dialogue {
protected:
    void SetUp() override { go_to(State::fin_wait_1); }
};
TCPCRAFT_DIALOGUES(FinWait1);

TEST_P(FinWait1, AckOfTheFinLeadsToFinWait2) {  // RFC 9293 §3.10.7.4, fifth
    arrives(". 1:1(0) ack 2");
    enters(State::fin_wait_2);
    notifies(Notice::connection_closed);
    EXPECT_EQ(next_deadline(tcb), never);
}

TEST_P(FinWait1, FinWithoutAckOfOursLeadsToClosing) {  // RFC 9293 §3.10.7.4, eighth
    arrives("F. 1:1(0) ack 1");
    sends(". 2:2(0) ack 2");
    enters(State::closing);
    notifies(Notice::connection_closing);
}

TEST_P(FinWait1, FinWithAckOfOursLeadsToTimeWait) {  // RFC 9293 §3.3.2 Fig. 5, note 2
    arrives("F. 1:1(0) ack 2");
    enters(State::fin_wait_2);
    sends(". 2:2(0) ack 2");
    enters(State::time_wait);
}

TEST_P(FinWait1, StillDelivers) {  // RFC 9293 §3.6: CLOSE means no more to send
    arrives("P. 1:4(3) ack 2");
    enters(State::fin_wait_2);
    delivers(3);
    sends(". 2:2(0) ack 4");
}

TEST_P(FinWait1, RepeatsTheFin) {  // RFC 6298 §5
    after(1s);
    sends("F. 1:1(0) ack 1");
    after(2s);
    sends("F. 1:1(0) ack 1");
}

TEST_P(FinWait1, CallsAreTooLate) {  // RFC 9293 §3.10.2, §3.10.4
    send("x");
    notifies(Notice::connection_closing);
    close();
    notifies(Notice::connection_closing);
    stays();
}

TEST_P(FinWait1, AbortResets) {  // RFC 9293 §3.10.5
    abort();
    sends("R 2:2(0)");
    enters(State::closed);
}

TEST_P(FinWait1, ResetsDataAfterAHalfDuplexClose) {  // RFC 9293 §3.6.1 (MAY-1, SHLD-3)
    policy.half_duplex_close = true;
    arrives("P. 1:4(3) ack 1");
    sends("R 2:2(0)");
    acts_by(Rule::data_after_close);
    enters(State::closed);
}

TEST_P(FinWait1, ResetEndsIt) {  // RFC 9293 §3.10.7.4, second
    arrives("R 1:1(0)");
    notifies(Notice::connection_reset);
    enters(State::closed);
}

class FinWait2 : public Dialogue {
protected:
    void SetUp() override { go_to(State::fin_wait_2); }
};
TCPCRAFT_DIALOGUES(FinWait2);

TEST_P(FinWait2, FinLeadsToTimeWait) {  // RFC 9293 §3.10.7.4, eighth
    arrives("F. 1:1(0) ack 2");
    sends(". 2:2(0) ack 2");
    enters(State::time_wait);
    notifies(Notice::connection_closing);
    EXPECT_EQ(next_deadline(tcb), now + 4min);
}

TEST_P(FinWait2, DeliversAndAcknowledges) {  // RFC 9293 §3.6: half-closed
    arrives("P. 1:9(8) ack 2");
    delivers(8);
    sends(". 2:2(0) ack 9");
}

TEST_P(FinWait2, WaitsForeverUnlessToldNotTo) {  // RFC 9293 §3.6.1
    EXPECT_EQ(next_deadline(tcb), never);
}

TEST_P(FinWait2, AbortResets) {  // RFC 9293 §3.10.5
    abort();
    sends("R 2:2(0)");
    enters(State::closed);
}

class FinWait2Limited : public Dialogue {};
TCPCRAFT_DIALOGUES(FinWait2Limited);

TEST_P(FinWait2Limited, EndsWhenItsTimeIsOver) {  // RFC 9293 §3.6.1
    policy.fin_wait_2 = 60s;
    go_to(State::fin_wait_2);
    after(60s);
    enters(State::closed);
    acts_by(Rule::fin_wait_2_over);
}

class CloseWait : public Dialogue {
protected:
    void SetUp() override { go_to(State::close_wait); }
};
TCPCRAFT_DIALOGUES(CloseWait);

TEST_P(CloseWait, MaySendYet) {  // RFC 9293 §3.10.2
    send("more");
    sends("P. 1:5(4) ack 2");
    arrives(". 2:2(0) ack 5");
    EXPECT_EQ(tcb.snd.una, tcb.snd.nxt);
}

TEST_P(CloseWait, CloseLeadsToLastAck) {  // RFC 9293 §3.10.4
    close();
    sends("F. 1:1(0) ack 2");
    enters(State::last_ack);
}

TEST_P(CloseWait, CloseWaitsUntilAllIsSent) {  // RFC 9293 §3.10.4
    arrives(". 2:2(0) ack 1 win 2");
    send("abc");
    sends(". 1:3(2) ack 2");
    close();
    EXPECT_EQ(tcb.state, State::close_wait);
    close();
    notifies(Notice::connection_closing);
    arrives(". 2:2(0) ack 3 win 9");
    sends("FP. 3:4(1) ack 2");
    enters(State::last_ack);
}

TEST_P(CloseWait, AcknowledgesARepeatedFin) {  // RFC 9293 §3.10.7.4, first
    arrives("F. 1:1(0) ack 1");
    sends(". 1:1(0) ack 2");
    stays();
}

TEST_P(CloseWait, IgnoresText) {  // RFC 9293 §3.10.7.4, seventh
    arrives("P. 2:5(3) ack 1");
    discards(DiscardReason::text_after_fin, Rule::text_ignored);
    stays();
}

TEST_P(CloseWait, ResetEndsIt) {  // RFC 9293 §3.10.7.4, second
    arrives("R 2:2(0)");
    notifies(Notice::connection_reset);
    enters(State::closed);
}

TEST_P(CloseWait, AbortResets) {  // RFC 9293 §3.10.5
    abort();
    sends("R 1:1(0)");
    enters(State::closed);
}

class Closing : public Dialogue {
protected:
    void SetUp() override { go_to(State::closing); }
};
TCPCRAFT_DIALOGUES(Closing);

TEST_P(Closing, AckOfTheFinLeadsToTimeWait) {  // RFC 9293 §3.10.7.4, fifth
    arrives(". 2:2(0) ack 2");
    enters(State::time_wait);
    EXPECT_EQ(next_deadline(tcb), now + 4min);
}

TEST_P(Closing, AckOfLessIsIgnored) {  // RFC 9293 §3.10.7.4, fifth
    arrives(". 2:2(0) ack 1");
    stays();
}

TEST_P(Closing, RepeatsTheFin) {  // RFC 6298 §5
    after(1s);
    sends("F. 1:1(0) ack 2");
}

TEST_P(Closing, ResetEndsItWithoutAWord) {  // RFC 9293 §3.10.7.4, second
    arrives("R 2:2(0)");
    enters(State::closed);
}

TEST_P(Closing, AbortSaysNothing) {  // RFC 9293 §3.10.5
    abort();
    enters(State::closed);
}

class LastAck : public Dialogue {
protected:
    void SetUp() override { go_to(State::last_ack); }
};
TCPCRAFT_DIALOGUES(LastAck);

TEST_P(LastAck, AckOfTheFinLeadsToClosed) {  // RFC 9293 §3.10.7.4, fifth
    arrives(". 2:2(0) ack 2");
    enters(State::closed);
    notifies(Notice::connection_closed);
    EXPECT_EQ(next_deadline(tcb), never);
}

TEST_P(LastAck, RepeatsTheFinUntilR2) {  // RFC 6298 §5; RFC 9293 §3.8.3
    policy.retransmissions = 2;
    after(1s);
    sends("F. 1:1(0) ack 2");
    after(2s);
    sends("F. 1:1(0) ack 2");
    after(4s);
    enters(State::closed);
    notifies(Notice::connection_aborted_retransmissions);
}

TEST_P(LastAck, ResetEndsIt) {  // RFC 9293 §3.10.7.4, second: the peer has no TIME-WAIT
    arrives("R 2:2(0)");
    enters(State::closed);
}

TEST_P(LastAck, AbortSaysNothing) {  // RFC 9293 §3.10.5
    abort();
    enters(State::closed);
}

}  // namespace
}  // namespace tcpcraft::test
