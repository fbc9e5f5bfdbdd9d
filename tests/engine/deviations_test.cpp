#include <tests/support/dialogue.hpp>

// Rules broken on purpose (engine/deviations.cpp): only what they say, and nothing beside it.

namespace tcpcraft::test {
namespace {

class Mute : public Dialogue {
protected:
    void SetUp() override { policy.deviations.mute_when_closed = true; }
};
TCPCRAFT_DIALOGUES(Mute);

TEST_P(Mute, SaysNothingToAStrangersAckInListen) {  // against RFC 9293 §3.10.7.2, second
    go_to(State::listen);
    arrives(". 5:5(0) ack 77");
    says_nothing();
    acts_by(Rule::mute_when_closed);
}

TEST_P(Mute, AnswersASynAllTheSame) {  // RFC 9293 §3.10.7.2, third
    go_to(State::listen);
    arrives("S 0:0(0)");
    sends("S. 0:0(0) ack 1");
    enters(State::syn_received);
}

TEST_P(Mute, ResetsAllTheSameWhereThereIsAConnection) {  // RFC 9293 §3.10.5
    establish();
    abort();
    sends("R 1:1(0)");
    enters(State::closed);
}

class TwoWay : public Dialogue {
protected:
    void SetUp() override { policy.deviations.two_way_handshake = true; }
};
TCPCRAFT_DIALOGUES(TwoWay);

TEST_P(TwoWay, ChangesNothingForTheSideThatOpens) {  // RFC 9293 §3.10.7.3
    establish();
    EXPECT_EQ(tcb.state, State::established);
}

TEST_P(TwoWay, TellsTheUserOnce) {  // against RFC 9293 §3.5
    go_to(State::listen);
    arrives("S 0:0(0)");
    sends("S. 0:0(0) ack 1");
    enters(State::established);
    notifies(Notice::connection_established);
    arrives(". 1:1(0) ack 1");
    EXPECT_TRUE(actions.empty());
}

}  // namespace
}  // namespace tcpcraft::test
