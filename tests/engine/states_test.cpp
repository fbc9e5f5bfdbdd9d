#include <tests/support/dialogue.hpp>

// RFC 9293 §3.3.2 Fig. 5: every state can be reached, and left.

namespace tcpcraft::test {
namespace {

class States : public Dialogue {};
TCPCRAFT_DIALOGUES(States);

TEST_P(States, AreAllReached) {  // RFC 9293 §3.3.2 Fig. 5
    for (std::size_t i = 0; i < state_count; ++i) {
        tcb = Tcb{};
        const auto state = static_cast<State>(i);
        go_to(state);
        EXPECT_EQ(text(tcb.state), text(state));
    }
}

TEST_P(States, OpenAndCloseAsFirstCloser) {  // RFC 9293 §3.5 Fig. 6, §3.6 Fig. 12
    go_to(State::time_wait);
    after(policy.msl * 2 - 1us);
    EXPECT_EQ(tcb.state, State::time_wait);
    after(1us);
    enters(State::closed);
    acts_by(Rule::time_wait_over);
}

TEST_P(States, OpenAndCloseAsSecondCloser) {  // RFC 9293 §3.6 Fig. 12
    go_to(State::last_ack);
    arrives(". 2:2(0) ack 2");
    enters(State::closed);
    notifies(Notice::connection_closed);
}

TEST_P(States, CloseAtTheSameTime) {  // RFC 9293 §3.6 Fig. 13
    go_to(State::closing);
    arrives(". 2:2(0) ack 2");
    enters(State::time_wait);
    notifies(Notice::connection_closed);
}

TEST_P(States, SayInTheOrderOfTheRfcWhatTheyAreCalled) {  // RFC 9293 §3.3.2
    EXPECT_EQ(text(State::closed), "CLOSED");
    EXPECT_EQ(text(State::syn_received), "SYN-RECEIVED");
    EXPECT_EQ(text(State::time_wait), "TIME-WAIT");
}

}  // namespace
}  // namespace tcpcraft::test
