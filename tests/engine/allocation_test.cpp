// What a segment costs in memory when all is warm: nothing, from the octets that arrive to the
// octets that leave. Parse, advance and serialize, both ends, thousands of segments.
#include <array>
#include <functional>

#include <gtest/gtest.h>
#include <tests/support/allocation_count.hpp>

#include <libtcpcraft/engine/advance.hpp>
#include <libtcpcraft/wire/codec.hpp>

namespace tcpcraft::test {
namespace {

using enum State;

/// Two machines whose segments go over a wire as octets.
class WiredPair {
public:
    WiredPair(const WiredPair&) = delete;
    WiredPair& operator=(const WiredPair&) = delete;
    ~WiredPair() = default;
    explicit WiredPair(Family family) {
        const bool v4 = family == Family::v4;
        id_ = {Endpoint::read(v4 ? "192.0.2.1:4000" : "[2001:db8::1]:4000").value(),
               Endpoint::read(v4 ? "192.0.2.2:80" : "[2001:db8::2]:80").value()};
        policy_.syn_options = {MaximumSegmentSize{1460}, SackPermitted{}, Timestamps{},
                               NoOperation{}, WindowScale{7}};
        policy_.keep_alive = KeepAlive{};
        policy_.time_wait = std::chrono::seconds{1};
    }

    void open() {
        call(server, PassiveOpen{.local = id_.remote});
        call(client, ActiveOpen{.id = id_});
    }
    void send_data() {
        static constexpr std::array<std::byte, 1000> data{};
        call(client, Send{data});
        call(server, Send{data});
    }
    void probe() {
        now_ += std::chrono::seconds{1};  // answers are that rare (RFC 5961 §7)
        call(client, ProbeKeepAlive{});
    }
    void close() {
        call(client, Close{});
        call(server, Close{});
        now_ += std::chrono::seconds{2};
        call(client, TimePasses{});
    }
    void abort() { call(client, Abort{}); }

    Tcb client{};
    Tcb server{};
    std::size_t segments{0};

private:
    /// Octets under way in one direction.
    struct Wire {
        std::array<std::array<std::byte, 1500>, 4> packet{};
        std::array<std::size_t, 4> size{};
        std::size_t count{0};
    };

    /// What `end` says to a call goes to the other one, and so on until nobody answers.
    void call(Tcb& end, const Event& event) {
        Tcb* from = &end;
        take(*from, event);
        while (leaving_->count > 0) {
            std::swap(leaving_, arriving_);
            leaving_->count = 0;
            from = from == &client ? &server : &client;
            for (std::size_t i = 0; i < arriving_->count; ++i) {
                deliver(*from, std::span{arriving_->packet.at(i)}.first(arriving_->size.at(i)));
            }
        }
    }
    void deliver(Tcb& to, std::span<const std::byte> octets) {
        const auto packet = parse(octets);
        ASSERT_TRUE(packet);
        ASSERT_EQ(packet->checksum, Checksum::ok);
        take(to, SegmentArrives{packet->segment, packet->ip.source, packet->ip.destination});
    }
    void take(Tcb& end, const Event& event) {
        actions_.clear();
        now_ += std::chrono::milliseconds{1};
        end = advance(std::move(end), event, now_, policy_, actions_);
        for (const Action& action : actions_) {
            if (const auto* transmit = std::get_if<Transmit>(&action)) {
                put(end, transmit->segment);
            }
        }
    }
    void put(const Tcb& end, const Segment& segment) {
        Datagram made;
        made.ip.source = &end == &client ? id_.local.address : id_.remote.address;
        made.ip.destination = &end == &client ? id_.remote.address : id_.local.address;
        made.segment = segment;
        const std::size_t at = leaving_->count++;
        leaving_->size.at(at) = serialize_into(leaving_->packet.at(at), made).size();
        ++segments;
    }

    ConnectionId id_{};
    Policy policy_{};
    Actions actions_{};
    Instant now_{std::chrono::seconds{1}};
    std::array<Wire, 2> wires_{};
    Wire* leaving_{&wires_[0]};
    Wire* arriving_{&wires_[1]};
};

class Allocation : public testing::TestWithParam<Family> {
protected:
    /// A thousand times, after the first, in which buffers come to be: so many segments each.
    void none_is_taken_by(const std::function<void()>& once, std::size_t segments) {
        once();
        const std::size_t segments_before = pair.segments;
        const std::size_t before = allocation_count();
        for (int i = 0; i < 1000; ++i) {
            once();
        }
        EXPECT_EQ(allocation_count(), before);
        EXPECT_EQ(pair.segments - segments_before, 1000 * segments);
    }

    WiredPair pair{GetParam()};
};
INSTANTIATE_TEST_SUITE_P(Families, Allocation, testing::Values(Family::v4, Family::v6),
                         [](const auto& family) {
                             return family.param == Family::v4 ? "v4" : "v6";
                         });

TEST_P(Allocation, HandshakesAndTeardownsTakeNone) {
    const auto once = [&] {
        pair.open();
        ASSERT_EQ(pair.client.state, established);
        ASSERT_EQ(pair.server.state, established);
        pair.close();
        ASSERT_EQ(pair.client.state, closed);
        ASSERT_EQ(pair.server.state, closed);
    };
    none_is_taken_by(once, 7);
}

TEST_P(Allocation, HandshakesThatAreAbortedTakeNone) {
    const auto once = [&] {
        pair.open();
        ASSERT_EQ(pair.server.state, established);
        pair.abort();
        ASSERT_EQ(pair.client.state, closed);
        ASSERT_EQ(pair.server.state, closed);
    };
    none_is_taken_by(once, 4);
}

TEST_P(Allocation, DataAndKeepAliveTakeNone) {
    pair.open();
    const auto once = [&] {
        pair.send_data();
        pair.probe();
    };
    none_is_taken_by(once, 6);
    EXPECT_EQ(pair.client.state, established);
}

}  // namespace
}  // namespace tcpcraft::test
