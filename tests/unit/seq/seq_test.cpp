#include <gtest/gtest.h>

#include <libtcpcraft/seq/seq.hpp>

namespace tcpcraft {
namespace {

// RFC 9293 §3.4: all arithmetic modulo 2^32.
TEST(Seq, ComparesAcrossTheWrap) {
    const Seq last{0xffffffff};
    EXPECT_TRUE(before(last, last + 1));
    EXPECT_FALSE(before(last + 1, last));
    EXPECT_EQ(last + 1, Seq{0});
    EXPECT_EQ(distance(last, Seq{4}), 5);
}

TEST(Seq, HasPairsAtTheBoundary) {
    EXPECT_FALSE(before(Seq{7}, Seq{7}));
    EXPECT_TRUE(at_or_before(Seq{7}, Seq{7}));
    EXPECT_TRUE(before(Seq{0}, Seq{0x7fffffff}));
    EXPECT_FALSE(before(Seq{0}, Seq{0x80000000}));
}

TEST(Seq, AnswersForTheFarthestNumber) {
    EXPECT_EQ(distance(Seq{0}, Seq{0x80000000}), INT32_MIN);
    EXPECT_EQ(later(Seq{0xfffffff0}, Seq{3}), Seq{3});
}

}  // namespace
}  // namespace tcpcraft
