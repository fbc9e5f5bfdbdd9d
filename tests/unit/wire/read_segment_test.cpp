#include <gtest/gtest.h>
#include <tests/support/segment_generator.hpp>

#include <libtcpcraft/wire/text.hpp>

namespace tcpcraft {
namespace {

TEST(ReadFlags, ReadsLettersInAnyOrderAndNames) {
    EXPECT_EQ(read_flags("S."), (Flags{Flag::syn, Flag::ack}));
    EXPECT_EQ(read_flags(".S"), (Flags{Flag::syn, Flag::ack}));
    EXPECT_EQ(read_flags("FSRP.UEWA"), Flags::from_bits(0x1ff));
    EXPECT_EQ(read_flags("-"), Flags{});
    EXPECT_EQ(read_flags("syn,ack"), (Flags{Flag::syn, Flag::ack}));
    EXPECT_EQ(read_flags("ACK"), Flags{Flag::ack});
    EXPECT_EQ(read_flags("S6"), (Flags{Flag::syn, Flag::ae, Flag::cwr}));
    EXPECT_EQ(read_flags("0"), Flags{});
}

TEST(ReadFlags, RefusesWhatIsNone) {
    for (const char* text : {"", "X", "S-", "syn,", ",syn", "syn ack", "8", "s."}) {
        EXPECT_FALSE(read_flags(text)) << text;
    }
}

TEST(ReadFlags, ReadsWhatIsPrinted) {
    for (std::uint16_t bits = 0; bits < 0x200; ++bits) {
        EXPECT_EQ(read_flags(flags_text(Flags::from_bits(bits))), Flags::from_bits(bits));
    }
}

TEST(ReadSegment, ReadsALineOfPacketdrill) {
    const auto read = read_segment("S. 0:0(0) ack 1 win 65535 <mss 1460>");
    ASSERT_TRUE(read);
    EXPECT_EQ(read->flags, (Flags{Flag::syn, Flag::ack}));
    EXPECT_EQ(read->seq, Seq{0});
    EXPECT_EQ(read->ack, Seq{1});
    EXPECT_EQ(read->wnd, 65535);
    EXPECT_FALSE(read->up);
    EXPECT_EQ(read->options, (Options{MaximumSegmentSize{1460}}));
    EXPECT_EQ(read->payload, std::vector<std::byte>{});
}

TEST(ReadSegment, LeavesUnsetWhatTheTextLeavesOut) {
    const auto read = read_segment("R 2:2(0)");
    ASSERT_TRUE(read);
    EXPECT_FALSE(read->ack);
    EXPECT_FALSE(read->wnd);
    EXPECT_EQ(read->options, Options{});
    const auto any = read_segment(". 1:1(0) ack 1 <...>");
    ASSERT_TRUE(any);
    EXPECT_FALSE(any->options);
}

TEST(ReadSegment, GivesZeroOctetsOfPayload) {
    const auto read = read_segment("P. 1:4(3) ack 1 urg 2 <>");
    ASSERT_TRUE(read);
    EXPECT_EQ(read->payload, std::vector<std::byte>(3));
    EXPECT_EQ(read->up, 2);
    EXPECT_EQ(read->options, Options{});
}

TEST(ReadSegment, CountsFromTheOriginsAndWraps) {
    const SeqOrigin origin{.seq = Seq{0xfffffffeU}, .ack = Seq{1000}};
    const auto read = read_segment(". 1:4(3) ack 1 win 9 <sack 5:7>", origin);
    ASSERT_TRUE(read);
    EXPECT_EQ(read->seq, Seq{0xffffffffU});
    EXPECT_EQ(read->ack, Seq{1001});
    EXPECT_EQ(read->options->find<Sack>()->block[0], (SackBlock{Seq{1005}, Seq{1007}}));
    EXPECT_TRUE(read_segment("P 4294967295:2(3)"));
}

TEST(ReadSegment, SaysWhatIsWrongAndWhere) {
    struct Case {
        const char* text{};
        std::size_t offset{};
        const char* part{};
    };
    const Case cases[] = {
        {"", 0, "no control bits"},
        {"X 0:0(0)", 0, "'X' are no control bits"},
        {"S", 1, "wanted a number"},
        {"S 0", 3, "wanted ':'"},
        {"S 0:1(0)", 2, "0 + 0 is 0"},
        {"S 0:0(0", 7, "wanted ')'"},
        {"S 0:1048577(1048577)", 12, "from 0 to 1048576"},
        {"S 0:0(0) ack", 12, "wanted a number"},
        {"S 0:0(0) win 65536", 13, "from 0 to 65535"},
        {"S 0:0(0) win 1 ack 1", 15, "no more"},
        {"S 0:0(0) <mss 1", 15, "wanted '>'"},
        {"S 0:0(0) <mss 1> x", 17, "no more"},
        {"S 0:0(0) <... 1>", 14, "wanted '>'"},
    };
    for (const Case& one : cases) {
        const auto read = read_segment(one.text);
        ASSERT_FALSE(read) << one.text;
        EXPECT_EQ(read.error().offset, one.offset) << one.text << ": " << read.error().sentence;
        EXPECT_NE(read.error().sentence.find(one.part), std::string::npos)
            << one.text << ": " << read.error().sentence;
    }
}

TEST(ReadSegment, ReadsWhatIsPrinted) {
    test::SegmentGenerator dice{4};
    for (int i = 0; i < 5000; ++i) {
        auto made = dice.any(i % 2 == 0 ? Family::v4 : Family::v6);
        Segment segment = made.datagram.segment;
        const std::vector<std::byte> zeros(segment.payload.size());
        segment.payload = zeros;
        const SeqOrigin origin{.seq = Seq{dice.below(~0U)}, .ack = Seq{dice.below(~0U)}};
        const auto text = segment_text(segment, origin);
        const auto read = read_segment(text, origin);
        ASSERT_TRUE(read) << text << ": " << read.error().sentence;
        ASSERT_EQ(read->difference(segment), "") << text;
        ASSERT_EQ(read->laid_over(segment), segment) << text;
    }
}

}  // namespace
}  // namespace tcpcraft
