#include <tests/support/dialogue.hpp>

// RFC 7323 §3 to §5: timestamps and PAWS.

namespace tcpcraft::test {
namespace {

class WithTimestamps : public Dialogue {
protected:
    void SetUp() override {
        policy.syn_options = {MaximumSegmentSize{1460}, SackPermitted{}, Timestamps{}};
        call(ActiveOpen{.id = id, .iss = GetParam().iss, .timestamp_offset = 7});
        sends("S 0:0(0) <mss 1460,sackOK,TS val 1000007 ecr 0>");
        enters(State::syn_sent);
        arrives("S. 0:0(0) ack 1 win 65535 <sackOK,TS val 100 ecr 1000007>");
        enters(State::established);
        sends(". 1:1(0) ack 1 <nop,nop,TS val 1000007 ecr 100>");
    }
};
TCPCRAFT_DIALOGUES(WithTimestamps);

TEST_P(WithTimestamps, EchoesTheNewest) {  // RFC 7323 §4.3
    now += 3ms;
    arrives("P. 1:2(1) ack 1 <nop,nop,TS val 105 ecr 1000007>");
    delivers(1);
    sends(". 1:1(0) ack 2 <nop,nop,TS val 1000010 ecr 105>");
}

TEST_P(WithTimestamps, EchoesNothingOfASegmentBehindAGap) {  // RFC 7323 §4.3: Last.ACK.sent
    arrives("P. 2:3(1) ack 1 <nop,nop,TS val 105 ecr 1000007>");
    sends(". 1:1(0) ack 1 <nop,nop,TS val 1000007 ecr 100,nop,nop,sack 2:3>");
}

TEST_P(WithTimestamps, RefusesAnOlderOne) {  // RFC 7323 §5.3 R1
    arrives("P. 1:2(1) ack 1 <nop,nop,TS val 99 ecr 1000007>");
    sends(". 1:1(0) ack 1");
    discards(DiscardReason::old_timestamp, Rule::paws);
}

TEST_P(WithTimestamps, SpacesItsAnswersToEmptyOlderOnes) {  // RFC 7323 §5.3 R1, RFC 5961 §7
    arrives(". 1:1(0) ack 1 <nop,nop,TS val 99 ecr 1000007>");
    sends(". 1:1(0) ack 1");
    arrives(". 1:1(0) ack 1 <nop,nop,TS val 99 ecr 1000007>");
    discards(DiscardReason::old_timestamp, Rule::paws);
    stays();
}

TEST_P(WithTimestamps, AcceptsAnEqualOne) {  // RFC 7323 §5.3 R1
    arrives("P. 1:2(1) ack 1 <nop,nop,TS val 100 ecr 1000007>");
    delivers(1);
    sends(". 1:1(0) ack 2");
}

TEST_P(WithTimestamps, NeverJudgesAResetByThem) {  // RFC 7323 §5.2
    arrives("R 1:1(0) <nop,nop,TS val 99 ecr 0>");
    enters(State::closed);
}

TEST_P(WithTimestamps, DropsASegmentWithoutOne) {  // RFC 7323 §3.2
    arrives("P. 1:2(1) ack 1");
    discards(DiscardReason::timestamp_missing, Rule::timestamp_missing);
    stays();
}

TEST_P(WithTimestamps, ForgetsTsRecentAfter24Days) {  // RFC 7323 §5.5
    now += std::chrono::hours{24 * 24};
    arrives("P. 1:2(1) ack 1 <nop,nop,TS val 99 ecr 1000007>");
    sends(". 1:1(0) ack 1");
    now += 1s;
    arrives("P. 1:2(1) ack 1 <nop,nop,TS val 99 ecr 1000007>");
    delivers(1);
    sends(". 1:1(0) ack 2");
    EXPECT_EQ(tcb.ts.recent, 99U);
}

TEST_P(WithTimestamps, StandInTheResetOfAnAbort) {  // RFC 7323 §3.2
    abort();
    sends("R 1:1(0) <nop,nop,TS val 1000007 ecr 100>");
    enters(State::closed);
}

class WithoutTimestamps : public Dialogue {};
TCPCRAFT_DIALOGUES(WithoutTimestamps);

TEST_P(WithoutTimestamps, IgnoresAnOptionThatWasNotAgreedOn) {  // RFC 7323 §3.2
    establish();
    arrives("P. 1:2(1) ack 1 <nop,nop,TS val 9 ecr 9>");
    delivers(1);
    sends(". 1:1(0) ack 2");
    ASSERT_FALSE(tcb.timestamps);
}

TEST_P(WithoutTimestamps, AnswersASynWithAllItOffers) {  // RFC 7323 §3.2
    policy.syn_options = {MaximumSegmentSize{1460}, SackPermitted{}, Timestamps{}, NoOperation{},
                          WindowScale{7}};
    go_to(State::listen);
    arrives("S 0:0(0) <mss 1400,sackOK,TS val 77 ecr 0,nop,wscale 9>");
    sends("S. 0:0(0) ack 1 <mss 1460,sackOK,TS val 1000000 ecr 77,nop,wscale 7>");
    enters(State::syn_received);
}

}  // namespace
}  // namespace tcpcraft::test
