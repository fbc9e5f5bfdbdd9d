#include <tests/support/dialogue.hpp>

// RFC 9293 §3.10.7.3: SEGMENT ARRIVES in SYN-SENT.

namespace tcpcraft::test {
namespace {

class SynSent : public Dialogue {
protected:
    void SetUp() override { go_to(State::syn_sent); }
};
TCPCRAFT_DIALOGUES(SynSent);

TEST_P(SynSent, AcknowledgesTheSynAckAndEstablishes) {  // RFC 9293 §3.10.7.3, fourth
    arrives("S. 0:0(0) ack 1 win 65535 <mss 1460>");
    sends(". 1:1(0) ack 1");
    enters(State::established);
    notifies(Notice::connection_established);
    EXPECT_EQ(next_deadline(tcb), never);
}

TEST_P(SynSent, ResetsAnAckOfWhatWasNeverSent) {  // RFC 9293 §3.10.7.3, first
    arrives("S. 0:0(0) ack 2");
    sends("R 2:2(0)");
    stays();
}

TEST_P(SynSent, ResetsAnAckOfTheIssItself) {  // RFC 9293 §3.10.7.3, first: SEG.ACK =< ISS
    arrives("S. 0:0(0) ack 0");
    sends("R 0:0(0)");
    stays();
}

TEST_P(SynSent, DropsAResetWithABadAck) {  // RFC 9293 §3.10.7.3, first
    arrives("R. 0:0(0) ack 2");
    discards(DiscardReason::ack_unacceptable);
    stays();
}

TEST_P(SynSent, DropsAResetWithoutAck) {  // RFC 9293 §3.10.7.3, second
    arrives("R 0:0(0)");
    discards(DiscardReason::reset_ignored, Rule::syn_sent_discards_bad_rst);
    stays();
}

TEST_P(SynSent, EndsAtAResetThatAcknowledgesTheSyn) {  // RFC 9293 §3.10.7.3, second
    arrives("R. 0:0(0) ack 1");
    notifies(Notice::connection_reset);
    enters(State::closed);
}

TEST_P(SynSent, AnswersASynWithSynAck) {  // RFC 9293 §3.5 (MUST-10), §3.10.7.3, fourth
    arrives("S 0:0(0) win 500");
    sends("S. 0:0(0) ack 1");
    enters(State::syn_received);
    EXPECT_FALSE(tcb.opened_passively);
    EXPECT_EQ(tcb.snd.wnd, 500U);
}

TEST_P(SynSent, DropsAnAckWithoutSyn) {  // RFC 9293 §3.10.7.3, fifth
    arrives(". 0:0(0) ack 1");
    discards(DiscardReason::nothing_for_this_state);
    stays();
}

TEST_P(SynSent, RepeatsTheSynWithDoublingTimeout) {  // RFC 6298 §5 (MUST-22)
    after(999999us);
    says_nothing();
    after(1us);
    sends("S 0:0(0)");
    after(2s);
    sends("S 0:0(0)");
    after(4s);
    sends("S 0:0(0)");
    EXPECT_EQ(next_deadline(tcb), now + 8s);
}

TEST_P(SynSent, GivesUpAfterThreeMinutes) {  // RFC 9293 §3.8.3 (MUST-23)
    const Instant began = now;
    while (tcb.state == State::syn_sent) {
        wait_for_timer();
        if (tcb.state == State::syn_sent) {
            sends("S 0:0(0)");
        }
    }
    enters(State::closed);
    notifies(Notice::connection_aborted_retransmissions);
    EXPECT_GE(now - began, 3min);
}

TEST_P(SynSent, StartsDataWithThreeSecondsAfterALostSyn) {  // RFC 6298 (5.7)
    after(1s);
    sends("S 0:0(0)");
    arrives("S. 0:0(0) ack 1 win 65535");
    sends(". 1:1(0) ack 1");
    enters(State::established);
    EXPECT_EQ(tcb.rto.value(), 3s);
}

TEST_P(SynSent, SendsQueuedDataWithTheAck) {  // RFC 9293 §3.10.7.3, fourth
    send("hello");
    arrives("S. 0:0(0) ack 1 win 65535");
    sends("P. 1:6(5) ack 1");
    enters(State::established);
}

TEST_P(SynSent, DeliversTextOfTheSynAck) {  // RFC 9293 §3.10.7.3, fourth: on to the sixth step
    arrives("S. 0:3(3) ack 1 win 65535");
    sends(". 1:1(0) ack 4");
    enters(State::established);
    delivers(3);
}

TEST_P(SynSent, CloseSaysNothing) {  // RFC 9293 §3.10.4
    close();
    enters(State::closed);
}

TEST_P(SynSent, AbortSaysNothing) {  // RFC 9293 §3.10.5
    abort();
    enters(State::closed);
}

TEST_P(SynSent, CannotBeOpenedAgain) {  // RFC 9293 §3.10.1
    active_open();
    notifies(Notice::connection_already_exists);
    stays();
}

class SynWithData : public Dialogue {
protected:
    void SetUp() override {
        static constexpr std::array<std::byte, 3> data{};
        call(ActiveOpen{.id = id, .iss = GetParam().iss, .syn_data = data});
        sends("S 0:3(3)");
        enters(State::syn_sent);
    }
};
TCPCRAFT_DIALOGUES(SynWithData);

TEST_P(SynWithData, IsAcknowledgedWhole) {  // RFC 9293 §3.10.7.3: SND.UNA < SEG.ACK =< SND.NXT
    arrives("S. 0:0(0) ack 4 win 1000");
    sends(". 4:4(0) ack 1");
    enters(State::established);
}

TEST_P(SynWithData, IsSentAnewWhenOnlyTheSynIsAcknowledged) {  // RFC 9293 §3.10.7.3
    arrives("S. 0:0(0) ack 1 win 1000");
    sends("P. 1:4(3) ack 1");
    enters(State::established);
}

TEST_P(SynWithData, IsRepeatedWithTheSyn) {  // RFC 6298 §5
    after(1s);
    sends("S 0:3(3)");
}

}  // namespace
}  // namespace tcpcraft::test
