#include <tests/support/dialogue.hpp>

// RFC 3168 §6.1.1, RFC 9293 §3.8.2: negotiating ECN.

namespace tcpcraft::test {
namespace {

class Ecn : public Dialogue {
protected:
    void SetUp() override { policy.ecn = true; }
    void answers(std::string_view syn, std::string_view syn_ack) {
        tcb = Tcb{};
        go_to(State::listen);
        arrives(syn);
        sends(syn_ack);
        enters(State::syn_received);
    }
};
TCPCRAFT_DIALOGUES(Ecn);

TEST_P(Ecn, IsAskedForByBothBits) {  // RFC 3168 §6.1.1
    active_open();
    sends("SEW 0:0(0)");
    enters(State::syn_sent);
    after(1s);
    EXPECT_EQ(tcb.state, State::syn_sent);
    sends("S 0:0(0)");  // RFC 3168 §6.1.1.1: again without, in case they were the reason
}

TEST_P(Ecn, IsAnsweredByEceAlone) { answers("SEW 0:0(0)", "SE. 0:0(0) ack 1"); }

TEST_P(Ecn, IsNotAnsweredWhereItWasNotAskedFor) {  // RFC 3168 §6.1.1
    answers("S 0:0(0)", "S. 0:0(0) ack 1");
    answers("SE 0:0(0)", "S. 0:0(0) ack 1");
    answers("SW 0:0(0)", "S. 0:0(0) ack 1");
    answers("SEWA 0:0(0)", "S. 0:0(0) ack 1");  // AccECN, which is another thing
}

TEST_P(Ecn, IsNotAnsweredByDefault) {  // RFC 3168 §6.1.1
    policy.ecn = false;
    answers("SEW 0:0(0)", "S. 0:0(0) ack 1");
}

}  // namespace
}  // namespace tcpcraft::test
