#include <tests/support/dialogue.hpp>

// RFC 9293 §3.10.7.1: SEGMENT ARRIVES in CLOSED.

namespace tcpcraft::test {
namespace {

class Closed : public Dialogue {};
TCPCRAFT_DIALOGUES(Closed);

TEST_P(Closed, DiscardsReset) {  // RFC 9293 §3.10.7.1
    arrives("R 0:0(0)");
    discards(DiscardReason::no_connection, Rule::closed_discards_rst);
    stays();
}

TEST_P(Closed, ResetsASegmentWithoutAck) {  // RFC 9293 §3.10.7.1: ACK=SEG.SEQ+SEG.LEN
    arrives("S 0:0(0)");
    ASSERT_EQ(actions.size(), 2U);
    const auto& rst = std::get<Transmit>(actions.all()[0]).segment;
    EXPECT_EQ(rst.seq, Seq{0});
    EXPECT_EQ(rst.ack, theirs(1));
    EXPECT_EQ(rst.flags, (Flags{Flag::rst, Flag::ack}));
    EXPECT_EQ(rst.source, id.local.port);
    EXPECT_EQ(rst.destination, id.remote.port);
    (void)next_transmit();
}

TEST_P(Closed, ResetsAnAckWithItsNumber) {  // RFC 9293 §3.10.7.1: SEQ=SEG.ACK
    arrives("F. 7:7(0) ack 9");
    sends("R 9:9(0)");
    discards(DiscardReason::no_connection, Rule::closed_resets_with_ack);
    stays();
}

TEST_P(Closed, CallsHaveNothingToActOn) {  // RFC 9293 §3.10.2, §3.10.4, §3.10.5
    send("x");
    notifies(Notice::connection_does_not_exist);
    close();
    notifies(Notice::connection_does_not_exist);
    abort();
    notifies(Notice::connection_does_not_exist);
    stays();
}

TEST_P(Closed, OpensOnlyTowardsASocket) {  // RFC 9293 §3.10.1; §3.9.1.1 (MUST-46)
    ConnectionId nobody = id;
    nobody.remote.address = Address::read("224.0.0.1").value();
    call(ActiveOpen{.id = nobody});
    notifies(Notice::remote_socket_unspecified);
    nobody.remote = {};
    call(ActiveOpen{.id = nobody});
    notifies(Notice::remote_socket_unspecified);
    stays();
}

TEST_P(Closed, MuteSaysNothing) {  // against RFC 9293 §3.10.7.1, on purpose
    policy.deviations.mute_when_closed = true;
    arrives("F. 7:7(0) ack 9");
    says_nothing();
    acts_by(Rule::mute_when_closed);
    arrives("S 0:0(0)");
    says_nothing();
}

}  // namespace
}  // namespace tcpcraft::test
