#include <chrono>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <libtcpcraft/link/fault_rule.hpp>

namespace tcpcraft {
namespace {

using namespace std::chrono_literals;

FaultRule rule(const char* text) {
    const auto read = read_fault_rule(text);
    EXPECT_TRUE(read) << text << ": " << (read ? "" : read.error().message());
    return read.value_or(FaultRule{});
}

TEST(FaultRule, ReadsKindDirectionFlagsAndWhich) {
    const Flags syn{Flag::syn};
    const Flags syn_ack{Flag::syn, Flag::ack};
    EXPECT_EQ(rule("drop out S #1"), (FaultRule{FaultKind::drop, Direction::out, syn, 1, 1, {}}));
    EXPECT_EQ(rule("delay=300ms in S."),
              (FaultRule{FaultKind::delay, Direction::in, syn_ack, 1, 1, 300ms}));
    EXPECT_EQ(rule("duplicate out . #2-3"),
              (FaultRule{FaultKind::duplicate, Direction::out, Flags{Flag::ack}, 2, 3, {}}));
    EXPECT_EQ(
        rule("corrupt in P. #1+"),
        (FaultRule{FaultKind::corrupt, Direction::in, Flags{Flag::psh, Flag::ack}, 1, 0, {}}));
    EXPECT_EQ(rule("reorder out - #7"),
              (FaultRule{FaultKind::reorder, Direction::out, Flags{}, 7, 7, {}}));
    EXPECT_EQ(rule("drop in #*"),
              (FaultRule{FaultKind::drop, Direction::in, std::nullopt, 1, 0, {}}));
    EXPECT_EQ(rule("drop in").flags, std::nullopt);
}

TEST(FaultRule, TakesSpacesCommasAndColonsAsSeparators) {
    EXPECT_EQ(rule("drop:out:S:#2"), rule("drop out S #2"));
    EXPECT_EQ(rule(" drop, out,\tS  #2 "), rule("drop out S #2"));
}

TEST(FaultRule, ReadsTimesInThreeUnits) {
    EXPECT_EQ(rule("delay=1.5s in").delay, 1500ms);
    EXPECT_EQ(rule("delay=250us in").delay, 250us);
    EXPECT_EQ(rule("delay=86400s in").delay, 24h);
    EXPECT_EQ(rule("reorder=50ms in").delay, 50ms);
}

TEST(FaultRule, PrintsWhatItReads) {
    for (const char* text :
         {"drop out S", "delay=300ms in S.", "duplicate out . #2-3", "corrupt in P. #3+",
          "reorder out P.", "drop in #*", "delay=1500us out - #4", "drop out F. #2"}) {
        EXPECT_EQ(rule(text).text(), text);
    }
}

TEST(FaultRule, RefusesWithTheWordAndWhatWouldHaveDone) {
    const auto why = [](const char* text) {
        const auto read = read_fault_rule(text);
        return read ? std::string{"accepted"} : read.error().message();
    };
    using ::testing::AllOf;
    using ::testing::HasSubstr;
    EXPECT_THAT(why("lose out S"), AllOf(HasSubstr("'lose'"), HasSubstr("drop, delay")));
    EXPECT_THAT(why("drop up S"), AllOf(HasSubstr("'up'"), HasSubstr("out")));
    EXPECT_THAT(why("drop out X"), AllOf(HasSubstr("'X'"), HasSubstr("FSRP.UEWA")));
    EXPECT_THAT(why("delay out S"), HasSubstr("delay=300ms"));
    EXPECT_THAT(why("drop=1s out S"), HasSubstr("only delay and reorder"));
    EXPECT_THAT(why("drop"), HasSubstr("KIND"));
    EXPECT_THAT(why(""), HasSubstr("KIND"));
    EXPECT_THAT(why("drop out #1 S"), HasSubstr("# comes last"));
    for (const char* time : {"delay= in", "delay=5 in", "delay=0s in", "delay=-1s in",
                             "delay=nans in", "delay=86401s in", "delay=1h in"}) {
        EXPECT_THAT(why(time), HasSubstr("a time")) << time;
    }
    for (const char* which :
         {"drop in #0", "drop in #", "drop in #3-2", "drop in #-", "drop in #1-",
          "drop in #4294967296", "drop in #0+", "drop in #1-0"}) {
        EXPECT_THAT(why(which), HasSubstr("a choice")) << which;
    }
}

}  // namespace
}  // namespace tcpcraft
