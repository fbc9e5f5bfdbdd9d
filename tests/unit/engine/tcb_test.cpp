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

struct Broken {
    std::string_view sentence{};
    void (*make)(Tcb& tcb){};
};

/// A connection in ESTABLISHED that breaks nothing, and one thing done to it.
const Broken each_broken[] = {
    {"CLOSED holds no timer",
     [](Tcb& t) {
         t.state = State::closed;
         t.timers.set(Timer::user, Instant{});
     }},
    {"CLOSED and LISTEN hold no data",
     [](Tcb& t) {
         t.state = State::closed;
         t.buffers.use().send.resize(1);
     }},
    {"LISTEN was opened passively", [](Tcb& t) { t.state = State::listen; }},
    {"a FIN follows CLOSE", [](Tcb& t) { t.fin_sent = true; }},
    {"FIN-WAIT-2 and TIME-WAIT have their FIN acknowledged",
     [](Tcb& t) { t.state = State::fin_wait_2; }},
    {"what waits to be delivered is ordered, apart and in the window",
     [](Tcb& t) {
         t.buffers.use().out_of_order = {{Seq{10}, {}}};
     }},
    {"shifts are at most 14", [](Tcb& t) { t.snd_shift = 15; }},
    {"shifts are at most 14", [](Tcb& t) { t.rcv_shift = 15; }},
    {"a round trip is timed only while something is outstanding",
     [](Tcb& t) {
         t.timing = true;
         t.timed_seq = t.snd.nxt;
     }},
};

TEST(Invariants, AreEachNoticed) {
    for (const Broken& broken : each_broken) {
        Tcb tcb;
        tcb.state = State::established;
        tcb.rcv.wnd = 100;
        EXPECT_EQ(broken_invariant(tcb), std::nullopt);
        broken.make(tcb);
        EXPECT_EQ(broken_invariant(tcb), broken.sentence);
    }
}

TEST(Tcb, CopiesBuffersOnlyWhereThereAreAny) {
    Tcb a;
    (void)a.buffers.use();
    const Tcb b = a;
    EXPECT_EQ(b.buffers.peek(), nullptr);
    Tcb c;
    c.buffers.use().send.resize(1);
    const Tcb& itself = c;
    c = itself;
    EXPECT_EQ(c.buffers.peek()->send.size(), 1U);
    c = a;
    EXPECT_EQ(c.buffers.peek(), nullptr);
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
