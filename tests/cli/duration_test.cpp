#include <gtest/gtest.h>
#include <tools/cli/options.hpp>

namespace tcpcraft::cli {
namespace {

using std::chrono::hours;
using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

TEST(ReadDuration, TakesWhatIsDocumented) {
    EXPECT_EQ(read_duration("200ms"), Duration{milliseconds{200}});
    EXPECT_EQ(read_duration("5"), Duration{seconds{5}});
    EXPECT_EQ(read_duration("0.25"), Duration{milliseconds{250}});
    EXPECT_EQ(read_duration("5s"), Duration{seconds{5}});
    EXPECT_EQ(read_duration("1.5s"), Duration{milliseconds{1500}});
    EXPECT_EQ(read_duration("2m"), Duration{minutes{2}});
    EXPECT_EQ(read_duration("2h4m"), Duration{hours{2} + minutes{4}});
    EXPECT_EQ(read_duration("1s200ms"), Duration{milliseconds{1200}});
    EXPECT_EQ(read_duration("7us"), Duration{microseconds{7}});
    EXPECT_EQ(read_duration("0"), Duration{});
}

TEST(ReadDuration, RefusesTheRestWithASentence) {
    for (const char* text : {"", "s", "-5", "-5s", "5x", "5 s", "2h4", "ms200", "1e3", "inf", "nan",
                             "0x10", "99999999999d"}) {
        const auto read = read_duration(text);
        ASSERT_FALSE(read) << text;
        EXPECT_NE(read.error().attempt.find(text), std::string::npos) << read.error().attempt;
    }
}

}  // namespace
}  // namespace tcpcraft::cli
