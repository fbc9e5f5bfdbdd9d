#include <tests/support/dialogue.hpp>

// RFC 9293 §3.10.7.4 in SYN-RECEIVED, reached from LISTEN and from SYN-SENT.

namespace tcpcraft::test {
namespace {

class SynReceived : public Dialogue {
protected:
    void SetUp() override { go_to(State::syn_received); }
};
TCPCRAFT_DIALOGUES(SynReceived);

TEST_P(SynReceived, EstablishesOnTheAckOfItsSyn) {  // RFC 9293 §3.10.7.4, fifth
    arrives(". 1:1(0) ack 1 win 300");
    enters(State::established);
    notifies(Notice::connection_established);
    EXPECT_EQ(tcb.snd.wnd, 300U);
    EXPECT_EQ(next_deadline(tcb), never);
}

TEST_P(SynReceived, EstablishesOnDataWithTheAck) {  // RFC 9293 §3.10.7.4, fifth and seventh
    arrives("P. 1:5(4) ack 1");
    enters(State::established);
    delivers(4);
    sends(". 1:1(0) ack 5");
}

TEST_P(SynReceived, GoesThroughEstablishedToCloseWaitOnAFin) {  // RFC 9293 §3.10.7.4, eighth
    arrives("F. 1:1(0) ack 1");
    enters(State::established);
    sends(". 1:1(0) ack 2");
    enters(State::close_wait);
}

TEST_P(SynReceived, ResetsAnAckOfTheIss) {  // RFC 9293 §3.10.7.4, fifth: SND.UNA < SEG.ACK
    arrives(". 1:1(0) ack 0");
    sends("R 0:0(0)");
    stays();
}

TEST_P(SynReceived, ResetsAnAckOfWhatWasNotSent) {  // RFC 9293 §3.10.7.4, fifth
    arrives(". 1:1(0) ack 2");
    sends("R 2:2(0)");
    discards(DiscardReason::ack_unacceptable, Rule::ack_bad_in_syn_received);
    stays();
}

TEST_P(SynReceived, DropsASegmentWithoutAck) {  // RFC 9293 §3.10.7.4, fifth
    arrives("P 1:3(2)");
    discards(DiscardReason::ack_missing);
    stays();
}

TEST_P(SynReceived, ReturnsToListenOnAReset) {  // RFC 9293 §3.10.7.4, second (MUST-11)
    arrives("R 1:1(0)");
    enters(State::listen);
    EXPECT_TRUE(tcb.id.remote.address.is_unspecified());
    EXPECT_EQ(tcb.id.remote.port, Port{});
    EXPECT_EQ(next_deadline(tcb), never);
}

TEST_P(SynReceived, ChallengesAResetInsideTheWindow) {  // RFC 5961 §3.2
    arrives("R 2:2(0)");
    sends(". 1:1(0) ack 1");
    discards(DiscardReason::reset_ignored, Rule::rst_challenge);
    stays();
}

TEST_P(SynReceived, IgnoresAResetOutsideTheWindow) {  // RFC 9293 §3.10.7.4, first
    arrives("R 0:0(0)");
    discards(DiscardReason::reset_out_of_window);
    stays();
}

TEST_P(SynReceived, ReturnsToListenOnAnotherSyn) {  // RFC 9293 §3.10.7.4, fourth (MUST-11)
    arrives("S 100:100(0)");
    enters(State::listen);
    acts_by(Rule::syn_returns_to_listen);
}

TEST_P(SynReceived, AcknowledgesAnOldSyn) {  // RFC 9293 §3.10.7.4, first
    arrives("S 4294967000:4294967000(0)");
    sends(". 1:1(0) ack 1");
    discards(DiscardReason::sequence_unacceptable);
    stays();
}

TEST_P(SynReceived, RepeatsTheSynAckForTheSameSyn) {  // RFC 9293 §3.10.7.4, first
    arrives("S 0:0(0) win 65535 <mss 1460>");
    sends("S. 0:0(0) ack 1");
    acts_by(Rule::syn_repeated);
}

TEST_P(SynReceived, AcknowledgesTheSameSynToTheLetter) {  // RFC 9293 §3.10.7.4, first
    policy.repeat_syn_ack = false;
    arrives("S 0:0(0) win 65535 <mss 1460>");
    sends(". 1:1(0) ack 1");
}

TEST_P(SynReceived, RepeatsTheSynAckUntilItGivesUp) {  // RFC 6298 §5; RFC 9293 §3.8.3
    policy.syn_retransmissions = 2;
    after(1s);
    sends("S. 0:0(0) ack 1");
    after(2s);
    sends("S. 0:0(0) ack 1");
    after(4s);
    enters(State::closed);
    notifies(Notice::connection_aborted_retransmissions);
}

TEST_P(SynReceived, CloseSendsAFin) {  // RFC 9293 §3.10.4
    close();
    sends("F. 1:1(0) ack 1");
    enters(State::fin_wait_1);
    arrives(". 1:1(0) ack 2");
    enters(State::fin_wait_2);
}

TEST_P(SynReceived, RepeatsTheSynBeforeTheFin) {  // RFC 6298 §5: the earliest not acknowledged
    close();
    sends("F. 1:1(0) ack 1");
    enters(State::fin_wait_1);
    after(1s);
    sends("S. 0:0(0) ack 1");
    arrives(". 1:1(0) ack 1");
    after(3s);
    sends("F. 1:1(0) ack 1");
}

TEST_P(SynReceived, CloseWaitsForQueuedData) {  // RFC 9293 §3.10.4
    send("data");
    close();
    stays();
    arrives(". 1:1(0) ack 1");
    enters(State::established);
    sends("FP. 1:5(4) ack 1");
    enters(State::fin_wait_1);
}

TEST_P(SynReceived, CloseWaitsForRoomBesideTheSyn) {  // RFC 9293 §3.10.4, §3.4: both are numbered
    tcb.snd.wnd = 1;
    close();
    stays();
    arrives(". 1:1(0) ack 1 win 100");
    enters(State::established);
    sends("F. 1:1(0) ack 1");
    enters(State::fin_wait_1);
}

TEST_P(SynReceived, AbortResets) {  // RFC 9293 §3.10.5
    abort();
    sends("R 1:1(0)");
    enters(State::closed);
}

TEST_P(SynReceived, EstablishesOnTheSynInTheTwoWayModel) {  // against RFC 9293 §3.5, on purpose
    arrives("R 1:1(0)");
    enters(State::listen);
    policy.deviations.two_way_handshake = true;
    arrives("S 0:0(0) win 100");
    ASSERT_EQ(tcb.state, State::established);
    acts_by(Rule::two_way_handshake);
    EXPECT_EQ(tcb.snd.una, tcb.snd.nxt);
    EXPECT_EQ(next_deadline(tcb), never);
    enters(State::established);
    EXPECT_NE(next_transmit(), nullptr);
}

class SynReceivedActively : public Dialogue {
protected:
    void SetUp() override {
        go_to(State::syn_sent);
        arrives("S 0:0(0) win 500");
        sends("S. 0:0(0) ack 1");
        enters(State::syn_received);
    }
};
TCPCRAFT_DIALOGUES(SynReceivedActively);

TEST_P(SynReceivedActively, EstablishesOnThePeersSynAck) {  // RFC 9293 §3.5 Fig. 7 (MUST-10)
    arrives("S. 0:0(0) ack 1 win 500");
    enters(State::established);
    notifies(Notice::connection_established);
    says_nothing();
}

TEST_P(SynReceivedActively, EstablishesOnAnAck) {  // RFC 9293 §A.2
    arrives(". 1:1(0) ack 1 win 500");
    enters(State::established);
}

TEST_P(SynReceivedActively, IsRefusedByAReset) {  // RFC 9293 §3.10.7.4, second (MUST-11)
    arrives("R 1:1(0)");
    notifies(Notice::connection_refused);
    enters(State::closed);
}

TEST_P(SynReceivedActively, ChallengesAnotherSyn) {  // RFC 9293 §3.10.7.4, fourth; RFC 5961 §4.2
    arrives("S 100:100(0)");
    sends(". 1:1(0) ack 1");
    discards(DiscardReason::syn_unexpected, Rule::syn_challenge);
    stays();
}

}  // namespace
}  // namespace tcpcraft::test
