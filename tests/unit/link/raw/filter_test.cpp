#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <tests/support/octets.hpp>
#include <tests/unit/link/raw/bpf_interpreter.hpp>

#include <libtcpcraft/link/raw/filter.hpp>
#include <libtcpcraft/wire/codec.hpp>

namespace tcpcraft {
namespace {

Endpoint endpoint(const char* text) { return Endpoint::read(text).value(); }

std::vector<std::byte> packet(const Endpoint& from, const Endpoint& to, Flags flags = {},
                              std::span<const std::byte> extension = {},
                              std::uint8_t next_header = 6) {
    Datagram made;
    made.ip.source = from.address;
    made.ip.destination = to.address;
    made.ip.extension = extension;
    made.ip.next_header = next_header;
    made.segment.source = from.port;
    made.segment.destination = to.port;
    made.segment.flags = flags;
    return serialize(made);
}

struct Pair {
    Endpoint ours{};
    Endpoint theirs{};
    Endpoint stranger{};
};

class Filters : public ::testing::TestWithParam<Family> {
protected:
    Pair pair() const {
        return GetParam() == Family::v4
                   ? Pair{endpoint("192.0.2.1:40000"), endpoint("192.0.2.2:80"),
                          endpoint("192.0.2.3:80")}
                   : Pair{endpoint("[2001:db8::1]:40000"), endpoint("[2001:db8::2]:80"),
                          endpoint("[2001:db8::3]:80")};
    }
    static bool accepts(const CaptureScope& scope, std::span<const std::byte> octets) {
        return test::run_filter(arrivals_filter(scope), octets) != 0;
    }
};

TEST_P(Filters, AConnectionsFilterWantsBothSidesExactly) {
    const auto [ours, theirs, stranger] = pair();
    const CaptureScope scope{ours, {}, theirs};
    const auto with_port = [](Endpoint e, std::uint16_t port) {
        e.port.value = port;
        return e;
    };
    EXPECT_TRUE(accepts(scope, packet(theirs, ours)));
    EXPECT_FALSE(accepts(scope, packet(ours, theirs))) << "the way out";
    EXPECT_FALSE(accepts(scope, packet(stranger, ours)));
    EXPECT_FALSE(accepts(scope, packet(theirs, stranger)));
    EXPECT_FALSE(accepts(scope, packet(theirs, with_port(ours, 40001))));
    EXPECT_FALSE(accepts(scope, packet(with_port(theirs, 81), ours)));
}

TEST_P(Filters, AServersFilterTakesEveryPeer) {
    const auto [ours, theirs, stranger] = pair();
    const CaptureScope scope{{Address::unspecified(GetParam()), ours.port}, {}, {}};
    EXPECT_TRUE(accepts(scope, packet(theirs, ours)));
    EXPECT_TRUE(accepts(scope, packet(stranger, ours)));
    EXPECT_FALSE(accepts(scope, packet(theirs, {ours.address, Port{40001}})));
}

TEST_P(Filters, APortRangeHasItsEnds) {
    const auto [ours, theirs, stranger] = pair();
    const CaptureScope scope{ours, Port{40010}, {}};
    for (const auto& [port, wanted] : std::initializer_list<std::pair<std::uint16_t, bool>>{
             {39999, false}, {40000, true}, {40010, true}, {40011, false}}) {
        EXPECT_EQ(accepts(scope, packet(theirs, {ours.address, Port{port}})), wanted) << port;
    }
}

TEST_P(Filters, CutPacketsAreRejected) {
    const auto [ours, theirs, stranger] = pair();
    const auto whole = packet(theirs, ours);
    for (std::size_t size = 0; size < whole.size() - 16; ++size) {
        EXPECT_FALSE(accepts({ours, {}, theirs}, std::span{whole}.first(size))) << size;
    }
}

TEST_P(Filters, OnlyResetsThatLeaveAreDepartingResets) {
    const auto [ours, theirs, stranger] = pair();
    const auto program = departing_resets_filter({ours, {}, theirs});
    const std::uint32_t ip = GetParam() == Family::v4 ? ETH_P_IP : ETH_P_IPV6;
    const auto leaves = [&](const std::vector<std::byte>& octets, std::uint32_t type) {
        return test::run_filter(program, octets, type, ip) != 0;
    };
    EXPECT_TRUE(leaves(packet(ours, theirs, Flags{Flag::rst}), PACKET_OUTGOING));
    EXPECT_TRUE(leaves(packet(ours, theirs, Flags{Flag::rst, Flag::ack}), PACKET_OUTGOING));
    EXPECT_FALSE(leaves(packet(ours, theirs, Flags{Flag::rst}), PACKET_HOST)) << "lo's second copy";
    EXPECT_FALSE(leaves(packet(ours, theirs, Flags{Flag::ack}), PACKET_OUTGOING));
    EXPECT_FALSE(leaves(packet(theirs, ours, Flags{Flag::rst}), PACKET_OUTGOING));
    EXPECT_FALSE(leaves(packet(ours, stranger, Flags{Flag::rst}), PACKET_OUTGOING));
    EXPECT_EQ(
        test::run_filter(program, packet(ours, theirs, Flags{Flag::rst}), PACKET_OUTGOING, 0x88b5),
        0U)
        << "a frame of ours";
}

std::string family_name(const ::testing::TestParamInfo<Family>& tested) {
    return tested.param == Family::v4 ? "IPv4" : "IPv6";
}

INSTANTIATE_TEST_SUITE_P(Both, Filters, ::testing::Values(Family::v4, Family::v6), family_name);

TEST(FilterV4, OptionsMoveThePortsAndFragmentsHaveNone) {
    const auto ours = endpoint("192.0.2.1:40000");
    const auto theirs = endpoint("192.0.2.2:80");
    const auto program = arrivals_filter({ours, {}, theirs});
    const auto router_alert = test::octets("94 04 00 00");
    auto octets = packet(theirs, ours, {}, router_alert);
    EXPECT_NE(test::run_filter(program, octets), 0U);
    octets[6] = std::byte{0x20};  // more fragments: the first
    octets[7] = std::byte{0};
    EXPECT_NE(test::run_filter(program, octets), 0U);
    octets[7] = std::byte{1};  // a later one
    EXPECT_EQ(test::run_filter(program, octets), 0U);
    auto udp = packet(theirs, ours);
    udp[9] = std::byte{17};
    EXPECT_EQ(test::run_filter(program, udp), 0U);
}

TEST(FilterV6, ExtensionHeadersPassOnTheAddressesAlone) {
    const auto ours = endpoint("[2001:db8::1]:40000");
    const auto theirs = endpoint("[2001:db8::2]:80");
    const auto program = arrivals_filter({ours, {}, theirs});
    const auto padding = test::octets("06 00 01 04 00 00 00 00");
    for (const std::uint8_t kind :
         {std::uint8_t{0}, std::uint8_t{43}, std::uint8_t{51}, std::uint8_t{60}}) {
        EXPECT_NE(test::run_filter(program, packet(theirs, ours, {}, padding, kind)), 0U);
        EXPECT_EQ(test::run_filter(program, packet(ours, theirs, {}, padding, kind)), 0U);
    }
    auto icmp = packet(theirs, ours);
    icmp[6] = std::byte{58};
    EXPECT_EQ(test::run_filter(program, icmp), 0U);
}

}  // namespace
}  // namespace tcpcraft
