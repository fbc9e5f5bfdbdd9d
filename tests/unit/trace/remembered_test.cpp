#include <gtest/gtest.h>

#include <libtcpcraft/trace/remembered.hpp>

namespace tcpcraft {
namespace {

TEST(Remembered, KeepsOnlyTheLatest) {
    std::map<std::size_t, int> shown;
    for (std::size_t connection = 1; connection <= 3 * most_remembered; ++connection) {
        remembered(shown, connection) = 7;
        ASSERT_LE(shown.size(), most_remembered);
    }
    EXPECT_EQ(remembered(shown, 3 * most_remembered), 7);
    EXPECT_EQ(remembered(shown, 1), 0) << "forgotten, and begins anew";
    EXPECT_EQ(remembered(shown, 1), 0);
    EXPECT_TRUE(shown.contains(1)) << "who is shown is not the one to go";
    EXPECT_EQ(shown.size(), most_remembered);
}

}  // namespace
}  // namespace tcpcraft
