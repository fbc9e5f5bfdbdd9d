#include <tests/support/dialogue.hpp>

// RFC 9293 §3.9.2.2, RFC 5927 §4.1: ICMP errors.

namespace tcpcraft::test {
namespace {

class IcmpError : public Dialogue {
protected:
    void error(bool hard, std::uint32_t seq) { call(IcmpArrives{.hard = hard, .seq = ours(seq)}); }
};
TCPCRAFT_DIALOGUES(IcmpError);

TEST_P(IcmpError, SoftIsReportedAndEndsNothing) {  // RFC 9293 §3.9.2.2 (MUST-56, SHLD-25)
    go_to(State::syn_sent);
    error(false, 0);
    notifies(Notice::soft_error);
    stays();
    EXPECT_EQ(tcb.state, State::syn_sent);
    arrives("S. 0:0(0) ack 1");
    enters(State::established);
    sends(". 1:1(0) ack 1");
    send("x");
    sends("P. 1:2(1) ack 1");
    error(false, 1);
    notifies(Notice::soft_error);
    stays();
    EXPECT_EQ(tcb.state, State::established);
}

TEST_P(IcmpError, IsReportedToTheUserByItsRule) {  // RFC 9293 §3.9.1.8 (MUST-47)
    go_to(State::syn_sent);
    error(false, 0);
    notifies(Notice::soft_error);
    acts_by(Rule::icmp_soft);
}

TEST_P(IcmpError, HardRefusesAConnectionThatOpens) {  // RFC 9293 §3.9.2.2 (MUST-54, SHLD-26)
    go_to(State::syn_sent);
    error(true, 0);
    notifies(Notice::connection_refused);
    enters(State::closed);
    acts_by(Rule::icmp_hard);
}

TEST_P(IcmpError, HardEndsAnEstablishedConnection) {  // RFC 9293 §3.9.2.2 (SHLD-26)
    establish();
    send("x");
    sends("P. 1:2(1) ack 1");
    error(true, 1);
    notifies(Notice::connection_reset);
    enters(State::closed);
}

TEST_P(IcmpError, CountsOnlyWhenItQuotesWhatIsInFlight) {  // RFC 9293 §3.9.2.2 (MUST-54)
    establish();
    send("abc");
    sends("P. 1:4(3) ack 1");
    for (const std::uint32_t seq : {0U, 4U}) {
        error(true, seq);
        discards(DiscardReason::icmp_unrelated, Rule::icmp_unrelated);
        stays();
    }
    error(true, 3);
    notifies(Notice::connection_reset);
    enters(State::closed);
}

TEST_P(IcmpError, HasNothingToActOnWithoutAConnection) {  // RFC 9293 §3.9.2.2 (MUST-54)
    error(true, 0);
    discards(DiscardReason::icmp_unrelated);
    go_to(State::listen);
    error(true, 0);
    discards(DiscardReason::icmp_unrelated);
    stays();
}

}  // namespace
}  // namespace tcpcraft::test
