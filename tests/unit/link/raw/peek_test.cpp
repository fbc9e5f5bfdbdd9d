#include <gtest/gtest.h>
#include <tests/support/octets.hpp>
#include <tests/support/segment_generator.hpp>

#include <libtcpcraft/link/raw/peek.hpp>

namespace tcpcraft {
namespace {

TEST(Peek, AgreesWithTheCodecOnWhateverCanBeBuilt) {
    test::SegmentGenerator generator{7};
    for (int i = 0; i < 2000; ++i) {
        const auto made = generator.any(i % 2 == 0 ? Family::v4 : Family::v6);
        const auto octets = serialize(made.datagram);
        const auto parsed = parse(octets);
        if (!parsed) {
            continue;
        }
        const auto peeked = peek(octets);
        ASSERT_TRUE(peeked) << i;
        EXPECT_EQ(peeked->source, parsed->ip.source);
        EXPECT_EQ(peeked->destination, parsed->ip.destination);
        EXPECT_EQ(peeked->source_port, parsed->segment.source);
        EXPECT_EQ(peeked->destination_port, parsed->segment.destination);
        EXPECT_EQ(Seq{peeked->seq}, parsed->segment.seq);
        EXPECT_EQ(reset_fingerprint(*peeked).has_value(), parsed->segment.has(Flag::rst));
    }
}

TEST(Peek, MakesDoWithEightOctetsOfTcp) {  // RFC 792: what an ICMP error quotes at least
    const auto quoted = test::octets(
        "45 00 00 28 00 00 40 00 40 06 00 00 c0 00 02 01 c0 00 02 02 9c 40 00 50 00 00 03 e8");
    const auto peeked = peek(quoted);
    ASSERT_TRUE(peeked);
    EXPECT_EQ(peeked->seq, 1000U);
    EXPECT_EQ(peeked->source_port, Port{40000});
    EXPECT_FALSE(reset_fingerprint(*peeked));
    for (std::size_t size = 0; size < quoted.size(); ++size) {
        EXPECT_FALSE(peek(std::span{quoted}.first(size))) << size;
    }
}

TEST(Peek, SeesThroughAtomicFragmentsOnly) {  // RFC 6946
    auto octets = test::octets(
        "60 00 00 00 00 10 2c 40"
        "20 01 0d b8 00 00 00 00 00 00 00 00 00 00 00 01"
        "20 01 0d b8 00 00 00 00 00 00 00 00 00 00 00 02"
        "06 00 00 00 00 00 00 07 9c 40 00 50 00 00 03 e8");
    EXPECT_TRUE(peek(octets));
    octets[43] = std::byte{0x08};  // offset 1
    EXPECT_FALSE(peek(octets));
}

}  // namespace
}  // namespace tcpcraft
