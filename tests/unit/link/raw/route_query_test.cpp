#include <cstring>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/rtnetlink.h>
#include <tests/support/octets.hpp>

#include <libtcpcraft/link/raw/route_query.hpp>

namespace tcpcraft {
namespace {

const Address peer = Address::read("192.0.2.9").value();

std::vector<std::byte> answer(std::uint16_t type, const std::vector<std::byte>& body) {
    nlmsghdr header{};
    header.nlmsg_type = type;
    header.nlmsg_len = static_cast<std::uint32_t>(sizeof header + body.size());
    std::vector<std::byte> made(sizeof header);
    std::memcpy(made.data(), &header, sizeof header);
    made.insert(made.end(), body.begin(), body.end());
    return made;
}

/// An rtmsg of zeros, then attributes.
std::vector<std::byte> route(const char* attributes) {
    std::vector<std::byte> body(sizeof(rtmsg));
    const auto more = test::octets(attributes);
    body.insert(body.end(), more.begin(), more.end());
    return answer(RTM_NEWROUTE, body);
}

TEST(RouteQuery, ReadsInterfaceAndGateway) {
    // RTA_OIF 4 = 7, RTA_GATEWAY 5 = 192.0.2.1 (little-endian headers, as on every host we run on)
    const auto hop = read_route_answer(route("0800 0400 07000000 0800 0500 c0000201"), peer);
    ASSERT_TRUE(hop);
    EXPECT_EQ(hop->interface_index, 7U);
    EXPECT_EQ(hop->gateway, Address::read("192.0.2.1").value());
}

TEST(RouteQuery, ReadsAGatewayOfTheOtherFamily) {  // RTA_VIA: AF_INET6, then the address
    const auto hop =
        read_route_answer(route("1600 1200 0a00 20010db8000000000000000000000001 0000"), peer);
    ASSERT_TRUE(hop);
    EXPECT_EQ(hop->gateway, Address::read("2001:db8::1").value());
}

TEST(RouteQuery, ReadsThePeerOnTheLink) {
    const auto hop = read_route_answer(route("0800 0400 02000000"), peer);
    ASSERT_TRUE(hop);
    EXPECT_FALSE(hop->gateway);
}

TEST(RouteQuery, AnErrorIsNoRouteInWords) {
    nlmsgerr told{};
    told.error = -ENETUNREACH;
    std::vector<std::byte> body(sizeof told);
    std::memcpy(body.data(), &told, sizeof told);
    const auto hop = read_route_answer(answer(NLMSG_ERROR, body), peer);
    ASSERT_FALSE(hop);
    EXPECT_EQ(hop.error().code, std::errc::network_unreachable);
    EXPECT_THAT(hop.error().message(), ::testing::HasSubstr("192.0.2.9: this host has no route"));
}

TEST(RouteQuery, SurvivesCutAndLyingAnswers) {
    const auto whole = route("0800 0400 07000000 0800 0500 c0000201");
    for (std::size_t size = 0; size < whole.size(); ++size) {
        EXPECT_FALSE(read_route_answer(std::span{whole}.first(size), peer)) << size;
    }
    EXPECT_TRUE(read_route_answer(route("0000 0400"), peer)) << "an attribute of length 0";
    EXPECT_TRUE(read_route_answer(route("ff00 0400 0700"), peer)) << "longer than the answer";
    EXPECT_TRUE(read_route_answer(route("0500 0400 07"), peer)) << "an interface of one octet";
}

TEST(RouteQuery, AsksForPeerSourceAndInterface) {
    const auto query = write_route_query(Address::read("192.0.2.1").value(), peer, 3);
    nlmsghdr header{};
    std::memcpy(&header, query.data(), sizeof header);
    EXPECT_EQ(header.nlmsg_len, query.size());
    EXPECT_EQ(header.nlmsg_type, RTM_GETROUTE);
    const std::vector<std::byte> attributes{query.begin() + sizeof header + sizeof(rtmsg),
                                            query.end()};
    EXPECT_EQ(attributes, test::octets("08000100 c0000209 08000200 c0000201 08000400 03000000"));
}

}  // namespace
}  // namespace tcpcraft
