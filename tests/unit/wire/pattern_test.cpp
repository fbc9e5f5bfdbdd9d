#include <gtest/gtest.h>
#include <tests/support/octets.hpp>

#include <libtcpcraft/wire/pattern.hpp>

namespace tcpcraft {
namespace {

class Pattern : public testing::Test {
protected:
    Pattern() {
        seen.flags = {Flag::ack, Flag::psh};
        seen.seq = Seq{10};
        seen.ack = Seq{20};
        seen.wnd = 30;
        seen.up = 40;
        seen.options = {NoOperation{}};
        seen.payload = data;
    }
    std::vector<std::byte> data{test::octets("41 42")};
    Segment seen{};
};

TEST_F(Pattern, MatchesAnythingWhenEmpty) {
    EXPECT_TRUE(SegmentPattern{}.empty());
    EXPECT_TRUE(SegmentPattern{}.matches(seen));
    EXPECT_EQ(SegmentPattern{}.difference(seen), "");
    EXPECT_EQ(SegmentPattern{}.laid_over(seen), seen);
}

TEST_F(Pattern, MatchesWhereEveryFieldIsEqual) {
    const SegmentPattern pattern{.flags = seen.flags,
                                 .seq = seen.seq,
                                 .ack = seen.ack,
                                 .wnd = seen.wnd,
                                 .up = seen.up,
                                 .options = seen.options,
                                 .payload = data,
                                 .payload_size = 2};
    EXPECT_TRUE(pattern.matches(seen));
    EXPECT_EQ(pattern.difference(seen), "");
    EXPECT_FALSE(pattern.empty());
}

TEST_F(Pattern, NamesTheFieldThatDiffers) {
    struct Case {
        SegmentPattern pattern{};
        const char* words{};
    };
    const Case cases[] = {
        {{.flags = Flags{Flag::syn}}, "flags: wanted S, got P."},
        {{.seq = Seq{11}}, "seq: wanted 11, got 10"},
        {{.ack = Seq{1}}, "ack: wanted 1, got 20"},
        {{.wnd = 31}, "win: wanted 31, got 30"},
        {{.up = 41}, "urg: wanted 41, got 40"},
        {{.options = Options{WindowScale{7}}}, "options: wanted <wscale 7>, got <nop>"},
        {{.payload = test::octets("41")}, "payload: wanted 1 octets, got 2"},
        {{.payload = test::octets("41 43")}, "payload: octet 1: wanted 0x43, got 0x42"},
        {{.payload_size = 3}, "octets of payload: wanted 3, got 2"},
    };
    for (const Case& one : cases) {
        EXPECT_FALSE(one.pattern.matches(seen)) << one.words;
        EXPECT_FALSE(one.pattern.empty()) << one.words;
        EXPECT_EQ(one.pattern.difference(seen), one.words);
    }
}

TEST_F(Pattern, NamesTheFirstOfTwoDifferences) {
    const SegmentPattern pattern{.seq = Seq{1}, .ack = Seq{1}};
    EXPECT_EQ(pattern.difference(seen), "seq: wanted 1, got 10");
}

TEST_F(Pattern, LaysItsFieldsOverASegment) {
    const SegmentPattern pattern{.flags = Flags{}, .ack = Seq{7}, .payload = test::octets("43")};
    const Segment made = pattern.laid_over(seen);
    EXPECT_TRUE(made.flags.none());
    EXPECT_EQ(made.ack, Seq{7});
    EXPECT_EQ(made.payload.data(), pattern.payload->data());
    EXPECT_EQ(made.seq, seen.seq);
    EXPECT_EQ(made.options, seen.options);
    EXPECT_TRUE(pattern.matches(made));
}

}  // namespace
}  // namespace tcpcraft
