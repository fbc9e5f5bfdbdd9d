#include <gtest/gtest.h>
#include <tests/support/allocation_count.hpp>
#include <tests/support/segment_generator.hpp>

#include <libtcpcraft/wire/codec.hpp>

namespace tcpcraft {
namespace {

TEST(CodecAllocation, CountsWhatIsAllocated) {
    const auto before = test::allocation_count();
    const std::vector<std::byte> one(100);
    EXPECT_GT(test::allocation_count(), before) << one.size();
}

TEST(CodecAllocation, ParsingAndWritingAllocateNothing) {
    test::SegmentGenerator dice{8};
    std::vector<std::byte> room(2000);
    for (int i = 0; i < 1000; ++i) {
        const auto made = dice.any(i % 2 == 0 ? Family::v4 : Family::v6);
        const auto packet = serialize(made.datagram);
        const auto before = test::allocation_count();
        const auto read = parse(packet);
        const auto written = serialize_into(room, *read);
        const auto refused = parse(std::span{packet}.first(packet.size() / 2));
        ASSERT_EQ(test::allocation_count(), before);
        ASSERT_EQ(written.size(), packet.size());
        ASSERT_FALSE(refused);
    }
}

TEST(CodecAllocation, ReadingAndWritingOptionsAllocateNothing) {
    test::SegmentGenerator dice{9};
    for (int i = 0; i < 1000; ++i) {
        const Options options = dice.any_options();
        const auto before = test::allocation_count();
        Options again;
        for (const Option& option : options) {
            again.append(option);
        }
        again.pad();
        again.set_timestamps({1, 2});
        ASSERT_EQ(test::allocation_count(), before);
    }
}

}  // namespace
}  // namespace tcpcraft
