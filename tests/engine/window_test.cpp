#include <fmt/core.h>
#include <tests/support/dialogue.hpp>

// RFC 9293 §3.1, §3.8.6: windows that are large, shrink, close, or stay closed.

namespace tcpcraft::test {
namespace {

class Window : public Dialogue {
protected:
    void establish_with(std::string_view syn_ack) {
        active_open();
        sends("S 0:0(0)");
        enters(State::syn_sent);
        arrives(syn_ack);
        enters(State::established);
        sends(". 1:1(0) ack 1");
    }
    /// The first number behind the window that the next segment offers, counted from IRS.
    std::uint32_t right_edge() {
        const Transmit* sent = next_transmit();
        if (sent == nullptr) {
            ADD_FAILURE() << "nothing was sent";
            return 0;
        }
        const std::uint32_t octets = std::uint32_t{sent->segment.wnd} << tcb.rcv_shift;
        return sent->segment.ack.raw() - theirs(0).raw() + octets;
    }
};
TCPCRAFT_DIALOGUES(Window);

TEST_P(Window, IsANumberWithoutSign) {  // RFC 9293 §3.1 (MUST-1)
    establish_with("S. 0:0(0) ack 1 win 32768 <mss 40000>");
    send(std::string(32769, 'x'));
    sends(". 1:32769(32768) ack 1");
    arrives(". 1:1(0) ack 32769 win 65535");
    sends("P. 32769:32770(1) ack 1");
}

TEST_P(Window, IsKeptIn32Bits) {  // RFC 9293 §3.1 (REC-1); RFC 7323 §2.3
    policy.syn_options = {WindowScale{14}};
    policy.rcv_wnd = 65535U << 14U;
    establish_with("S. 0:0(0) ack 1 win 65535 <wscale 14>");
    EXPECT_EQ(tcb.rcv.wnd, 65535U << 14U);
    arrives(". 1:1(0) ack 1 win 65535");
    EXPECT_EQ(tcb.snd.wnd, 65535U << 14U);
    arrives("P. 1000000001:1000000002(1) ack 1 win 65535");
    sends(". 1:1(0) ack 1");
    acts_by(Rule::text_out_of_order);
}

TEST_P(Window, OfOursNeverShrinks) {  // RFC 9293 §3.8.6 (SHLD-14)
    policy.syn_options = {WindowScale{3}};
    policy.rcv_wnd = 1003;  // eight octets are the unit that can be said
    establish_with("S. 0:0(0) ack 1 win 65535 <wscale 3>");
    std::uint32_t edge = 0;
    for (std::uint32_t at = 1; at < 40; at += 3) {
        arrives(fmt::format("P. {}:{}(3) ack 1", at, at + 3));
        delivers(3);
        const std::uint32_t offered = right_edge();
        EXPECT_GE(offered, edge);
        edge = offered;
    }
    EXPECT_GT(edge, 1000U);
}

TEST_P(Window, MayStayClosed) {  // RFC 9293 §3.8.6.1 (MAY-8)
    policy.rcv_wnd = 0;
    establish_with("S. 0:0(0) ack 1 win 65535");
    for (int i = 0; i < 20; ++i) {
        after(60s);
        arrives("P. 1:2(1) ack 1");
        sends(". 1:1(0) ack 1 win 0");
    }
    EXPECT_EQ(tcb.state, State::established);
}

TEST_P(Window, ThatShrinksTakesNothingNew) {  // RFC 9293 §3.8.6 (MUST-34, SHLD-15)
    establish_with("S. 0:0(0) ack 1 win 10");
    send("0123456789");
    sends("P. 1:11(10) ack 1");
    arrives(". 1:1(0) ack 1 win 4");
    send("new");
    says_nothing();
    arrives(". 1:1(0) ack 5 win 4");
    says_nothing();
    arrives(". 1:1(0) ack 11 win 4");
    sends("P. 11:14(3) ack 1");
}

TEST_P(Window, ThatShrinksIsFilledAgainAsFarAsItGoes) {  // RFC 9293 §3.8.6 (SHLD-16)
    establish_with("S. 0:0(0) ack 1 win 10");
    send("0123456789");
    sends("P. 1:11(10) ack 1");
    arrives(". 1:1(0) ack 1 win 4");
    after(1s);
    sends(". 1:5(4) ack 1");
    arrives(". 1:1(0) ack 5 win 4");
    after(2s);
    sends(". 5:9(4) ack 1");
}

TEST_P(Window, ThatShrankToNothingIsProbed) {  // RFC 9293 §3.8.6 (MUST-35)
    establish_with("S. 0:0(0) ack 1 win 10");
    send("0123456789");
    sends("P. 1:11(10) ack 1");
    arrives(". 1:1(0) ack 1 win 0");
    says_nothing();
    after(1s);
    sends(". 1:2(1) ack 1");
    arrives(". 1:1(0) ack 1 win 0");
    after(2s);
    sends(". 1:2(1) ack 1");
    arrives(". 1:1(0) ack 2 win 9");
    after(4s);
    sends("P. 2:11(9) ack 1");
}

TEST_P(Window, ThatShrankToNothingEndsNothingWhileThePeerAnswers) {  // RFC 9293 §3.8.6 (SHLD-17)
    policy.retransmissions = 3;
    establish_with("S. 0:0(0) ack 1 win 10");
    send("0123456789");
    sends("P. 1:11(10) ack 1");
    arrives(". 1:1(0) ack 1 win 0");
    for (int i = 0; i < 20; ++i) {
        wait_for_timer();
        sends(". 1:2(1) ack 1");
        arrives(". 1:1(0) ack 1 win 0");
    }
    EXPECT_EQ(tcb.state, State::established);
}

TEST_P(Window, OfZeroStopsNoReset) {  // RFC 9293 §3.4 (MUST-66)
    establish();
    tcb.rcv.wnd = 0;
    arrives("R 1:1(0)");
    notifies(Notice::connection_reset);
    enters(State::closed);
}

TEST_P(Window, OfZeroStopsNoUrgentPointer) {  // RFC 9293 §3.4 (MUST-66)
    establish();
    tcb.rcv.wnd = 0;
    arrives("PU. 1:2(1) ack 1 urg 9");
    notifies(Notice::urgent_data);
    sends(". 1:1(0) ack 1 win 0");
    EXPECT_EQ(tcb.rcv.up, theirs(10));
    EXPECT_EQ(tcb.rcv.nxt, theirs(1));
}

TEST_P(Window, OfZeroIsOpenForItsOwnNumberOnly) {  // RFC 9293 §3.4 Table 5
    establish();
    tcb.rcv.wnd = 0;
    arrives("R 2:2(0)");
    discards(DiscardReason::reset_out_of_window);
    arrives("R 0:0(0)");
    discards(DiscardReason::reset_out_of_window);
    stays();
}

}  // namespace
}  // namespace tcpcraft::test
