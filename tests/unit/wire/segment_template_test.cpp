// A template writes what serialize() writes, whatever differs (RFC 1624 §3, RFC 9293 §3.1, MUST-2).
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <tests/support/allocation_count.hpp>
#include <tests/support/octets.hpp>
#include <tests/support/segment_generator.hpp>

#include <libtcpcraft/wire/segment_template.hpp>

namespace tcpcraft {
namespace {

using test::SegmentGenerator;

SegmentTemplate::Fields fields_of(const Datagram& datagram) {
    return SegmentTemplate{datagram}.fields();
}

void put(const SegmentTemplate::Fields& fields, Datagram& datagram) {
    datagram.ip.source = fields.source;
    datagram.ip.destination = fields.destination;
    datagram.ip.identification = fields.identification;
    datagram.segment.source = fields.source_port;
    datagram.segment.destination = fields.destination_port;
    datagram.segment.seq = fields.seq;
    datagram.segment.ack = fields.ack;
    datagram.segment.options.set_timestamps(fields.timestamps);
}

std::vector<std::byte> written(const SegmentTemplate& made, const SegmentTemplate::Fields& fields) {
    std::vector<std::byte> room(made.size());
    const auto used = made.write_into(room, fields);
    EXPECT_EQ(used.size(), made.size());
    return room;
}

class Templates : public testing::TestWithParam<Family> {};
INSTANTIATE_TEST_SUITE_P(Families, Templates, testing::Values(Family::v4, Family::v6),
                         [](const auto& family) {
                             return family.param == Family::v4 ? "v4" : "v6";
                         });

TEST_P(Templates, WriteWhatSerializeWrites) {
    constexpr std::uint64_t seed = 61;
    SegmentGenerator dice{seed};
    for (int i = 0; i < 3000; ++i) {
        auto one = dice.any(GetParam());
        const auto other = dice.any(GetParam());
        const SegmentTemplate made{one.datagram};
        ASSERT_EQ(written(made, made.fields()), serialize(one.datagram)) << "seed " << seed;
        SegmentTemplate::Fields fields = fields_of(other.datagram);
        if (i % 3 == 0) {
            fields.timestamps = {dice.below(0xffffffff), dice.below(0xffffffff)};
        }
        const auto packet = written(made, fields);
        put(fields, one.datagram);
        ASSERT_EQ(packet, serialize(one.datagram)) << "seed " << seed << ", number " << i;
    }
}

TEST_P(Templates, PatchWhatTheyHaveWritten) {
    SegmentGenerator dice{62};
    auto one = dice.well_formed(GetParam());
    const SegmentTemplate made{one.datagram};
    auto packet = written(made, made.fields());
    for (int i = 0; i < 100; ++i) {
        const auto fields = fields_of(dice.any(GetParam()).datagram);
        made.patch(packet, fields);
        put(fields, one.datagram);
        ASSERT_EQ(packet, serialize(one.datagram)) << "number " << i;
    }
}

// The sequence number that makes the checksum 0x0000, and its neighbours on the circle of one's
// complement, where 0xffff would be the other zero.
TEST_P(Templates, WriteTheZerosOfOnesComplementAsSerializeDoes) {
    SegmentGenerator dice{63};
    for (int i = 0; i < 200; ++i) {
        auto one = dice.well_formed(GetParam());
        const SegmentTemplate made{one.datagram};
        auto fields = made.fields();
        fields.seq = Seq{dice.below(0x10000) << 16};
        put(fields, one.datagram);
        const auto checksum_with = [&](std::uint32_t low) {
            auto with = fields;
            with.seq = fields.seq + low;
            put(with, one.datagram);
            const auto packet = written(made, with);
            EXPECT_EQ(packet, serialize(one.datagram));
            const std::size_t at = packet.size() - one.datagram.segment.payload.size() -
                                   one.datagram.segment.options.padded_size() - 4;
            return std::to_integer<unsigned>(packet[at]) << 8U |
                   std::to_integer<unsigned>(packet[at + 1]);
        };
        const std::uint32_t zero = checksum_with(0);
        ASSERT_EQ(checksum_with(zero), 0U);
        ASSERT_EQ(checksum_with(zero + 1), 0xfffeU);
        ASSERT_EQ(checksum_with(zero - 1), zero == 0 ? checksum_with(0xffffffff) : 1U);
    }
}

// A timestamps option at an odd offset: every octet of it is of the other half of its word.
TEST_P(Templates, CountTimestampsAtAnOddOffset) {
    SegmentGenerator dice{64};
    auto one = dice.well_formed(GetParam());
    one.datagram.segment.options = {WindowScale{7}, Timestamps{1, 2}};
    const SegmentTemplate made{one.datagram};
    auto fields = made.fields();
    fields.timestamps = {0x01020304, 0xa0b0c0d0};
    put(fields, one.datagram);
    EXPECT_EQ(written(made, fields), serialize(one.datagram));
}

TEST_P(Templates, NeedRoomAndAllocateNothing) {
    SegmentGenerator dice{65};
    const auto one = dice.well_formed(GetParam());
    const SegmentTemplate made{one.datagram};
    std::vector<std::byte> room(made.size());
    const auto before = test::allocation_count();
    EXPECT_TRUE(made.write_into(std::span{room}.first(room.size() - 1), made.fields()).empty());
    EXPECT_EQ(made.write_into(room, made.fields()).size(), room.size());
    EXPECT_EQ(test::allocation_count(), before);
}

}  // namespace
}  // namespace tcpcraft
