#include <tests/support/dialogue.hpp>

// Ways that explore() found, pasted as it printed them.

namespace tcpcraft::test {
namespace {

class Exploration : public Dialogue {};
TCPCRAFT_DIALOGUES(Exploration);

// B, after A was reset in TIME-WAIT: an octet of the connection before is delivered
TEST_P(Exploration, OldOctetAfterAnAssassination) {  // RFC 1337 §2
    policy.rcv_wnd = 4;
    policy.challenge_spacing = 500ms;
    policy.fin_wait_2 = 60000ms;
    go_to(State::established);
    arrives("P. 1:3(2) ack 1 win 4");
    delivers(std::size_t{2});
    sends(". 1:1(0) ack 3 win 4");
    arrives("F. 3:3(0) ack 1 win 4");
    sends(". 1:1(0) ack 4 win 4");
    enters(State::close_wait);
    close();
    sends("F. 1:1(0) ack 4 win 4");
    enters(State::last_ack);
    arrives(". 4:4(0) ack 2 win 4");
    enters(State::closed);
    arrives(". 4:4(0) ack 2 win 4");
    sends("R 2:2(0) win 0");
    passive_open();
    enters(State::listen);
    arrives("S 0:0(0) win 4");
    sends("S. 0:0(0) ack 1 win 4");
    enters(State::syn_received);
    arrives(". 1:1(0) ack 1 win 4");
    enters(State::established);
    arrives("P. 0:2(2) ack 4294967295 win 4");
    delivers(std::size_t{1});
    sends(". 1:1(0) ack 2 win 4");
}

// A, whose peer is gone and whose reset was lost
TEST_P(Exploration, FinWait2WithoutLimit) {  // RFC 9293 §3.6
    policy.rcv_wnd = 4;
    policy.challenge_spacing = 500ms;
    active_open();
    sends("S 0:0(0) win 4");
    enters(State::syn_sent);
    arrives("S. 0:0(0) ack 1 win 4");
    enters(State::established);
    sends(". 1:1(0) ack 1 win 4");
    close();
    sends("F. 1:1(0) ack 1 win 4");
    enters(State::fin_wait_1);
    arrives(". 1:1(0) ack 2 win 4");
    enters(State::fin_wait_2);
    EXPECT_EQ(next_deadline(tcb), never);
}

}  // namespace
}  // namespace tcpcraft::test
