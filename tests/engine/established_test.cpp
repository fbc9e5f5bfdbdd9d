#include <tests/support/dialogue.hpp>

// RFC 9293 §3.10.7.4 in ESTABLISHED: the eight checks, and the calls of §3.10.2 to §3.10.5.

namespace tcpcraft::test {
namespace {

class Established : public Dialogue {
protected:
    void SetUp() override { establish(); }
};
TCPCRAFT_DIALOGUES(Established);

TEST_P(Established, DeliversAndAcknowledges) {  // RFC 9293 §3.10.7.4, seventh
    arrives("P. 1:11(10) ack 1");
    delivers(10);
    sends(". 1:1(0) ack 11");
    acts_by(Rule::text_accepted);
}

TEST_P(Established, SendsData) {  // RFC 9293 §3.10.2
    send("hello");
    sends("P. 1:6(5) ack 1");
    arrives(". 1:1(0) ack 6");
    EXPECT_EQ(next_deadline(tcb), never);
    EXPECT_EQ(tcb.snd.una, tcb.snd.nxt);
}

TEST_P(Established, AcceptsAtTheLastNumberOfTheWindow) {  // RFC 9293 §3.4 Table 5
    arrives(". 65535:65535(0) ack 1");
    says_nothing();
}

TEST_P(Established, AcknowledgesRightBehindTheWindow) {  // RFC 9293 §3.4 Table 5
    arrives(". 65536:65536(0) ack 1");
    sends(". 1:1(0) ack 1");
    discards(DiscardReason::sequence_unacceptable);
}

TEST_P(Established, AcknowledgesLeftOfTheWindow) {  // RFC 9293 §3.10.7.4, first: a probe
    arrives(". 0:0(0) ack 1");
    sends(". 1:1(0) ack 1");
    discards(DiscardReason::sequence_unacceptable);
}

TEST_P(Established, KeepsWhatComesOutOfOrder) {  // RFC 9293 §3.10.7.4, first (SHLD-31, MAY-13)
    arrives(". 11:21(10) ack 1");
    sends(". 1:1(0) ack 1");
    arrives(". 31:41(10) ack 1");
    sends(". 1:1(0) ack 1");
    arrives(". 21:31(10) ack 1");
    sends(". 1:1(0) ack 1");
    arrives(". 1:11(10) ack 1");
    delivers(10);
    delivers(30);
    sends(". 1:1(0) ack 41");
    EXPECT_TRUE(tcb.buffers.peek()->empty());
}

TEST_P(Established, TrimsWhatItHasAlready) {  // RFC 9293 §3.10.7.4, first
    arrives(". 1:11(10) ack 1");
    delivers(10);
    sends(". 1:1(0) ack 11");
    arrives(". 6:16(10) ack 1");
    delivers(5);
    sends(". 1:1(0) ack 16");
}

TEST_P(Established, TrimsWhatLiesBehindTheWindow) {  // RFC 9293 §3.10.7.4, first
    policy.rcv_wnd = 10;
    tcb.rcv.wnd = 10;
    arrives("F. 1:21(20) ack 1");
    delivers(10);
    sends(". 1:1(0) ack 11");
    stays();
}

TEST_P(Established, ResetAtRcvNxtEndsIt) {  // RFC 9293 §3.10.7.4, second; RFC 5961 §3.2
    arrives("R 1:1(0)");
    notifies(Notice::connection_reset);
    enters(State::closed);
    EXPECT_EQ(next_deadline(tcb), never);
}

TEST_P(Established, ResetWithDataEndsItToo) {  // RFC 9293 §3.5.3 (SHLD-2)
    arrives("R 1:4(3)");
    notifies(Notice::connection_reset);
    enters(State::closed);
}

TEST_P(Established, ResetInTheWindowIsChallenged) {  // RFC 5961 §3.2
    arrives("R 2:2(0)");
    sends(". 1:1(0) ack 1");
    discards(DiscardReason::reset_ignored, Rule::rst_challenge);
    stays();
}

TEST_P(Established, ResetAtTheLastNumberIsChallengedAndBehindItIgnored) {  // RFC 5961 §3.2
    arrives("R 65535:65535(0)");
    sends(". 1:1(0) ack 1");
    arrives("R 65536:65536(0)");
    discards(DiscardReason::reset_out_of_window);
    stays();
}

TEST_P(Established, ResetInTheWindowEndsItByTheOldRules) {  // RFC 793 §3.4
    policy.challenge_ack = false;
    arrives("R 2:2(0)");
    notifies(Notice::connection_reset);
    enters(State::closed);
}

TEST_P(Established, ChallengesAreSpaced) {  // RFC 5961 §7
    policy.challenge_spacing = 500ms;
    arrives("R 2:2(0)");
    sends(". 1:1(0) ack 1");
    now += 499ms;
    arrives("R 2:2(0)");
    says_nothing();
    discards(DiscardReason::reset_ignored);
    now += 1ms;
    arrives("R 2:2(0)");
    sends(". 1:1(0) ack 1");
}

TEST_P(Established, AnswersToEmptySegmentsOutsideTheWindowAreSpaced) {  // RFC 5961 §7
    policy.challenge_spacing = 500ms;
    arrives(". 0:0(0) ack 1");
    sends(". 1:1(0) ack 1");
    arrives(". 0:0(0) ack 1");
    says_nothing();
    discards(DiscardReason::sequence_unacceptable);
    arrives("P. 0:1(1) ack 1");  // text sent again: its ACK may have been lost
    sends(". 1:1(0) ack 1");
    now += 500ms;
    arrives(". 0:0(0) ack 1");
    sends(". 1:1(0) ack 1");
}

TEST_P(Established, SynIsChallenged) {  // RFC 9293 §3.10.7.4, fourth; RFC 5961 §4.2
    arrives("S 5:5(0)");
    sends(". 1:1(0) ack 1");
    discards(DiscardReason::syn_unexpected, Rule::syn_challenge);
    stays();
}

TEST_P(Established, SegmentWithoutAckIsDropped) {  // RFC 9293 §3.10.7.4, fifth
    arrives("P 1:3(2)");
    discards(DiscardReason::ack_missing);
    stays();
}

TEST_P(Established, AckOfWhatIsUnsentIsAnswered) {  // RFC 9293 §3.10.7.4, fifth
    arrives(". 1:1(0) ack 2");
    sends(". 1:1(0) ack 1");
    discards(DiscardReason::ack_unacceptable, Rule::ack_of_unsent);
}

TEST_P(Established, AckAsOldAsTheLargestWindowIsTolerated) {  // RFC 5961 §5.2 (MAY-12)
    arrives("P. 1:3(2) ack 4294901762");
    delivers(2);
    sends(". 1:1(0) ack 3");
}

TEST_P(Established, AckOlderThanTheLargestWindowIsRefused) {  // RFC 5961 §5.2 (MAY-12)
    arrives("P. 1:3(2) ack 4294901761");
    sends(". 1:1(0) ack 1");
    discards(DiscardReason::ack_unacceptable, Rule::ack_too_old);
}

TEST_P(Established, UrgentPointerIsReportedOnce) {  // RFC 9293 §3.10.7.4, sixth (MUST-32)
    arrives("PU. 1:4(3) ack 1 urg 3");
    notifies(Notice::urgent_data);
    delivers(3);
    sends(". 1:1(0) ack 4");
    EXPECT_EQ(tcb.rcv.up, theirs(4));
}

TEST_P(Established, FinLeadsToCloseWait) {  // RFC 9293 §3.10.7.4, eighth
    arrives("F. 1:1(0) ack 1");
    sends(". 1:1(0) ack 2");
    enters(State::close_wait);
    notifies(Notice::connection_closing);
}

TEST_P(Established, FinWithDataIsAcknowledgedOnce) {  // RFC 9293 §3.10.7.4 (MUST-58)
    arrives("FP. 1:6(5) ack 1");
    delivers(5);
    sends(". 1:1(0) ack 7");
    enters(State::close_wait);
}

TEST_P(Established, BareFinAheadOfAGapWaitsAndIsAnswered) {  // RFC 9293 §3.10.7.4, first (MAY-13)
    arrives("F. 11:11(0) ack 1");
    sends(". 1:1(0) ack 1");
    stays();
}

// RFC 9293 §3.10.7.4, first (MUST-66)
TEST_P(Established, AtAZeroWindowTheAckCountsAndTheTextDoesNot) {
    tcb.rcv.wnd = 0;
    send("hello");
    sends("P. 1:6(5) ack 1 win 0");
    arrives("P. 1:2(1) ack 6");
    sends(". 6:6(0) ack 1 win 0");
    EXPECT_EQ(tcb.snd.una, tcb.snd.nxt);
    stays();
}

TEST_P(Established, CloseSendsDataAndFinAtOnce) {  // RFC 9293 §3.10.4
    close();
    sends("F. 1:1(0) ack 1");
    enters(State::fin_wait_1);
}

TEST_P(Established, AbortResets) {  // RFC 9293 §3.10.5
    abort();
    sends("R 1:1(0)");
    enters(State::closed);
}

TEST_P(Established, HardIcmpErrorEndsItAndSoftOneDoesNot) {  // RFC 9293 §3.9.2.2
    send("x");
    sends("P. 1:2(1) ack 1");
    call(IcmpArrives{.hard = false, .seq = ours(1)});
    notifies(Notice::soft_error);
    stays();
    call(IcmpArrives{.hard = true, .seq = ours(2)});
    discards(DiscardReason::icmp_unrelated);
    stays();
    call(IcmpArrives{.hard = true, .seq = ours(1)});
    notifies(Notice::connection_reset);
    enters(State::closed);
}

}  // namespace
}  // namespace tcpcraft::test
