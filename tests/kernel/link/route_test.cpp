#include <memory>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <tests/kernel/link/station.hpp>

#include <libtcpcraft/link/raw/route.hpp>

namespace tcpcraft::test {
namespace {

class RouteOn : public OnAHost {};

TEST_P(RouteOn, AVethPairHasOurAddressAndTheMtu) {  // RFC 9293 §3.9.1.1 (MUST-44)
    const auto route = find_route({far(), {}, {}});
    ASSERT_TRUE(route) << route.error().message();
    EXPECT_EQ(route->source, near());
    EXPECT_EQ(route->interface, "c0");
    EXPECT_EQ(route->mtu, 1500U);
    EXPECT_FALSE(route->gateway);
}

TEST_P(RouteOn, OurOwnAddressLeadsOverLoopback) {
    const auto route = find_route({near(), {}, {}});
    ASSERT_TRUE(route) << route.error().message();
    EXPECT_EQ(route->interface, "lo");
    EXPECT_EQ(route->source, near());
}

TEST_P(RouteOn, ARoutersAddressIsTheGateway) {
    const bool v4 = GetParam() == Family::v4;
    TwoHosts::shell(std::string{v4 ? "ip" : "ip -6"} + " route add default via " + far().text());
    const auto route =
        find_route({Address::read(v4 ? "192.0.2.1" : "2001:db8::1").value(), {}, {}});
    ASSERT_TRUE(route) << route.error().message();
    EXPECT_EQ(route->gateway, far());
    EXPECT_EQ(route->interface, "c0");
}

TEST_P(RouteOn, NowhereSaysThatThereIsNoRoute) {
    const bool v4 = GetParam() == Family::v4;
    const auto route =
        find_route({Address::read(v4 ? "192.0.2.1" : "2001:db8::1").value(), {}, {}});
    ASSERT_FALSE(route);
    EXPECT_EQ(route.error().code, std::errc::network_unreachable);
    EXPECT_THAT(route.error().message(), ::testing::HasSubstr("no route"));
}

TEST_P(RouteOn, AForeignSourceOrAnUnknownInterfaceIsRefused) {
    const bool v4 = GetParam() == Family::v4;
    const Address foreign = Address::read(v4 ? "192.0.2.1" : "2001:db8::1").value();
    const auto from = find_route({far(), foreign, {}});
    ASSERT_FALSE(from);
    EXPECT_THAT(from.error().message(), ::testing::HasSubstr("not an address of this host"));
    EXPECT_FALSE(find_route({far(), {}, "nosuch0"}));
}

INSTANTIATE_TEST_SUITE_P(Both, RouteOn, ::testing::Values(Family::v4, Family::v6), family_name);

class LinkLocal : public ::testing::Test {};

TEST_F(LinkLocal, AddressesWorkWithTheirZone) {
    const TwoHosts hosts;
    if (!hosts.missing().empty()) {
        GTEST_SKIP() << hosts.missing();
    }
    const Address far = hosts.far_link_local();
    const auto route = find_route({far, {}, {}});
    ASSERT_TRUE(route) << route.error().message();
    EXPECT_EQ(route->source, hosts.near_link_local());
    EXPECT_EQ(route->interface, "c0");
    EXPECT_FALSE(find_route({far.with_zone(0), {}, {}})) << "no zone, no way";

    std::unique_ptr<Listener> listener;
    hosts.in_far([&] {
        listener = std::make_unique<Listener>(Endpoint{Address::unspecified(Family::v6), theirs});
    });
    Station station{between(route->source, far)};
    ASSERT_TRUE(station.send(route->source, far, segment(syn)));
    ASSERT_TRUE(station.until([&] { return !station.arrivals.empty(); }));
    EXPECT_EQ(station.arrivals.front().datagram.segment.flags, syn_ack);
    EXPECT_EQ(station.arrivals.front().interface_index, far.zone());
}

}  // namespace
}  // namespace tcpcraft::test
