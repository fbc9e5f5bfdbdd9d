// RFC 9293 §3.3.2, §3.5, §3.6 seen from the other side of the wire.

#include <gtest/gtest.h>

#include <libtcpcraft/trace/peer_view.hpp>

namespace tcpcraft {
namespace {

constexpr std::uint32_t x = 0xffffffff;  // so that x+1 wraps
constexpr std::uint32_t y = 7000;

class Wire {
public:
    explicit Wire(State peer = State::listen) : view_{peer} {}

    State out(Flags flags, std::uint32_t seq, std::uint32_t ack = 0) {
        view_.sent(segment(flags, Seq{x} + seq, Seq{y} + ack));
        return view_.state();
    }
    State in(Flags flags, std::uint32_t seq, std::uint32_t ack = 0) {
        view_.arrived(segment(flags, Seq{y} + seq, Seq{x} + ack));
        return view_.state();
    }
    State in_raw(Flags flags, Seq seq, Seq ack) {
        view_.arrived(segment(flags, seq, ack));
        return view_.state();
    }
    /// Both sides ESTABLISHED, opened by us.
    void open() {
        out({Flag::syn}, 0);
        in({Flag::syn, Flag::ack}, 0, 1);
        ASSERT_EQ(out({Flag::ack}, 1, 1), State::established);
    }
    [[nodiscard]] const PeerView& view() const { return view_; }

private:
    static Segment segment(Flags flags, Seq seq, Seq ack) {
        return {.seq = seq, .ack = ack, .flags = flags};
    }
    PeerView view_;
};

constexpr Flags syn{Flag::syn};
constexpr Flags syn_ack{Flag::syn, Flag::ack};
constexpr Flags ack{Flag::ack};
constexpr Flags fin{Flag::fin, Flag::ack};
constexpr Flags rst{Flag::rst};
constexpr Flags rst_ack{Flag::rst, Flag::ack};

TEST(PeerView, server_through_three_segments) {
    Wire wire;
    EXPECT_EQ(wire.out(syn, 0), State::listen);
    EXPECT_EQ(wire.view().our_isn(), Seq{x});
    EXPECT_EQ(wire.view().isn(), std::nullopt);
    EXPECT_EQ(wire.in(syn_ack, 0, 1), State::syn_received);
    EXPECT_EQ(wire.view().isn(), Seq{y});
    EXPECT_EQ(wire.out(ack, 1, 1), State::established);
}

TEST(PeerView, client_through_three_segments) {
    Wire wire{State::closed};
    EXPECT_EQ(wire.in(syn, 0), State::syn_sent);
    EXPECT_EQ(wire.out(syn_ack, 0, 1), State::syn_sent);
    EXPECT_EQ(wire.in(ack, 1, 1), State::established);
}

TEST(PeerView, client_that_repeats_its_syn_has_not_seen_our_answer) {
    Wire wire{State::closed};
    wire.in(syn, 0);
    wire.out(syn_ack, 0, 1);
    EXPECT_EQ(wire.in(syn, 0), State::syn_sent);
    EXPECT_EQ(wire.out(syn_ack, 0, 1), State::syn_sent);
}

TEST(PeerView, server_that_repeats_its_syn_ack_has_not_seen_our_ack) {
    Wire wire;
    wire.open();
    EXPECT_EQ(wire.in(syn_ack, 0, 1), State::syn_received);
    EXPECT_EQ(wire.out(ack, 1, 1), State::established);
    wire.in(ack, 1, 1);
    EXPECT_EQ(wire.in(syn_ack, 0, 1), State::established) << "an old duplicate by now";
}

TEST(PeerView, acknowledgment_of_what_was_never_sent_does_not_establish) {
    Wire wire;
    wire.out(syn, 0);
    wire.in(syn_ack, 0, 1);
    EXPECT_EQ(wire.out(ack, 1, 2), State::syn_received);
    EXPECT_EQ(wire.in(rst, 2), State::syn_received) << "it refuses the ACK and stays";
    EXPECT_EQ(wire.out(ack, 1, 1), State::established);
}

// RFC 9293 §3.10.7.4, fifth: the RST for a wrong ACK crosses what we send meanwhile.
TEST(PeerView, refusal_that_crosses_our_next_segment_closes_nobody) {
    Wire wire;
    wire.out(syn, 0);
    wire.in(syn_ack, 0, 1);
    wire.out(ack, 1, 7);
    EXPECT_EQ(wire.out(fin, 1, 1), State::established);
    EXPECT_EQ(wire.in(rst, 7), State::established);
    EXPECT_EQ(wire.in(ack, 1, 2), State::close_wait);
    EXPECT_EQ(wire.in(rst, 7), State::closed) << "nobody refuses that any more";
}

TEST(PeerView, simultaneous_open) {  // Figure 7
    Wire wire;
    EXPECT_EQ(wire.out(syn, 0), State::listen);
    EXPECT_EQ(wire.in(syn, 0), State::syn_sent);
    EXPECT_EQ(wire.out(syn_ack, 0, 1), State::syn_received);
    EXPECT_EQ(wire.in(syn_ack, 0, 1), State::established);
}

TEST(PeerView, refusal) {
    Wire wire;
    wire.out(syn, 0);
    EXPECT_EQ(wire.in_raw(rst_ack, Seq{}, Seq{x} + 1), State::closed);
    EXPECT_EQ(wire.out(syn, 0), State::closed);
}

TEST(PeerView, reset_of_an_old_duplicate_returns_it_to_listen) {  // Figure 8
    Wire wire;
    wire.out(syn, 100);  // old
    wire.out(syn, 0);    // new, still on its way
    EXPECT_EQ(wire.in(syn_ack, 0, 101), State::syn_received);
    EXPECT_EQ(wire.out(rst, 101), State::listen);
    EXPECT_EQ(wire.in(syn_ack, 400, 1), State::syn_received);
    EXPECT_EQ(wire.view().isn(), Seq{y} + 400);
    EXPECT_EQ(wire.out(ack, 1, 401), State::established);
}

TEST(PeerView, our_reset_counts_only_at_the_number_it_expects) {  // RFC 5961 §3.2
    Wire wire;
    wire.open();
    EXPECT_EQ(wire.out(rst, 50), State::established);
    EXPECT_EQ(wire.out(rst, 1), State::closed);
}

TEST(PeerView, our_reset_of_a_client) {
    Wire wire{State::closed};
    wire.in(syn, 0);
    EXPECT_EQ(wire.out(rst_ack, 0, 5), State::syn_sent) << "not its SYN";
    EXPECT_EQ(wire.out(rst_ack, 0, 1), State::closed);
}

TEST(PeerView, its_reset_closes_it) {
    Wire wire;
    wire.open();
    EXPECT_EQ(wire.in(rst, 1), State::closed);
}

TEST(PeerView, listen_answers_an_ack_with_a_reset_and_stays) {
    Wire wire;
    wire.out(ack, 1, 1);
    EXPECT_EQ(wire.in(rst, 1), State::listen);
}

TEST(PeerView, challenge_of_an_unknown_connection_tells_nothing) {
    Wire wire;
    wire.out(syn, 0);
    EXPECT_EQ(wire.in(ack, 500, 900), State::listen);
}

TEST(PeerView, we_close_first) {
    Wire wire;
    wire.open();
    EXPECT_EQ(wire.out(fin, 1, 1), State::established) << "until it answers";
    EXPECT_EQ(wire.in(ack, 1, 2), State::close_wait);
    EXPECT_EQ(wire.in(fin, 1, 2), State::last_ack);
    EXPECT_EQ(wire.in(fin, 1, 2), State::last_ack) << "repeated";
    EXPECT_EQ(wire.out(ack, 2, 2), State::closed);
    EXPECT_EQ(wire.in(fin, 1, 2), State::last_ack) << "our ACK was lost";
}

TEST(PeerView, three_segment_close) {
    Wire wire;
    wire.open();
    wire.out(fin, 1, 1);
    EXPECT_EQ(wire.in(fin, 1, 2), State::last_ack);
    EXPECT_EQ(wire.out(ack, 2, 2), State::closed);
}

TEST(PeerView, it_closes_first) {
    Wire wire;
    wire.open();
    EXPECT_EQ(wire.in(fin, 1, 1), State::fin_wait_1);
    EXPECT_EQ(wire.out(ack, 1, 2), State::fin_wait_2);
    EXPECT_EQ(wire.out(fin, 1, 2), State::fin_wait_2);
    EXPECT_EQ(wire.in(ack, 2, 2), State::time_wait);
}

TEST(PeerView, it_closes_first_and_we_answer_with_a_fin_at_once) {
    Wire wire;
    wire.open();
    wire.in(fin, 1, 1);
    EXPECT_EQ(wire.out(fin, 1, 2), State::fin_wait_1);  // and never FIN-WAIT-2 (§3.10.7.4, fifth)
    EXPECT_EQ(wire.in(ack, 2, 2), State::time_wait);
}

TEST(PeerView, its_fin_comes_again_when_our_ack_was_lost) {
    Wire wire;
    wire.open();
    wire.in(fin, 1, 1);
    wire.out(ack, 1, 2);
    EXPECT_EQ(wire.in(fin, 1, 1), State::fin_wait_1);
    EXPECT_EQ(wire.out(ack, 1, 2), State::fin_wait_2);
}

TEST(PeerView, simultaneous_close_acknowledged_by_us_first) {  // Figure 13
    Wire wire;
    wire.open();
    wire.out(fin, 1, 1);
    EXPECT_EQ(wire.in(fin, 1, 1), State::fin_wait_1);
    EXPECT_EQ(wire.out(ack, 2, 2), State::closing);
    EXPECT_EQ(wire.in(ack, 2, 2), State::time_wait);
}

TEST(PeerView, simultaneous_close_acknowledged_by_it_first) {
    Wire wire;
    wire.open();
    wire.out(fin, 1, 1);
    wire.in(fin, 1, 1);
    EXPECT_EQ(wire.in(ack, 2, 2), State::closing);
    EXPECT_EQ(wire.out(ack, 2, 2), State::time_wait);
}

TEST(PeerView, the_same_pair_of_sockets_again) {
    Wire wire;
    wire.open();
    wire.out(fin, 1, 1);
    wire.in(fin, 1, 2);
    wire.out(ack, 2, 2);
    wire.out(syn, 5000);
    EXPECT_EQ(wire.in(syn_ack, 9000, 5001), State::syn_received);
    EXPECT_EQ(wire.out(ack, 5001, 9001), State::established);
}

}  // namespace
}  // namespace tcpcraft
