#include <tests/support/dialogue.hpp>

// RFC 9293 §3.7, §3.8: segments, windows, retransmission, probes, delayed ACKs.

namespace tcpcraft::test {
namespace {

class Data : public Dialogue {
protected:
    void establish_with(std::string_view syn_ack) {
        active_open();
        sends("S 0:0(0)");
        enters(State::syn_sent);
        arrives(syn_ack);
        enters(State::established);
        sends(". 1:1(0) ack 1");
    }
};
TCPCRAFT_DIALOGUES(Data);

TEST_P(Data, IsCutBySendMss) {  // RFC 9293 §3.7.1 (MUST-16)
    establish_with("S. 0:0(0) ack 1 win 65535 <mss 100>");
    send(std::string(250, 'x'));
    sends(". 1:101(100) ack 1");
    sends(". 101:201(100) ack 1");
    sends("P. 201:251(50) ack 1");
}

TEST_P(Data, IsCutBy536WithoutMss) {  // RFC 9293 §3.7.1 (MUST-15)
    establish_with("S. 0:0(0) ack 1 win 65535");
    send(std::string(537, 'x'));
    sends(". 1:537(536) ack 1");
    sends("P. 537:538(1) ack 1");
}

TEST_P(Data, LeavesRoomForOptions) {  // RFC 9293 §3.7.1 (MUST-16): MSS less 12
    policy.syn_options = {Timestamps{}};
    active_open();
    sends("S 0:0(0)");
    enters(State::syn_sent);
    arrives("S. 0:0(0) ack 1 win 65535 <mss 112,TS val 5 ecr 1000000>");
    enters(State::established);
    sends(". 1:1(0) ack 1 <nop,nop,TS val 1000000 ecr 5>");
    send(std::string(101, 'x'));
    sends(". 1:101(100) ack 1 <nop,nop,TS val 1000000 ecr 5>");
    sends("P. 101:102(1) ack 1 <nop,nop,TS val 1000000 ecr 5>");
}

TEST_P(Data, IsCutByWhatTheIpLayerTakes) {  // RFC 9293 §3.7.1 (MUST-16): MMS_S
    policy.mms_s = 120;
    establish_with("S. 0:0(0) ack 1 win 65535 <mss 1460>");
    send(std::string(101, 'x'));
    sends(". 1:101(100) ack 1");
    sends("P. 101:102(1) ack 1");
}

TEST_P(Data, StaysInThePeersWindow) {  // RFC 9293 §3.8.6
    establish_with("S. 0:0(0) ack 1 win 10");
    send(std::string(15, 'x'));
    sends(". 1:11(10) ack 1");
    arrives(". 1:1(0) ack 11 win 3");
    sends(". 11:14(3) ack 1");
    arrives(". 1:1(0) ack 14 win 3");
    sends("P. 14:16(2) ack 1");
}

TEST_P(Data, AFinNeedsRoomInTheWindow) {  // RFC 9293 §3.4: the FIN has a number
    establish_with("S. 0:0(0) ack 1 win 3");
    send("abc");
    sends("P. 1:4(3) ack 1");
    close();
    enters(State::fin_wait_1);
    arrives(". 1:1(0) ack 4 win 1");
    sends("F. 4:4(0) ack 1");
    arrives(". 1:1(0) ack 5 win 1");
    enters(State::fin_wait_2);
}

TEST_P(Data, ScalesWindows) {  // RFC 7323 §2.2, §2.3
    policy.syn_options = {MaximumSegmentSize{1460}, NoOperation{}, WindowScale{2}};
    policy.rcv_wnd = 100'000;
    active_open();
    sends("S 0:0(0) win 65535 <mss 1460,nop,wscale 2>");
    enters(State::syn_sent);
    arrives("S. 0:0(0) ack 1 win 1000 <nop,wscale 3>");
    enters(State::established);
    sends(". 1:1(0) ack 1 win 25000");
    EXPECT_EQ(tcb.snd.wnd, 1000U);  // a SYN's window is never scaled
    arrives(". 1:1(0) ack 1 win 1000");
    EXPECT_EQ(tcb.snd.wnd, 8000U);
}

TEST_P(Data, ScalesNothingWhenOnlyOneSideOffers) {  // RFC 7323 §2.3
    policy.syn_options = {NoOperation{}, WindowScale{2}};
    policy.rcv_wnd = 100'000;
    establish_with("S. 0:0(0) ack 1 win 1000");
    EXPECT_EQ(tcb.rcv.wnd, 65535U);
    arrives(". 1:1(0) ack 1 win 2000");
    EXPECT_EQ(tcb.snd.wnd, 2000U);
}

TEST_P(Data, TreatsAShiftAbove14As14) {  // RFC 7323 §2.3
    policy.syn_options = {NoOperation{}, WindowScale{2}};
    establish_with("S. 0:0(0) ack 1 win 1000 <nop,wscale 15>");
    EXPECT_EQ(tcb.snd_shift, 14);
}

TEST_P(Data, TakesNoWindowFromAnOlderSegment) {  // RFC 9293 §3.10.7.4, fifth: SND.WL1, SND.WL2
    establish();
    arrives(". 5:6(1) ack 1 win 700");
    sends(". 1:1(0) ack 1");
    EXPECT_EQ(tcb.snd.wnd, 700U);
    arrives(". 1:5(4) ack 1 win 800");
    EXPECT_EQ(tcb.snd.wnd, 700U);
    delivers(4);
    delivers(1);
    sends(". 1:1(0) ack 6");
}

TEST_P(Data, IsSentAgainFromSndUnaWithDoublingTimeout) {  // RFC 6298 §5
    establish();
    send("ab");
    sends("P. 1:3(2) ack 1");
    send("cd");
    sends("P. 3:5(2) ack 1");
    after(999999us);
    says_nothing();
    after(1us);
    sends("P. 1:5(4) ack 1");
    acts_by(Rule::retransmission);
    after(2s);
    sends("P. 1:5(4) ack 1");
    arrives(". 1:1(0) ack 3");
    EXPECT_EQ(next_deadline(tcb), now + 4s);  // (5.3), still backed off
    after(4s);
    sends("P. 3:5(2) ack 1");
}

TEST_P(Data, TakesNoSampleOfWhatWasSentTwice) {  // RFC 6298 §3: Karn (MUST-18)
    establish();
    const Duration before_it = tcb.rto.srtt();
    send("ab");
    sends("P. 1:3(2) ack 1");
    after(1s);
    sends("P. 1:3(2) ack 1");
    now += 5s;
    arrives(". 1:1(0) ack 3");
    EXPECT_EQ(tcb.rto.srtt(), before_it);
    send("ab");
    sends("P. 3:5(2) ack 1");
    now += 5s;
    arrives(". 1:1(0) ack 5");
    EXPECT_GT(tcb.rto.srtt(), 500ms);
}

TEST_P(Data, GivesUpAtR2) {  // RFC 9293 §3.8.3 (MUST-20, SHLD-11)
    establish();
    const Instant began = now;
    send("ab");
    sends("P. 1:3(2) ack 1");
    while (tcb.state == State::established) {
        wait_for_timer();
        if (tcb.state == State::established) {
            sends("P. 1:3(2) ack 1");
        }
    }
    enters(State::closed);
    notifies(Notice::connection_aborted_retransmissions);
    EXPECT_GE(now - began, 100s);
}

TEST_P(Data, UserTimeoutAborts) {  // RFC 9293 §3.10.8
    policy.user_timeout = 5s;
    establish();
    send("ab");
    sends("P. 1:3(2) ack 1");
    after(5s);
    enters(State::closed);
    notifies(Notice::connection_aborted_user_timeout);
}

TEST_P(Data, AcknowledgedInTimeStopsTheUserTimeout) {  // RFC 9293 §3.9.1.1
    policy.user_timeout = 5s;
    establish();
    send("ab");
    sends("P. 1:3(2) ack 1");
    arrives(". 1:1(0) ack 3");
    EXPECT_EQ(next_deadline(tcb), never);
}

TEST_P(Data, ProbesAClosedWindow) {  // RFC 9293 §3.8.6.1 (MUST-36, SHLD-29, SHLD-30)
    establish_with("S. 0:0(0) ack 1 win 0");
    send("abc");
    says_nothing();
    after(1s);
    sends(". 1:2(1) ack 1");
    acts_by(Rule::zero_window_probe);
    arrives(". 1:1(0) ack 1 win 0");
    EXPECT_EQ(next_deadline(tcb), now + 2s);
    after(2s);
    sends(". 1:2(1) ack 1");
    arrives(". 1:1(0) ack 1 win 0");
    EXPECT_EQ(next_deadline(tcb), now + 4s);
    after(4s);
    sends(". 1:2(1) ack 1");
    arrives(". 1:1(0) ack 1 win 100");
    sends("P. 1:4(3) ack 1");
    arrives(". 1:1(0) ack 4 win 100");
    EXPECT_EQ(next_deadline(tcb), never);
}

TEST_P(Data, ProbesAsLongAsTheyAreAnswered) {  // RFC 9293 §3.8.6.1 (MUST-37)
    policy.retransmissions = 3;
    establish_with("S. 0:0(0) ack 1 win 0");
    send("a");
    for (int i = 0; i < 50; ++i) {
        wait_for_timer();
        sends("P. 1:2(1) ack 1");
        arrives(". 1:1(0) ack 1 win 0");
    }
    EXPECT_EQ(tcb.state, State::established);
}

TEST_P(Data, ProbesWithTheFinWhenNothingElseWaits) {  // RFC 9293 §3.8.6.1
    establish_with("S. 0:0(0) ack 1 win 0");
    close();
    enters(State::fin_wait_1);
    after(1s);
    sends("F. 1:1(0) ack 1");
    arrives(". 1:1(0) ack 2 win 0");
    enters(State::fin_wait_2);
}

TEST_P(Data, AcksMayWait) {  // RFC 9293 §3.8.6.3 (SHLD-18, MUST-40)
    policy.delayed_ack = 200ms;
    establish();
    arrives("P. 1:2(1) ack 1");
    delivers(1);
    says_nothing();
    after(200ms);
    sends(". 1:1(0) ack 2");
    acts_by(Rule::delayed_ack);
}

TEST_P(Data, EverySecondSegmentIsAcknowledged) {  // RFC 9293 §3.8.6.3 (SHLD-19)
    policy.delayed_ack = 200ms;
    establish();
    arrives("P. 1:2(1) ack 1");
    delivers(1);
    arrives("P. 2:3(1) ack 1");
    delivers(1);
    sends(". 1:1(0) ack 3");
    EXPECT_EQ(next_deadline(tcb), never);
}

TEST_P(Data, DataCarriesTheAckThatWaits) {  // RFC 9293 §3.8.6.3
    policy.delayed_ack = 200ms;
    establish();
    arrives("P. 1:2(1) ack 1");
    delivers(1);
    send("x");
    sends("P. 1:2(1) ack 2");
    EXPECT_EQ(tcb.timers.at(Timer::delayed_ack), std::nullopt);
}

TEST_P(Data, TheFinOfASegmentEndsTheStream) {  // RFC 9293 §3.10.7.4, eighth
    establish();
    arrives(". 20:40(20) ack 1");
    sends(". 1:1(0) ack 1");
    arrives("F. 1:31(30) ack 1");
    delivers(30);
    sends(". 1:1(0) ack 32");
    enters(State::close_wait);
}

}  // namespace
}  // namespace tcpcraft::test
