#include <array>
#include <random>

#include <gtest/gtest.h>
#include <tests/engine/pair.hpp>
#include <tests/support/allocation_count.hpp>

// RFC 9293 §3.5, §3.6: two machines talk to each other.

namespace tcpcraft::test {
namespace {

using enum State;
using States = std::vector<State>;

class PairTest : public ::testing::TestWithParam<Seq> {
protected:
    void open() {
        pair.call(pair.b, PassiveOpen{.local = pair.a_to_b.remote, .iss = GetParam()});
        pair.call(pair.a, ActiveOpen{.id = pair.a_to_b, .iss = GetParam() - 1});
        pair.run();
    }
    void forget() {
        pair.a.went_through.clear();
        pair.b.went_through.clear();
    }
    Pair pair{};
};
INSTANTIATE_TEST_SUITE_P(From, PairTest, ::testing::Values(Seq{1}, Seq{0xffffffff}));

TEST_P(PairTest, ShakesHands) {  // RFC 9293 §3.5 Fig. 6
    open();
    EXPECT_EQ(pair.a.went_through, (States{syn_sent, established}));
    EXPECT_EQ(pair.b.went_through, (States{listen, syn_received, established}));
}

TEST_P(PairTest, OpensAtTheSameTime) {  // RFC 9293 §3.5 Fig. 7 (MUST-10)
    pair.call(pair.a, ActiveOpen{.id = pair.a_to_b, .iss = Seq{100}});
    pair.call(pair.b, ActiveOpen{.id = {pair.a_to_b.remote, pair.a_to_b.local}, .iss = Seq{300}});
    pair.run();
    EXPECT_EQ(pair.a.went_through, (States{syn_sent, syn_received, established}));
    EXPECT_EQ(pair.b.went_through, (States{syn_sent, syn_received, established}));
    EXPECT_EQ(pair.a.tcb.snd.una, Seq{101});
    EXPECT_EQ(pair.b.tcb.snd.una, Seq{301});
}

TEST_P(PairTest, RecoversFromAnOldDuplicateSyn) {  // RFC 9293 §3.5 Fig. 8
    pair.call(pair.b, PassiveOpen{.local = pair.a_to_b.remote});
    pair.call(pair.a, ActiveOpen{.id = pair.a_to_b, .iss = Seq{100}});
    Segment old = pair.to_b.front().segment;
    old.seq = Seq{90};
    pair.to_b.push_front({old, {}});
    EXPECT_TRUE(pair.deliver_to(pair.b));   // line 3: the old SYN
    EXPECT_TRUE(pair.deliver_to(pair.a));   // line 4: an ACK that fits nothing
    std::swap(pair.to_b[0], pair.to_b[1]);  // line 5: the RST overtakes the SYN
    EXPECT_TRUE(pair.deliver_to(pair.b));
    EXPECT_EQ(pair.b.tcb.state, listen);
    pair.run();
    EXPECT_EQ(pair.a.went_through, (States{syn_sent, established}));
    EXPECT_EQ(pair.b.went_through,
              (States{listen, syn_received, listen, syn_received, established}));
}

TEST_P(PairTest, DiscoversAHalfOpenConnection) {  // RFC 9293 §3.5.1 Fig. 9
    open();
    forget();
    pair.a.tcb = Tcb{};  // a crash
    pair.call(pair.a, ActiveOpen{.id = pair.a_to_b, .iss = Seq{400}});
    pair.run();
    EXPECT_EQ(pair.a.tcb.state, syn_sent);
    EXPECT_EQ(pair.b.went_through, (States{closed}));
}

TEST_P(PairTest, DiscoversAHalfOpenConnectionByData) {  // RFC 9293 §3.5.1 Fig. 10
    open();
    forget();
    pair.a.tcb = Tcb{};
    pair.call(pair.b, Send{.data = std::array<std::byte, 10>{}});
    pair.run();
    EXPECT_EQ(pair.b.went_through, (States{closed}));
}

TEST_P(PairTest, ResetsAnOldSynAmongTwoListeners) {  // RFC 9293 §3.5.1 Fig. 11
    pair.call(pair.a, PassiveOpen{.local = pair.a_to_b.local});
    pair.call(pair.b, PassiveOpen{.local = pair.a_to_b.remote});
    Segment old;
    old.source = pair.a_to_b.local.port;
    old.destination = pair.a_to_b.remote.port;
    old.seq = Seq{90};
    old.flags = {Flag::syn};
    pair.to_b.push_back({old, {}});
    pair.run();
    EXPECT_EQ(pair.a.went_through, (States{listen}));
    EXPECT_EQ(pair.b.went_through, (States{listen, syn_received, listen}));
}

TEST_P(PairTest, ClosesOneAfterTheOther) {  // RFC 9293 §3.6 Fig. 12
    open();
    forget();
    pair.call(pair.a, Close{});
    pair.run();
    pair.call(pair.b, Close{});
    pair.run();
    EXPECT_EQ(pair.a.went_through, (States{fin_wait_1, fin_wait_2, time_wait}));
    EXPECT_EQ(pair.b.went_through, (States{close_wait, last_ack, closed}));
    EXPECT_TRUE(pair.wait());
    EXPECT_EQ(pair.a.tcb.state, closed);
}

TEST_P(PairTest, ClosesAtTheSameTime) {  // RFC 9293 §3.6 Fig. 13
    open();
    forget();
    pair.call(pair.a, Close{});
    pair.call(pair.b, Close{});
    pair.run();
    EXPECT_EQ(pair.a.went_through, (States{fin_wait_1, closing, time_wait}));
    EXPECT_EQ(pair.b.went_through, (States{fin_wait_1, closing, time_wait}));
}

// RFC 9293 §3.8.1: whatever is lost, every octet arrives once and in order.
TEST_P(PairTest, BringsEverythingOverALossyWire) {
    for (std::size_t loses = 2; loses < 12; ++loses) {
        Pair fresh;
        std::mt19937 random{static_cast<std::uint32_t>(loses)};
        std::vector<std::byte> sent;
        fresh.a.policy.retransmissions = 200;
        fresh.b.policy.retransmissions = 200;
        fresh.a.policy.syn_retransmissions = 200;
        fresh.b.policy.syn_retransmissions = 200;
        fresh.b.policy.rcv_wnd = 3000;
        fresh.call(fresh.b, PassiveOpen{.local = fresh.a_to_b.remote, .iss = GetParam()});
        fresh.call(fresh.a, ActiveOpen{.id = fresh.a_to_b, .iss = GetParam() - 1000});
        fresh.run(loses);
        while (fresh.a.tcb.state == syn_sent && fresh.wait()) {  // CLOSE there would end it
            fresh.run(loses);
        }
        for (int i = 0; i < 50; ++i) {
            std::vector<std::byte> piece(random() % 1500);
            for (std::byte& octet : piece) {
                octet = static_cast<std::byte>(random());
            }
            sent.insert(sent.end(), piece.begin(), piece.end());
            fresh.call(fresh.a, Send{piece});
            fresh.run(loses);
        }
        fresh.call(fresh.a, Close{});
        fresh.run(loses);
        for (int i = 0; i < 5000 && fresh.b.tcb.state != close_wait && fresh.wait(); ++i) {
            fresh.run(loses);
        }
        EXPECT_EQ(text(fresh.b.tcb.state), "CLOSE-WAIT") << "one lost in " << loses;
        EXPECT_TRUE(fresh.b.received == sent) << "one lost in " << loses;
    }
}

/// Two machines over a wire that takes no memory: what one sends is handed to the other at once.
class LeanPair {
public:
    LeanPair() {
        policy_.syn_options = {MaximumSegmentSize{1460}, SackPermitted{}, Timestamps{},
                               NoOperation{}, WindowScale{7}};
        policy_.keep_alive = KeepAlive{};
        converse(&server, &client, PassiveOpen{.local = id_.remote});
        converse(&client, &server, ActiveOpen{.id = id_});
    }

    /// A thousand octets each way, and their ACKs.
    void ping_pong() {
        static constexpr std::array<std::byte, 1000> data{};
        converse(&client, &server, Send{data});
        converse(&server, &client, Send{data});
    }

    Tcb client{};
    Tcb server{};
    std::size_t segments{0};

private:
    // Hands the one segment that `from` sends to `to`, and so on until nobody answers.
    void converse(Tcb* from, Tcb* to, Event event) {
        for (;;) {
            actions_.clear();
            *from = advance(std::move(*from), event, now_, policy_, actions_);
            const Transmit* const sent = last_transmit();
            if (sent == nullptr) {
                return;
            }
            ++segments;
            Segment segment = sent->segment;
            std::copy(segment.payload.begin(), segment.payload.end(), wire_.begin());
            segment.payload = std::span{wire_}.first(segment.payload.size());
            event = SegmentArrives{segment, from->id.local.address, id_.remote.address};
            std::swap(from, to);
            now_ += std::chrono::milliseconds{1};
        }
    }
    [[nodiscard]] const Transmit* last_transmit() const {
        const Transmit* sent = nullptr;
        for (const Action& action : actions_) {
            if (const auto* transmit = std::get_if<Transmit>(&action)) {
                sent = transmit;
            }
        }
        return sent;
    }

    Policy policy_{};
    Actions actions_{};
    ConnectionId id_{Endpoint::read("[2001:db8::1]:4000").value(),
                     Endpoint::read("[2001:db8::2]:80").value()};
    Instant now_{std::chrono::seconds{1}};
    std::array<std::byte, 1000> wire_{};
};

}  // namespace

// Once buffers have grown, a segment costs no memory: neither data nor ACKs, in either direction.
TEST(SteadyState, TakesNoMemory) {
    LeanPair pair;
    ASSERT_EQ(pair.client.state, State::established);
    ASSERT_EQ(pair.server.state, State::established);
    pair.ping_pong();

    const std::size_t segments_before = pair.segments;
    const std::size_t before_it = allocation_count();
    for (int i = 0; i < 2500; ++i) {
        pair.ping_pong();
    }
    EXPECT_EQ(allocation_count(), before_it);
    EXPECT_EQ(pair.segments - segments_before, 10'000U);
    EXPECT_EQ(pair.client.rcv.nxt, pair.client.rcv.irs + 1 + 2'501'000);
}

}  // namespace tcpcraft::test
