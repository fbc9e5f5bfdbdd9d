#include <gtest/gtest.h>

#include <libtcpcraft/engine/invariants.hpp>
#include <libtcpcraft/engine/tcb.hpp>

namespace tcpcraft {
namespace {

static_assert(sizeof(Tcb) == 192);

TEST(Tcb, IsAValue) {
    Tcb a;
    a.buffers.use().send.assign(3, std::byte{7});
    Tcb b = a;
    EXPECT_EQ(a, b);
    b.buffers.use().send.front() = std::byte{8};
    EXPECT_NE(a, b);
    EXPECT_EQ(a.buffers.peek()->send.front(), std::byte{7});
    a = b;
    EXPECT_EQ(a, b);
    const Tcb c = std::move(b);
    EXPECT_EQ(a, c);
}

TEST(Tcb, HoldsNoBuffersAtFirst) { EXPECT_EQ(Tcb{}.buffers.peek(), nullptr); }

TEST(Tcb, EmptyBuffersEqualNone) {
    Tcb a;
    const Tcb b;
    (void)a.buffers.use();
    EXPECT_EQ(a, b);
    a.buffers.use().out_of_order.push_back({Seq{1}, {std::byte{1}}});
    EXPECT_NE(a, b);
    a.buffers.release();
    EXPECT_EQ(a, b);
}

TEST(Invariants, HoldOfANewTcb) { EXPECT_EQ(broken_invariant(Tcb{}), std::nullopt); }

TEST(Invariants, NameWhatIsBroken) {
    Tcb tcb;
    tcb.state = State::established;
    tcb.snd.una = Seq{5};
    tcb.snd.nxt = Seq{4};
    EXPECT_EQ(broken_invariant(tcb), "SND.UNA =< SND.NXT");
    tcb.snd.nxt = Seq{6};
    EXPECT_EQ(broken_invariant(tcb), "what is outstanding has a timer");
    tcb.timers.set(Timer::retransmission, Instant{});
    EXPECT_EQ(broken_invariant(tcb), "what was sent is still held");
    tcb.buffers.use().send.resize(1);
    EXPECT_EQ(broken_invariant(tcb), std::nullopt);
    tcb.state = State::time_wait;
    EXPECT_EQ(broken_invariant(tcb), "the timer of TIME-WAIT runs there and only there");
}

TEST(Invariants, WantPiecesApartAndInOrder) {  // RFC 9293 §3.10.7.4 (SHLD-31)
    Tcb tcb;
    tcb.state = State::established;
    tcb.rcv.wnd = 100;
    auto& pieces = tcb.buffers.use().out_of_order;
    pieces = {{Seq{10}, {2, std::byte{}}}, {Seq{13}, {2, std::byte{}}}};
    EXPECT_EQ(broken_invariant(tcb), std::nullopt);
    pieces[1].seq = Seq{12};
    EXPECT_NE(broken_invariant(tcb), std::nullopt);
    pieces[1].seq = Seq{99};
    EXPECT_NE(broken_invariant(tcb), std::nullopt);
}

}  // namespace
}  // namespace tcpcraft
