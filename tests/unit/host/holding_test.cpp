#include <gtest/gtest.h>

#include <libtcpcraft/host/holding.hpp>

namespace tcpcraft {
namespace {

TEST(Holding, HoldsPortsSideBySide) {
    const auto taken = take_ports({Address::read("127.0.0.1").value(), Port{0}}, 3);
    ASSERT_TRUE(taken);
    ASSERT_EQ(taken->size(), 3U);
    EXPECT_EQ((*taken)[1].local().port.value, (*taken)[0].local().port.value + 1);
    EXPECT_EQ((*taken)[2].local().port.value, (*taken)[0].local().port.value + 2);
}

TEST(Holding, WantsAtLeastOnePort) {
    const auto taken = take_ports({Address::read("::1").value(), Port{0}}, 0);
    ASSERT_FALSE(taken);
    EXPECT_EQ(taken.error().code, std::errc::invalid_argument);
}

TEST(Holding, DoesNotGoBeyondTheLastPort) {
    EXPECT_FALSE(take_ports({Address::read("127.0.0.1").value(), Port{65534}}, 3));
}

}  // namespace
}  // namespace tcpcraft
