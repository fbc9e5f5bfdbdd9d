#include <tests/support/dialogue.hpp>

// RFC 9293 §3.10.7.2: SEGMENT ARRIVES in LISTEN.

namespace tcpcraft::test {
namespace {

class Listen : public Dialogue {
protected:
    void SetUp() override { go_to(State::listen); }
};
TCPCRAFT_DIALOGUES(Listen);

TEST_P(Listen, IgnoresReset) {  // RFC 9293 §3.10.7.2, first
    arrives("R 0:0(0)");
    discards(DiscardReason::reset_ignored, Rule::listen_ignores_rst);
    stays();
}

TEST_P(Listen, ResetsAck) {  // RFC 9293 §3.10.7.2, second
    arrives(". 5:5(0) ack 77");
    sends("R 77:77(0)");
    discards(DiscardReason::ack_unacceptable, Rule::listen_resets_ack);
    stays();
}

TEST_P(Listen, ResetsSynAckOfAnOldDuplicate) {  // RFC 9293 §3.5 Fig. 11
    arrives("S. 5:5(0) ack 77");
    sends("R 77:77(0)");
    stays();
}

TEST_P(Listen, AnswersSynWithSynAck) {  // RFC 9293 §3.10.7.2, third
    arrives("S 0:0(0) win 1000 <mss 1460>");
    sends("S. 0:0(0) ack 1 win 65535");
    enters(State::syn_received);
    EXPECT_EQ(tcb.id.remote, id.remote);
    EXPECT_TRUE(tcb.opened_passively);
    EXPECT_EQ(tcb.snd_mss, 1460);
    EXPECT_EQ(tcb.snd.wnd, 1000U);
    EXPECT_EQ(tcb.snd.up, tcb.snd.iss);  // nothing is urgent yet
}

TEST_P(Listen, DropsWhatIsNeitherSynNorAckNorReset) {  // RFC 9293 §3.10.7.2, fourth
    arrives("F 0:0(0)");
    discards(DiscardReason::nothing_for_this_state, Rule::listen_discards_rest);
    arrives("- 0:10(10)");
    discards(DiscardReason::nothing_for_this_state, Rule::listen_discards_rest);
    stays();
}

TEST_P(Listen, KeepsTextOfTheSynUntilEstablished) {  // RFC 9293 §3.10.7.2, third; §3.5
    arrives("S 0:5(5) win 1000");
    sends("S. 0:0(0) ack 1");
    enters(State::syn_received);
    arrives(". 6:6(0) ack 1 win 1000");
    enters(State::established);
    delivers(5);
    sends(". 1:1(0) ack 6");
}

TEST_P(Listen, OffersBackOnlyWhatTheSynOffered) {  // RFC 7323 §2.2, §3.2; RFC 2018 §2
    policy.syn_options = {MaximumSegmentSize{1000}, SackPermitted{}, Timestamps{}, NoOperation{},
                          WindowScale{7}};
    arrives("S 0:0(0) win 1000 <mss 1460,nop,wscale 2>");
    sends("S. 0:0(0) ack 1 win 65535 <mss 1000,wscale 7,nop>");
    enters(State::syn_received);
    EXPECT_TRUE(tcb.window_scaling);
    EXPECT_FALSE(tcb.timestamps);
    EXPECT_FALSE(tcb.sack_permitted);
}

TEST_P(Listen, CloseDeletesTheTcb) {  // RFC 9293 §3.10.4
    close();
    enters(State::closed);
    notifies(Notice::connection_closed);
}

TEST_P(Listen, SendNeedsARemoteSocket) {  // RFC 9293 §3.10.2
    send("x");
    notifies(Notice::remote_socket_unspecified);
    stays();
}

TEST_P(Listen, ActiveOpenSendsSyn) {  // RFC 9293 §3.10.1
    active_open();
    sends("S 0:0(0)");
    enters(State::syn_sent);
    EXPECT_FALSE(tcb.opened_passively);
}

}  // namespace
}  // namespace tcpcraft::test
