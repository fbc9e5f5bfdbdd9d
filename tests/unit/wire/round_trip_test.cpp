// Parse, then serialise, is the identity; serialise, then parse, gives back every value.
#include <gtest/gtest.h>
#include <tests/support/segment_generator.hpp>

#include <libtcpcraft/wire/codec.hpp>
#include <libtcpcraft/wire/text.hpp>

namespace tcpcraft {
namespace {

constexpr int rounds = 20000;

Family family_of(int round) { return round % 2 == 0 ? Family::v4 : Family::v6; }

TEST(RoundTrip, WellFormedSegmentsComeBackAsTheyWere) {
    test::SegmentGenerator dice{5};
    for (int i = 0; i < rounds; ++i) {
        const auto made = dice.well_formed(family_of(i));
        const auto packet = serialize(made.datagram);
        const auto read = parse(packet);
        ASSERT_TRUE(read) << read.error().sentence();
        ASSERT_EQ(read->segment, made.datagram.segment) << segment_text(made.datagram.segment);
        ASSERT_EQ(read->checksum, Checksum::ok);
        ASSERT_FALSE(read->lies.any());
        ASSERT_EQ(read->ip.source, made.datagram.ip.source);
        ASSERT_EQ(read->ip.destination, made.datagram.ip.destination);
        ASSERT_EQ(read->ip.hop_limit, made.datagram.ip.hop_limit);
        ASSERT_EQ(read->ip.traffic_class, made.datagram.ip.traffic_class);
        ASSERT_EQ(read->ip.identification, made.datagram.ip.identification);
        ASSERT_EQ(read->ip.flow_label, made.datagram.ip.flow_label);
    }
}

TEST(RoundTrip, AnySegmentIsWrittenAsItWasRead) {
    test::SegmentGenerator dice{6};
    for (int i = 0; i < rounds; ++i) {
        const auto made = dice.any(family_of(i));
        const auto packet = serialize(made.datagram);
        const auto read = parse(packet);
        ASSERT_TRUE(read) << read.error().sentence();
        ASSERT_EQ(serialize(*read), packet) << i;
        Segment padded = made.datagram.segment;
        padded.options.pad();
        ASSERT_EQ(read->segment, padded) << i;
        ASSERT_EQ(serialize(*parse(packet, false)), packet) << i;
    }
}

TEST(RoundTrip, AMutatedPacketIsRefusedOrWrittenAsItWasRead) {
    test::SegmentGenerator dice{7};
    int accepted = 0;
    for (int i = 0; i < rounds; ++i) {
        auto packet = serialize(dice.any(family_of(i)).datagram);
        const auto size = static_cast<std::uint32_t>(packet.size());
        for (std::uint32_t n = 1 + dice.below(3); n > 0; --n) {
            packet[dice.below(std::min(size, 80U))] = static_cast<std::byte>(dice.below(256));
        }
        packet.resize(size - (dice.one_in(8) ? dice.below(size) : 0));
        const auto read = parse(packet);
        if (!read) {
            ASSERT_LT(read.error().offset, std::max<std::size_t>(packet.size(), 1) + 1);
            ASSERT_FALSE(read.error().sentence().empty());
            continue;
        }
        ++accepted;
        const auto again = serialize(*read);
        ASSERT_LE(again.size(), packet.size());
        packet.resize(again.size());  // padding
        ASSERT_EQ(again, packet) << i;
    }
    EXPECT_GT(accepted, rounds / 4);
    EXPECT_LT(accepted, rounds);
}

}  // namespace
}  // namespace tcpcraft
