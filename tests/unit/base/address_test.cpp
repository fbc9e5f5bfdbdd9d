#include <algorithm>
#include <map>

#include <gtest/gtest.h>

#include <libtcpcraft/base/address.hpp>

namespace tcpcraft {
namespace {

TEST(Address, ReadsAndPrintsBothFamilies) {
    for (const char* text : {"192.0.2.1", "0.0.0.0", "2001:db8::1", "::", "::ffff:192.0.2.1"}) {
        const auto address = Address::read(text);
        ASSERT_TRUE(address) << text;
        EXPECT_EQ(address->text(), text);
    }
}

TEST(Address, RefusesWhatIsNone) {
    for (const char* text : {"", "1.2.3", "1.2.3.256", "fe80::1%", "fe80::1%nosuchif", "g::"}) {
        EXPECT_FALSE(Address::read(text)) << text;
    }
}

TEST(Address, KeepsAMappedAddressApartFromIpv4) {
    EXPECT_NE(*Address::read("::ffff:192.0.2.1"), *Address::read("192.0.2.1"));
    EXPECT_TRUE(Address::read("::ffff:192.0.2.1")->is_v6());
}

TEST(Address, ReadsAZoneByNameAndByNumber) {
    EXPECT_EQ(Address::read("fe80::1%lo")->zone(), 1U);
    EXPECT_EQ(Address::read("fe80::1%4000000")->zone(), 4000000U);
    EXPECT_EQ(Address::read("fe80::1%lo")->text(), "fe80::1%lo");
}

TEST(Address, KnowsItsKind) {
    EXPECT_TRUE(Address::read("127.3.2.1")->is_loopback());
    EXPECT_TRUE(Address::read("::1")->is_loopback());
    EXPECT_FALSE(Address::read("::2")->is_loopback());
    EXPECT_TRUE(Address::read("febf::1")->is_link_local());
    EXPECT_FALSE(Address::read("fec0::1")->is_link_local());
    EXPECT_TRUE(Address::read("255.255.255.255")->is_multicast_or_broadcast());
    EXPECT_TRUE(Address::read("224.0.0.1")->is_multicast_or_broadcast());
    EXPECT_TRUE(Address::read("ff02::1")->is_multicast_or_broadcast());
    EXPECT_FALSE(Address::read("192.0.2.1")->is_multicast_or_broadcast());
}

TEST(Endpoint, ReadsWhatItPrints) {
    for (const char* text : {"192.0.2.1:80", "[2001:db8::1]:65535", "[fe80::1%lo]:1"}) {
        const auto endpoint = Endpoint::read(text);
        ASSERT_TRUE(endpoint) << text;
        EXPECT_EQ(endpoint->text(), text);
    }
}

TEST(Endpoint, RefusesWhatIsAmbiguousOrOutOfRange) {
    for (const char* text : {"2001:db8::1:80", "192.0.2.1", "192.0.2.1:", "192.0.2.1:65536"}) {
        EXPECT_FALSE(Endpoint::read(text)) << text;
    }
}

TEST(Address, HasAnOrderThatEqualityAgreesWith) {
    const auto ordered = {"0.0.0.0", "192.0.2.1", "192.0.2.2", "::", "fe80::1", "fe80::1%1"};
    for (const char* a : ordered) {
        for (const char* b : ordered) {
            const auto order = *Address::read(a) <=> *Address::read(b);
            EXPECT_EQ(order == 0, *Address::read(a) == *Address::read(b)) << a << " " << b;
        }
    }
    EXPECT_TRUE(std::is_sorted(ordered.begin(), ordered.end(), [](auto a, auto b) {
        return *Address::read(a) < *Address::read(b);
    }));
}

TEST(ConnectionId, IsAKeyOfAMap) {
    const Endpoint a{*Address::read("192.0.2.1"), Port{1}};
    const Endpoint b{*Address::read("192.0.2.1"), Port{2}};
    const std::map<ConnectionId, int> found{{{a, b}, 1}, {{b, a}, 2}};
    EXPECT_EQ(found.at({a, b}), 1);
    EXPECT_EQ(found.at({b, a}), 2);
    EXPECT_FALSE(found.contains({a, a}));
}

TEST(Address, StaysSmall) {
    EXPECT_EQ(sizeof(Address), 20U);
    EXPECT_EQ(sizeof(ConnectionId), 48U);
}

}  // namespace
}  // namespace tcpcraft
