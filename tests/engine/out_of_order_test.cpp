#include <tests/support/dialogue.hpp>

// RFC 9293 §3.10.7.4, seventh and eighth (SHLD-31), RFC 2018 §4: what arrives ahead of a gap.

namespace tcpcraft::test {
namespace {

class OutOfOrder : public Dialogue {
protected:
    void SetUp() override { establish(); }
};
TCPCRAFT_DIALOGUES(OutOfOrder);

TEST_P(OutOfOrder, AFinWaitsUntilTheGapFills) {  // RFC 9293 §3.10.7.4, eighth (SHLD-31)
    arrives("F. 3:3(0) ack 1");
    sends(". 1:1(0) ack 1");
    stays();
    arrives("P. 1:3(2) ack 1");
    delivers(2);
    sends(". 1:1(0) ack 4");
    enters(State::close_wait);
    notifies(Notice::connection_closing);
}

TEST_P(OutOfOrder, AFinWaitsWithItsText) {  // RFC 9293 §3.10.7.4, eighth (SHLD-31)
    arrives("FP. 3:5(2) ack 1");
    sends(". 1:1(0) ack 1");
    arrives("P. 1:3(2) ack 1");
    delivers(2);
    delivers(2);
    sends(". 1:1(0) ack 6");
    enters(State::close_wait);
}

TEST_P(OutOfOrder, AFinBeyondTheWindowIsNotKept) {  // RFC 9293 §3.4: the FIN has a number
    tcb.rcv.wnd = 10;
    arrives("FP. 2:11(9) ack 1");
    sends(". 1:1(0) ack 1");
    arrives("P. 1:2(1) ack 1");
    delivers(1);
    delivers(9);
    sends(". 1:1(0) ack 11");
    stays();
}

TEST_P(OutOfOrder, OfTwoFinsTheFirstCounts) {
    arrives("F. 3:3(0) ack 1");
    sends(". 1:1(0) ack 1");
    arrives("F. 2:2(0) ack 1");
    sends(". 1:1(0) ack 1");
    arrives("P. 1:2(1) ack 1");
    delivers(1);
    sends(". 1:1(0) ack 2");
    stays();
    arrives("P. 2:3(1) ack 1");
    delivers(1);
    sends(". 1:1(0) ack 4");
    enters(State::close_wait);
}

TEST_P(OutOfOrder, AFinThatTextRunsOverIsForgotten) {  // RFC 9293 §3.10.7.4, eighth
    arrives("F. 3:3(0) ack 1");
    sends(". 1:1(0) ack 1");
    arrives("P. 1:6(5) ack 1");
    delivers(5);
    sends(". 1:1(0) ack 6");
    arrives("F. 8:8(0) ack 1");
    sends(". 1:1(0) ack 6");
    arrives("P. 6:8(2) ack 1");
    delivers(2);
    sends(". 1:1(0) ack 9");
    enters(State::close_wait);
}

TEST_P(OutOfOrder, TextWithoutAckAtAZeroWindowEarnsAnAck) {  // RFC 9293 §3.10.7.4, first
    tcb.rcv.wnd = 0;
    arrives("P 1:2(1)");
    sends(". 1:1(0) ack 1");
    discards(DiscardReason::sequence_unacceptable);
}

TEST_P(OutOfOrder, ResetsForgetWhatWaits) {  // RFC 9293 §3.10.7.4, second
    arrives("FP. 3:5(2) ack 1");
    sends(". 1:1(0) ack 1");
    arrives("R 1:1(0)");
    enters(State::closed);
    EXPECT_EQ(tcb.buffers.peek(), nullptr);
}

TEST_P(OutOfOrder, AnOldAckIsIgnoredAndTheTextCounts) {  // RFC 9293 §3.10.7.4, fifth
    send("ab");
    sends("P. 1:3(2) ack 1");
    arrives(". 1:1(0) ack 3");
    stays();
    arrives("P. 1:2(1) ack 2");
    discards(DiscardReason::ack_duplicate, Rule::ack_duplicate);
    delivers(1);
    sends(". 3:3(0) ack 2");
}

class FinOnSyn : public Dialogue {};
TCPCRAFT_DIALOGUES(FinOnSyn);

TEST_P(FinOnSyn, WaitsForTheHandshake) {  // RFC 9293 §3.10.7.2, third: processed later
    passive_open();
    enters(State::listen);
    arrives("SF 0:0(0)");
    sends("S. 0:0(0) ack 1");
    enters(State::syn_received);
    arrives(". 2:2(0) ack 1");
    enters(State::established);
    sends(". 1:1(0) ack 2");
    enters(State::close_wait);
}

class WithSack : public Dialogue {
protected:
    void SetUp() override {
        policy.syn_options = {SackPermitted{}};
        active_open();
        sends("S 0:0(0) <sackOK>");
        enters(State::syn_sent);
        arrives("S. 0:0(0) ack 1 <sackOK>");
        enters(State::established);
        sends(". 1:1(0) ack 1");
    }
};
TCPCRAFT_DIALOGUES(WithSack);

TEST_P(WithSack, NamesTheNewestBlockFirst) {  // RFC 2018 §4
    arrives("P. 11:13(2) ack 1");
    sends(". 1:1(0) ack 1 <nop,nop,sack 11:13>");
    arrives("P. 5:7(2) ack 1");
    sends(". 1:1(0) ack 1 <nop,nop,sack 5:7 11:13>");
    arrives("P. 13:14(1) ack 1");
    sends(". 1:1(0) ack 1 <nop,nop,sack 11:14 5:7>");
    arrives("P. 1:5(4) ack 1");
    delivers(4);
    delivers(2);
    sends(". 1:1(0) ack 7 <nop,nop,sack 11:14>");
}

TEST_P(WithSack, NamesBlocksBesideDataOfOurOwn) {  // RFC 2018 §4
    tcb.snd.wnd = 0;
    send("ab");
    arrives("P. 5:7(2) ack 1 win 100");  // opens the window, behind a gap
    sends(". 1:1(0) ack 1 <nop,nop,sack 5:7>");
    sends("P. 1:3(2) ack 1");
}

TEST_P(WithSack, NamesFourAtMost) {  // RFC 2018 §3: 40 octets of options
    for (const char* segment :
         {"P. 3:4(1) ack 1", "P. 5:6(1) ack 1", "P. 7:8(1) ack 1", "P. 9:10(1) ack 1"}) {
        arrives(segment);
        ASSERT_NE(next_transmit(), nullptr);
    }
    arrives("P. 11:12(1) ack 1");
    sends(". 1:1(0) ack 1 <nop,nop,sack 11:12 3:4 5:6 7:8>");
}

class ManyLosses : public Dialogue {
protected:
    void SetUp() override { establish(); }
};
TCPCRAFT_DIALOGUES(ManyLosses);

TEST_P(ManyLosses, TellTheUserAtR1AndGoOn) {  // RFC 9293 §3.8.3 (MUST-20, SHLD-9, SHLD-10)
    send("a");
    sends("P. 1:2(1) ack 1");
    for (int i = 0; i < 2; ++i) {
        wait_for_timer();
        sends("P. 1:2(1) ack 1");
        EXPECT_EQ(actions.size(), 1U);
    }
    wait_for_timer();
    sends("P. 1:2(1) ack 1");
    notifies(Notice::excessive_retransmissions);
    acts_by(Rule::retransmission_advice);
    stays();
}

}  // namespace
}  // namespace tcpcraft::test
