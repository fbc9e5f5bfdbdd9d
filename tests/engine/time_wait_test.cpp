#include <tests/support/dialogue.hpp>

// RFC 9293 §3.6.1, §3.10.7.4: TIME-WAIT.

namespace tcpcraft::test {
namespace {

class TimeWait : public Dialogue {
protected:
    void SetUp() override { go_to(State::time_wait); }
};
TCPCRAFT_DIALOGUES(TimeWait);

TEST_P(TimeWait, AcknowledgesARepeatedFinAndStartsAnew) {  // RFC 9293 §3.10.7.4, eighth
    after(3min);
    arrives("F. 1:1(0) ack 2");
    sends(". 2:2(0) ack 2");
    acts_by(Rule::fin_repeated);
    EXPECT_EQ(next_deadline(tcb), now + 4min);
}

TEST_P(TimeWait, AcknowledgesOldDataWithoutStartingAnew) {  // RFC 9293 §3.10.7.4, first
    const Instant ends = next_deadline(tcb);
    after(1min);
    arrives("P. 0:1(1) ack 2");
    sends(". 2:2(0) ack 2");
    EXPECT_EQ(next_deadline(tcb), ends);
}

TEST_P(TimeWait, SaysNothingToAnAck) {  // RFC 9293 §3.10.7.4
    arrives(". 2:2(0) ack 2");
    says_nothing();
}

TEST_P(TimeWait, ResetEndsIt) {  // RFC 9293 §3.10.7.4, second
    arrives("R 2:2(0)");
    enters(State::closed);
}

TEST_P(TimeWait, ResetIsIgnoredByRfc1337) {  // RFC 1337 §3
    policy.rfc1337 = true;
    arrives("R 2:2(0)");
    discards(DiscardReason::reset_ignored, Rule::time_wait_ignores_rst);
    stays();
}

TEST_P(TimeWait, SynIsChallengedWhereNobodyListens) {  // RFC 9293 §3.10.7.4, fourth
    arrives("S 100:100(0)");
    sends(". 2:2(0) ack 2");
    stays();
}

TEST_P(TimeWait, AbortSaysNothing) {  // RFC 9293 §3.10.5
    abort();
    enters(State::closed);
}

class TimeWaitAsServer : public Dialogue {
protected:
    void open_and_close(std::string_view syn, std::string_view ack, std::string_view fin) {
        go_to(State::listen);
        arrives(syn);
        (void)next_transmit();
        enters(State::syn_received);
        arrives(ack);
        enters(State::established);
        close();
        (void)next_transmit();
        enters(State::fin_wait_1);
        arrives(fin);
        enters(State::fin_wait_2);
        (void)next_transmit();
        enters(State::time_wait);
    }
    void reopens() {
        EXPECT_TRUE(before(tcb.snd.una, tcb.snd.nxt));
        (void)next_transmit();
        enters(State::listen);
        enters(State::syn_received);
    }
};
TCPCRAFT_DIALOGUES(TimeWaitAsServer);

TEST_P(TimeWaitAsServer, ReopensForANewerNumber) {  // RFC 6191 §2; RFC 9293 §3.6.1 (MAY-2)
    open_and_close("S 0:0(0)", ". 1:1(0) ack 1", "F. 1:1(0) ack 2");
    const Seq used = tcb.snd.nxt;
    arrives("S 2:2(0)");
    EXPECT_TRUE(before(used, tcb.snd.iss));
    EXPECT_EQ(tcb.snd.up, tcb.snd.iss);  // what was urgent was the old connection's
    reopens();
}

TEST_P(TimeWaitAsServer, StaysForTheNumberOfTheFin) {  // RFC 6191 §2
    open_and_close("S 0:0(0)", ". 1:1(0) ack 1", "F. 1:1(0) ack 2");
    arrives("S 1:1(0)");
    discards(DiscardReason::syn_unexpected, Rule::syn_in_time_wait);
    stays();
}

TEST_P(TimeWaitAsServer, JudgesByTimestampsWhereItCan) {  // RFC 6191 §2 (SHLD-4)
    policy.syn_options = {Timestamps{}};
    open_and_close("S 0:0(0) <TS val 5 ecr 0>", ". 1:1(0) ack 1 <TS val 5 ecr 1000000>",
                   "F. 1:1(0) ack 2 <TS val 5 ecr 1000000>");
    arrives("S 1:1(0) <TS val 5 ecr 0>");
    discards(DiscardReason::syn_unexpected, Rule::syn_in_time_wait);
    arrives("S 1:1(0) <TS val 6 ecr 0>");
    reopens();
}

TEST_P(TimeWaitAsServer, JudgesAnEqualTimestampByTheNumber) {  // RFC 6191 §2 (SHLD-4)
    policy.syn_options = {Timestamps{}};
    open_and_close("S 0:0(0) <TS val 5 ecr 0>", ". 1:1(0) ack 1 <TS val 5 ecr 1000000>",
                   "F. 1:1(0) ack 2 <TS val 5 ecr 1000000>");
    arrives("S 100:100(0) <TS val 4 ecr 0>");
    discards(DiscardReason::syn_unexpected, Rule::syn_in_time_wait);
    arrives("S 1:1(0)");  // without one, the number counts
    discards(DiscardReason::syn_unexpected, Rule::syn_in_time_wait);
    arrives("S 100:100(0) <TS val 5 ecr 0>");
    reopens();
}

TEST_P(TimeWaitAsServer, ReopensForASynThatNowHasATimestamp) {  // RFC 6191 §2 (SHLD-4)
    open_and_close("S 0:0(0)", ". 1:1(0) ack 1", "F. 1:1(0) ack 2");
    arrives("S 1:1(0) <TS val 5 ecr 0>");  // we would not use it
    discards(DiscardReason::syn_unexpected, Rule::syn_in_time_wait);
    policy.syn_options = {Timestamps{}};
    arrives("S 1:1(0) <TS val 5 ecr 0>");
    reopens();
}

TEST_P(TimeWaitAsServer, IsSkippedOnPurpose) {  // against RFC 9293 §3.6.1 (MUST-13)
    policy.deviations.no_time_wait = true;
    go_to(State::fin_wait_2);
    arrives("F. 1:1(0) ack 2");
    sends(". 2:2(0) ack 2");
    enters(State::closed);
    acts_by(Rule::no_time_wait);
    arrives("F. 1:1(0) ack 2");
    sends("R 2:2(0)");
}

}  // namespace
}  // namespace tcpcraft::test
