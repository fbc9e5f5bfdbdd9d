// RFC 8200 §3, §4, §8.1
#include <gtest/gtest.h>
#include <tests/support/octets.hpp>

#include <libtcpcraft/wire/codec.hpp>

namespace tcpcraft {
namespace {

using Code = ParseError::Code;
using test::octets;

struct Chain {
    const char* what{};
    std::uint8_t first{};
    const char* headers{};
};

std::vector<std::byte> packet_with(const Chain& chain) {
    const auto extension = octets(chain.headers);
    Datagram made{.ip = {.source = *Address::read("2001:db8::1"),
                         .destination = *Address::read("2001:db8::2"),
                         .traffic_class = 0xab,
                         .flow_label = 0x12345,
                         .extension = extension,
                         .next_header = chain.first}};
    made.segment.flags = {Flag::syn};
    return serialize(made);
}

ParseError refused(const std::vector<std::byte>& packet) {
    const auto read = parse(packet);
    EXPECT_FALSE(read);
    return read ? ParseError{} : read.error();
}

TEST(Ipv6, ReadsItsFields) {
    const auto packet = packet_with({"none", 6, ""});
    ASSERT_EQ(packet.size(), 60U);
    EXPECT_EQ((std::vector<std::byte>{packet.begin(), packet.begin() + 8}),
              octets("6ab1 2345 0014 06 40"));
    const auto read = parse(packet);
    ASSERT_TRUE(read) << read.error().sentence();
    EXPECT_EQ(read->ip.source.text(), "2001:db8::1");
    EXPECT_EQ(read->ip.destination.text(), "2001:db8::2");
    EXPECT_EQ(read->ip.traffic_class, 0xab);
    EXPECT_EQ(read->ip.flow_label, 0x12345U);
    EXPECT_EQ(read->ip.hop_limit, 64);
    EXPECT_EQ(read->checksum, Checksum::ok);
}

TEST(Ipv6, SkipsExtensionHeaders) {
    const Chain chains[] = {
        {"hop-by-hop", 0, "06 00 01 04 00000000"},
        {"destination options", 60, "06 01 01 0c 00000000 0000000000000000"},
        {"authentication", 51, "06 01 0000 00000001 00000001"},
        {"atomic fragment", 44, "06 00 0000 12345678"},
        {"atomic fragment with reserved bits", 44, "06 ff 0006 12345678"},
        {"routing, done", 43, "06 02 00 00 00000000 20010db8000000000000000000000009"},
        {"three of them", 0, "3c 00 01 04 00000000 2c 00 01 04 00000000 06 00 0000 00000001"},
    };
    for (const Chain& chain : chains) {
        const auto packet = packet_with(chain);
        const auto read = parse(packet);
        ASSERT_TRUE(read) << chain.what << ": " << read.error().sentence();
        EXPECT_EQ(read->ip.next_header, chain.first) << chain.what;
        EXPECT_EQ(read->ip.extension.size(), octets(chain.headers).size()) << chain.what;
        EXPECT_EQ(read->checksum, Checksum::ok) << chain.what;
        EXPECT_EQ(serialize(*read), packet) << chain.what;
    }
}

TEST(Ipv6, RefusesFragments) {
    EXPECT_EQ(refused(packet_with({"more to come", 44, "06 00 0001 00000001"})),
              (ParseError{Code::fragment, 42, 1, 0}));
    EXPECT_EQ(refused(packet_with({"a later one", 44, "06 00 0008 00000001"})),
              (ParseError{Code::fragment, 42, 8, 0}));
}

TEST(Ipv6, RefusesWhatIsNotTcp) {
    EXPECT_EQ(refused(packet_with({"UDP", 17, ""})), (ParseError{Code::not_tcp, 6, 17, 6}));
    EXPECT_EQ(refused(packet_with({"nothing", 60, "3b 00 01 04 00000000"})),
              (ParseError{Code::not_tcp, 40, 59, 6}));
}

TEST(Ipv6, RefusesAnExtensionHeaderThatDoesNotEnd) {
    EXPECT_EQ(refused(packet_with({"too long", 0, "06 03 01 04 00000000"})),
              (ParseError{Code::bad_extension, 40, 28, 32}));
    auto packet = packet_with({"cut off", 0, "06 00 01 04 00000000"});
    packet.resize(47);
    packet[5] = std::byte{7};
    EXPECT_EQ(refused(packet), (ParseError{Code::bad_extension, 40, 7, 8}));
}

TEST(Ipv6, RefusesOneOctetTooFew) {
    const auto whole = packet_with({"none", 6, ""});
    for (std::size_t size = 0; size < whole.size(); ++size) {
        EXPECT_EQ(refused({whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size)}).code,
                  Code::truncated);
    }
}

TEST(Ipv6, LeavesOutPaddingAndTakesALengthOfZeroAsEverything) {
    auto packet = packet_with({"none", 6, ""});
    const auto whole = packet;
    packet.resize(64);
    auto read = parse(packet);
    ASSERT_TRUE(read);
    EXPECT_EQ(serialize(*read), whole);
    packet[5] = std::byte{0};
    read = parse(packet);
    ASSERT_TRUE(read);
    EXPECT_EQ(read->segment.payload.size(), 4U);
    EXPECT_EQ(serialize(*read), packet);
}

TEST(Ipv6, WritesALengthOfZeroWhereSixteenBitsDoNotHoldIt) {  // BIG TCP
    const std::vector<std::byte> payload(70000, std::byte{1});
    Datagram made{.ip = {.source = *Address::read("2001:db8::1"),
                         .destination = *Address::read("2001:db8::2")}};
    made.segment.payload = payload;
    const auto packet = serialize(made);
    const auto read = parse(packet);
    ASSERT_TRUE(read);
    EXPECT_EQ(read->segment.payload.size(), 70000U);
    EXPECT_EQ(read->checksum, Checksum::ok);
    EXPECT_FALSE(read->lies.any());
}

// The checksum is the one of a packet sent straight to where the routing header leads.
TEST(Ipv6, CountsTheFinalDestinationOfARoutingHeader) {
    const Chain through[] = {
        {"kind 0", 43,
         "06 04 00 01 00000000 20010db8000000000000000000000008 20010db8000000000000000000000009"},
        {"kind 2", 43, "06 02 02 01 00000000 20010db8000000000000000000000009"},
        {"kind 4", 43,
         "06 04 04 01 01000000 20010db8000000000000000000000009 20010db8000000000000000000000008"},
    };
    Datagram straight{.ip = {.source = *Address::read("2001:db8::1"),
                             .destination = *Address::read("2001:db8::9")}};
    straight.segment.flags = {Flag::syn};
    const auto direct = serialize(straight);
    for (const Chain& chain : through) {
        const auto packet = packet_with(chain);
        EXPECT_TRUE(std::equal(direct.begin() + 40, direct.end(), packet.end() - 20)) << chain.what;
        EXPECT_EQ(parse(packet)->checksum, Checksum::ok) << chain.what;
    }
}

}  // namespace
}  // namespace tcpcraft
