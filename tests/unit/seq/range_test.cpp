#include <gtest/gtest.h>

#include <libtcpcraft/seq/range.hpp>

namespace tcpcraft {
namespace {

constexpr Seq nxt{0xfffffffe};  // the window lies across the wrap

// RFC 9293 §3.4 Table 5, row by row, each with the last number that passes and the first that
// fails.
TEST(Acceptable, EmptySegmentAtAZeroWindow) {
    EXPECT_TRUE(acceptable({nxt, 0}, {nxt, 0}));
    EXPECT_FALSE(acceptable({nxt + 1, 0}, {nxt, 0}));
    EXPECT_FALSE(acceptable({nxt - 1, 0}, {nxt, 0}));
}

TEST(Acceptable, EmptySegmentInAWindow) {
    EXPECT_TRUE(acceptable({nxt, 0}, {nxt, 10}));
    EXPECT_TRUE(acceptable({nxt + 9, 0}, {nxt, 10}));
    EXPECT_FALSE(acceptable({nxt + 10, 0}, {nxt, 10}));
    EXPECT_FALSE(acceptable({nxt - 1, 0}, {nxt, 10}));
}

TEST(Acceptable, DataAtAZeroWindowNever) { EXPECT_FALSE(acceptable({nxt, 1}, {nxt, 0})); }

TEST(Acceptable, DataThatTouchesTheWindow) {
    EXPECT_TRUE(acceptable({nxt - 4, 5}, {nxt, 10}));
    EXPECT_FALSE(acceptable({nxt - 5, 5}, {nxt, 10}));
    EXPECT_TRUE(acceptable({nxt + 9, 5}, {nxt, 10}));
    EXPECT_FALSE(acceptable({nxt + 10, 5}, {nxt, 10}));
}

TEST(Acceptable, DataAroundTheWholeWindow) { EXPECT_TRUE(acceptable({nxt - 5, 30}, {nxt, 10})); }

}  // namespace
}  // namespace tcpcraft
