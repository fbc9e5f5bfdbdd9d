#include <array>

#include <gtest/gtest.h>
#include <tests/engine/pair.hpp>

#include <libtcpcraft/wire/text.hpp>

// RFC 9293 §3.5, §3.5.1 and §3.6: figures 6 to 13, segment for segment, with their own numbers.

namespace tcpcraft::test {
namespace {

using enum State;

/// Two machines, and the numbers of the figures counted from 0 and from just below the wrap.
class Figures : public ::testing::TestWithParam<Seq> {
protected:
    void TearDown() override {
        EXPECT_TRUE(pair.to_a.empty() && pair.to_b.empty()) << "more was sent than the figure has";
    }

    [[nodiscard]] Seq at(std::uint32_t number) const { return GetParam() + number; }

    void a_opens(std::uint32_t iss) {
        pair.call(pair.a, ActiveOpen{.id = pair.a_to_b, .iss = at(iss)});
    }
    void b_opens(std::uint32_t iss) {
        const ConnectionId b_to_a{pair.a_to_b.remote, pair.a_to_b.local};
        pair.call(pair.b, ActiveOpen{.id = b_to_a, .iss = at(iss)});
    }
    void b_listens(std::uint32_t iss) {
        pair.call(pair.b, PassiveOpen{.local = pair.a_to_b.remote, .iss = at(iss)});
    }
    /// A sends from `a` on, B from `b` on, as the figures of half-open and closing connections
    /// begin.
    void establish(std::uint32_t a, std::uint32_t b) {
        b_listens(b - 1);
        a_opens(a - 1);
        pair.run();
        are(established, established);
    }
    /// What the figure lets come out of nowhere: an old duplicate under way to B.
    void old_duplicate_to_b(std::string_view notation) {
        Segment old;
        old.source = pair.a_to_b.local.port;
        old.destination = pair.a_to_b.remote.port;
        old.wnd = 1000;
        pair.to_b.push_front({read(notation).laid_over(old), {}});
    }

    void reaches_a(std::string_view notation) { reaches(pair.a, pair.to_a, notation); }
    void reaches_b(std::string_view notation) { reaches(pair.b, pair.to_b, notation); }
    void are(State a, State b) {
        EXPECT_EQ(text(pair.a.tcb.state), text(a)) << "A " << line_;
        EXPECT_EQ(text(pair.b.tcb.state), text(b)) << "B " << line_;
    }

    Pair pair{};

private:
    [[nodiscard]] SegmentPattern read(std::string_view notation) const {
        return read_segment(notation, {GetParam(), GetParam()}).value();
    }
    /// The oldest segment under way to `side` is this one; it arrives.
    void reaches(Pair::Side& side, std::deque<Pair::InFlight>& wire, std::string_view notation) {
        line_ = "after " + std::string{notation};
        ASSERT_FALSE(wire.empty()) << "nothing is under way for " << notation;
        Segment seen = wire.front().segment;
        seen.payload = wire.front().octets;
        SegmentPattern wanted = read(notation);
        wanted.options.reset();
        if (wanted.payload) {
            wanted.payload_size = static_cast<std::uint32_t>(wanted.payload->size());
            wanted.payload.reset();
        }
        EXPECT_EQ(wanted.difference(seen), "") << notation;
        EXPECT_EQ(seen.payload.size(), wanted.payload_size.value_or(0)) << notation;
        pair.deliver_to(side);
    }

    std::string line_{"at the beginning"};
};
INSTANTIATE_TEST_SUITE_P(From, Figures, ::testing::Values(Seq{0}, Seq{0} - 101));

TEST_P(Figures, Figure6BasicHandshake) {  // RFC 9293 §3.5 Fig. 6
    b_listens(300);
    are(closed, listen);
    a_opens(100);
    reaches_b("S 100:100(0)");
    are(syn_sent, syn_received);
    reaches_a("S. 300:300(0) ack 101");
    are(established, syn_received);
    reaches_b(". 101:101(0) ack 301");
    are(established, established);
    pair.call(pair.a, Send{.data = std::array<std::byte, 20>{}, .push = false});
    reaches_b(". 101:121(20) ack 301");
    EXPECT_EQ(pair.b.received.size(), 20U);
    reaches_a(". 301:301(0) ack 121");
    are(established, established);
}

// Line 7 has B take a SYN,ACK whose SEQ is IRS, which lies left of its window: by the table of
// §3.4 that segment is not acceptable and earns an ACK. §A.2 knows of it. The machine does what the
// figure shows; the next test is the other reading.
TEST_P(Figures, Figure7SimultaneousOpen) {  // RFC 9293 §3.5 Fig. 7 (MUST-10)
    are(closed, closed);
    a_opens(100);
    b_opens(300);
    are(syn_sent, syn_sent);
    reaches_a("S 300:300(0)");
    are(syn_received, syn_sent);
    reaches_b("S 100:100(0)");
    are(syn_received, syn_received);
    reaches_a("S. 300:300(0) ack 101");
    are(established, syn_received);
    reaches_b("S. 100:100(0) ack 301");
    are(established, established);
}

// A peer that goes by the letter answers the SYN,ACK with an ACK: that one establishes.
TEST_P(Figures, Figure7ByTheLetterOfTheTable) {  // RFC 9293 §3.10.7.4, first and fifth; §A.2
    a_opens(100);
    b_opens(300);
    reaches_a("S 300:300(0)");
    reaches_b("S 100:100(0)");
    pair.to_b.clear();  // A's SYN,ACK arrives at a B that goes by the letter
    pair.to_a.clear();
    old_duplicate_to_b(". 101:101(0) ack 301");
    reaches_b(". 101:101(0) ack 301");
    are(syn_received, established);
}

TEST_P(Figures, Figure8RecoveryFromAnOldDuplicateSyn) {  // RFC 9293 §3.5 Fig. 8
    b_listens(300);
    a_opens(100);
    are(syn_sent, listen);
    old_duplicate_to_b("S 90:90(0)");
    reaches_b("S 90:90(0)");
    are(syn_sent, syn_received);
    reaches_a("S. 300:300(0) ack 91");
    are(syn_sent, syn_received);
    ASSERT_EQ(pair.to_b.size(), 2U);
    std::swap(pair.to_b[0], pair.to_b[1]);  // the figure has the SYN of line 2 come later
    reaches_b("R 91:91(0)");
    are(syn_sent, listen);
    pair.b.tcb.snd.iss = at(400);  // the figure's next ISS
    pair.b.tcb.snd.una = at(400);
    pair.b.tcb.snd.nxt = at(401);
    reaches_b("S 100:100(0)");
    are(syn_sent, syn_received);
    reaches_a("S. 400:400(0) ack 101");
    are(established, syn_received);
    reaches_b(". 101:101(0) ack 401");
    are(established, established);
}

TEST_P(Figures, Figure9HalfOpenConnectionDiscovery) {  // RFC 9293 §3.5.1 Fig. 9
    establish(100, 300);
    pair.a.tcb = Tcb{};  // the crash
    are(closed, established);
    a_opens(400);
    reaches_b("S 400:400(0)");
    are(syn_sent, established);
    reaches_a(". 300:300(0) ack 100");
    are(syn_sent, established);
    reaches_b("R 100:100(0)");
    are(syn_sent, closed);
    b_listens(500);
    EXPECT_TRUE(pair.wait());
    reaches_b("S 400:400(0)");  // line 7: A's SYN again begins a new connection
    are(syn_sent, syn_received);
    reaches_a("S. 500:500(0) ack 401");
    reaches_b(". 401:401(0) ack 501");
    are(established, established);
}

TEST_P(Figures, Figure10ActiveSideCausesHalfOpenDiscovery) {  // RFC 9293 §3.5.1 Fig. 10
    establish(100, 300);
    pair.a.tcb = Tcb{};
    pair.call(pair.b, Send{.data = std::array<std::byte, 10>{}, .push = false});
    reaches_a(". 300:310(10) ack 100");
    are(closed, established);
    reaches_b("R 100:100(0)");
    are(closed, closed);
}

TEST_P(Figures, Figure11OldDuplicateSynAmongTwoListeners) {  // RFC 9293 §3.5.1 Fig. 11
    constexpr std::string_view z = "S 90:90(0)";
    pair.call(pair.a, PassiveOpen{.local = pair.a_to_b.local, .iss = at(700)});
    b_listens(300);
    are(listen, listen);
    old_duplicate_to_b(z);
    reaches_b(z);
    are(listen, syn_received);
    reaches_a("S. 300:300(0) ack 91");  // SEQ=X, ACK=Z+1
    are(listen, syn_received);
    reaches_b("R 91:91(0)");  // SEQ=Z+1
    are(listen, listen);
}

TEST_P(Figures, Figure12NormalClose) {  // RFC 9293 §3.6 Fig. 12 (MUST-13)
    establish(100, 300);
    pair.call(pair.a, Close{});
    are(fin_wait_1, established);
    reaches_b("F. 100:100(0) ack 300");
    are(fin_wait_1, close_wait);
    reaches_a(". 300:300(0) ack 101");
    are(fin_wait_2, close_wait);
    pair.call(pair.b, Close{});
    are(fin_wait_2, last_ack);
    reaches_a("F. 300:300(0) ack 101");
    are(time_wait, last_ack);
    reaches_b(". 101:101(0) ack 301");
    are(time_wait, closed);
    EXPECT_EQ(next_deadline(pair.a.tcb), pair.now + 2 * pair.a.policy.msl);
    EXPECT_TRUE(pair.wait());
    are(closed, closed);
}

TEST_P(Figures, Figure13SimultaneousClose) {  // RFC 9293 §3.6 Fig. 13
    establish(100, 300);
    pair.call(pair.a, Close{});
    pair.call(pair.b, Close{});
    are(fin_wait_1, fin_wait_1);
    reaches_a("F. 300:300(0) ack 100");
    are(closing, fin_wait_1);
    reaches_b("F. 100:100(0) ack 300");
    are(closing, closing);
    reaches_a(". 301:301(0) ack 101");
    are(time_wait, closing);
    reaches_b(". 101:101(0) ack 301");
    are(time_wait, time_wait);
    EXPECT_TRUE(pair.wait());
    are(closed, closed);
}

}  // namespace
}  // namespace tcpcraft::test
