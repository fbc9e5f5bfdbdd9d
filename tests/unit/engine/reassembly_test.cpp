#include <numeric>
#include <random>

#include <gtest/gtest.h>

#include <libtcpcraft/engine/rfc9293/reassembly.hpp>

namespace tcpcraft::rfc9293 {
namespace {

std::vector<std::byte> counting(std::size_t size) {
    std::vector<std::byte> octets(size);
    for (std::size_t i = 0; i < size; ++i) {
        octets[i] = static_cast<std::byte>(i);
    }
    return octets;
}

TEST(Trim, KeepsWhatIsNewAndInTheWindow) {  // RFC 9293 §3.10.7.4, first
    const auto octets = counting(10);
    const ReceiveSpace rcv{.nxt = Seq{100}, .wnd = 4};
    Segment seg;
    seg.payload = octets;
    seg.seq = Seq{97};
    const Text both = trim(rcv, seg);
    EXPECT_EQ(both.seq, Seq{100});
    EXPECT_EQ(both.data.size(), 4U);
    EXPECT_EQ(both.data.front(), std::byte{3});
    seg.seq = Seq{90};
    EXPECT_TRUE(trim(rcv, seg).data.empty());
    seg.seq = Seq{103};
    EXPECT_EQ(trim(rcv, seg).data.size(), 1U);
    seg.seq = Seq{104};
    EXPECT_TRUE(trim(rcv, seg).data.empty());
}

TEST(Trim, CountsTheSynFirst) {  // RFC 9293 §3.4
    const auto octets = counting(2);
    Segment seg;
    seg.flags = {Flag::syn};
    seg.seq = Seq{99};
    seg.payload = octets;
    const Text text = trim({.nxt = Seq{100}, .wnd = 4}, seg);
    EXPECT_EQ(text.seq, Seq{100});
    EXPECT_EQ(text.data.size(), 2U);
}

// Whatever the cuts, the order and the overlaps: every octet once, in one piece (SHLD-31).
TEST(Hold, JoinsAnyPieces) {
    const auto octets = counting(200);
    std::mt19937 random{1};
    for (int round = 0; round < 200; ++round) {
        const Seq start{0xffffff9c};  // the wrap lies in the middle
        Buffers buffers;
        const auto& pieces = buffers.out_of_order;
        for (int i = 0; i < 400; ++i) {
            const std::size_t from = random() % 200;
            const std::size_t size = std::min<std::size_t>(1 + random() % 20, 200 - from);
            hold(buffers,
                 {start + static_cast<std::uint32_t>(from), std::span{octets}.subspan(from, size)});
        }
        hold(buffers, {start, octets});
        ASSERT_EQ(pieces.size(), 1U);
        EXPECT_EQ(pieces.front().seq, start);
        EXPECT_EQ(pieces.front().data, octets);
    }
}

TEST(Hold, KeepsPiecesApartThatDoNotTouch) {
    const auto octets = counting(4);
    Buffers buffers;
    const auto& pieces = buffers.out_of_order;
    hold(buffers, {Seq{20}, octets});
    hold(buffers, {Seq{10}, octets});
    ASSERT_EQ(pieces.size(), 2U);
    EXPECT_EQ(pieces[0].seq, Seq{10});
    hold(buffers, {Seq{15}, octets});
    EXPECT_EQ(pieces.size(), 3U);
    hold(buffers, {Seq{14}, octets});
    EXPECT_EQ(pieces.size(), 2U);
    hold(buffers, {Seq{17}, octets});
    EXPECT_EQ(pieces.size(), 1U);
    EXPECT_EQ(pieces[0].data.size(), 14U);
}

}  // namespace
}  // namespace tcpcraft::rfc9293
