#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <libtcpcraft/guard/port_lease.hpp>

namespace tcpcraft {
namespace {

using ::testing::HasSubstr;

class PortLeaseTest : public ::testing::TestWithParam<const char*> {
protected:
    static Endpoint loopback(std::uint16_t port) {
        return {Address::read(GetParam()).value(), Port{port}};
    }
};

TEST_P(PortLeaseTest, kernel_picks_a_port_and_nobody_else_gets_it) {
    const auto lease = PortLease::take(loopback(0));
    ASSERT_TRUE(lease) << lease.error().message();
    EXPECT_NE(lease->local().port.value, 0);
    EXPECT_EQ(lease->local().address, loopback(0).address);

    const auto second = PortLease::take(lease->local());
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, std::errc::address_in_use);
    EXPECT_THAT(second.error().message(), HasSubstr("is in use"));
}

TEST_P(PortLeaseTest, port_is_free_again_afterwards) {
    Endpoint local;
    {
        auto lease = PortLease::take(loopback(0));
        ASSERT_TRUE(lease);
        const PortLease moved = std::move(*lease);
        local = moved.local();
        EXPECT_FALSE(PortLease::take(local)) << "moving must not release it";
    }
    EXPECT_TRUE(PortLease::take(local));
}

TEST_P(PortLeaseTest, mute_listener_keeps_the_port) {
    auto lease = PortLease::take(loopback(0));
    ASSERT_TRUE(lease);
    const auto muted = lease->mute();
    EXPECT_TRUE(muted) << muted.error().message();
    EXPECT_FALSE(PortLease::take(lease->local()));
}

INSTANTIATE_TEST_SUITE_P(Family, PortLeaseTest, ::testing::Values("127.0.0.1", "::1"),
                         [](const auto& each) {
                             return std::string{each.param[0] == ':' ? "v6" : "v4"};
                         });

TEST(PortLease, foreign_address_is_said_to_be_foreign) {
    for (const char* foreign : {"192.0.2.1", "2001:db8::1"}) {
        const auto lease = PortLease::take({Address::read(foreign).value(), Port{0}});
        ASSERT_FALSE(lease);
        EXPECT_THAT(lease.error().message(), HasSubstr("is not an address of this host"));
    }
}

TEST(PortLease, link_local_address_without_zone_asks_for_it) {
    const auto lease = PortLease::take({Address::read("fe80::1").value(), Port{0}});
    ASSERT_FALSE(lease);
    EXPECT_THAT(lease.error().message(), HasSubstr("fe80::1%eth0"));
}

}  // namespace
}  // namespace tcpcraft
