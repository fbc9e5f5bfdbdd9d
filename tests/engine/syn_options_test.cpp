#include <tests/support/dialogue.hpp>

// RFC 9293 §3.2, §3.7.1: the options of a SYN, and options where no SYN is.

namespace tcpcraft::test {
namespace {

class SynOptions : public Dialogue {
protected:
    void establish_with(std::string_view syn_ack) {
        active_open();
        (void)next_transmit();
        enters(State::syn_sent);
        arrives(syn_ack);
        enters(State::established);
        sends(". 1:1(0) ack 1");
    }
};
TCPCRAFT_DIALOGUES(SynOptions);

TEST_P(SynOptions, SayAndHearTheMss) {  // RFC 9293 §3.7.1 (MUST-14)
    policy.syn_options = {MaximumSegmentSize{1400}};
    active_open();
    sends("S 0:0(0) <mss 1400>");
    enters(State::syn_sent);
    arrives("S. 0:0(0) ack 1 win 65535 <mss 99>");
    enters(State::established);
    sends(". 1:1(0) ack 1 <>");
    EXPECT_EQ(tcb.snd_mss, 99);
}

TEST_P(SynOptions, SayAndHearTheMssAsAServer) {  // RFC 9293 §3.7.1 (MUST-14)
    policy.syn_options = {MaximumSegmentSize{1400}};
    go_to(State::listen);
    arrives("S 0:0(0) <mss 99>");
    sends("S. 0:0(0) ack 1 <mss 1400>");
    enters(State::syn_received);
    EXPECT_EQ(tcb.snd_mss, 99);
}

TEST_P(SynOptions, OfMssStandNowhereElse) {  // RFC 9293 §3.2 (MUST-65)
    policy.syn_options = {MaximumSegmentSize{1400}};
    establish_with("S. 0:0(0) ack 1 win 65535 <mss 99>");
    send("data");
    sends("P. 1:5(4) ack 1 <>");
    after(1s);
    sends("P. 1:5(4) ack 1 <>");
    call(ProbeKeepAlive{});
    sends(". 4:4(0) ack 1 <>");
    close();
    sends("F. 5:5(0) ack 1 <>");
    enters(State::fin_wait_1);
    abort();
    sends("R 6:6(0) <>");
    enters(State::closed);
}

TEST_P(SynOptions, AreTakenFromASynOnly) {  // RFC 9293 §3.2 (MUST-5, MUST-65)
    establish_with("S. 0:0(0) ack 1 win 65535 <mss 99>");
    arrives("P. 1:4(3) ack 1 win 9 <mss 50,wscale 3,sackOK,253:f989>");
    delivers(3);
    sends(". 1:1(0) ack 4");
    EXPECT_EQ(tcb.snd_mss, 99);
    EXPECT_EQ(tcb.snd.wnd, 9U);
    EXPECT_FALSE(tcb.sack_permitted);
}

TEST_P(SynOptions, AnMssOfZeroIsNone) {  // RFC 9293 §3.7.1 (MUST-15): nothing could be sent
    establish_with("S. 0:0(0) ack 1 win 65535 <mss 0>");
    EXPECT_EQ(tcb.snd_mss, 536);
}

TEST_P(SynOptions, WithoutMssLetIpv6Send1220) {  // RFC 9293 §3.7.1 (MUST-15)
    id.local = Endpoint::read("[2001:db8::1]:40000").value();
    id.remote = Endpoint::read("[2001:db8::2]:80").value();
    establish_with("S. 0:0(0) ack 1 win 65535");
    EXPECT_EQ(tcb.snd_mss, 1220);
}

TEST_P(SynOptions, LargerThanASegmentLeaveOneOctet) {  // RFC 9293 §3.7.1 (MUST-16)
    policy.syn_options = {Timestamps{}};
    active_open();
    (void)next_transmit();
    enters(State::syn_sent);
    arrives("S. 0:0(0) ack 1 win 65535 <mss 12,TS val 5 ecr 1000000>");
    enters(State::established);
    (void)next_transmit();
    send("ab");
    sends(". 1:2(1) ack 1");
    sends("P. 2:3(1) ack 1");
}

}  // namespace
}  // namespace tcpcraft::test
