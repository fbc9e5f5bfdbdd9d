// RFC 791 §3.1
#include <gtest/gtest.h>
#include <tests/support/octets.hpp>

#include <libtcpcraft/wire/codec.hpp>

namespace tcpcraft {
namespace {

using Code = ParseError::Code;
using test::octets;

// 192.0.2.1:4660 > 192.0.2.2:80, SYN; both checksums computed elsewhere.
constexpr const char* syn =
    "45 00 0028 0001 4000 40 06 b6cb c0000201 c0000202 "
    "1234 0050 00000001 00000000 50 02 ffff 195a 0000";

ParseError refused(std::vector<std::byte> packet) {
    const auto read = parse(packet);
    EXPECT_FALSE(read);
    return read ? ParseError{} : read.error();
}

std::vector<std::byte> with(std::size_t at, unsigned value) {
    auto packet = octets(syn);
    packet[at] = static_cast<std::byte>(value);
    return packet;
}

TEST(Ipv4, ReadsItsFields) {  // RFC 9293 §3.9.2 (MUST-49)
    const auto packet = octets(syn);
    const auto read = parse(packet);
    ASSERT_TRUE(read) << read.error().sentence();
    EXPECT_EQ(read->ip.source.text(), "192.0.2.1");
    EXPECT_EQ(read->ip.destination.text(), "192.0.2.2");
    EXPECT_EQ(read->ip.hop_limit, 64);
    EXPECT_EQ(read->ip.identification, 1);
    EXPECT_TRUE(read->ip.dont_fragment);
    EXPECT_TRUE(read->ip.extension.empty());
    EXPECT_EQ(read->checksum, Checksum::ok);
    EXPECT_FALSE(read->lies.any());
    Datagram made = *read;
    made.ip.hop_limit = 7;
    EXPECT_EQ(serialize(made)[8], std::byte{7});
}

TEST(Ipv4, RefusesOneOctetTooFewAndReadsJustEnough) {
    for (std::size_t size = 0; size < 40; ++size) {
        auto packet = octets(syn);
        packet.resize(size);
        packet.shrink_to_fit();
        EXPECT_EQ(refused(packet).code, Code::truncated) << size;
    }
}

TEST(Ipv4, LeavesOutPadding) {
    auto packet = octets(syn);
    packet.resize(46);  // as Ethernet pads it
    const auto read = parse(packet);
    ASSERT_TRUE(read);
    EXPECT_TRUE(read->segment.payload.empty());
    EXPECT_EQ(read->checksum, Checksum::ok);
    EXPECT_EQ(serialize(*read), octets(syn));
}

TEST(Ipv4, TakesALengthOfZeroAsEverything) {
    auto packet = with(3, 0);
    packet.resize(44);
    const auto read = parse(packet);
    ASSERT_TRUE(read);
    EXPECT_EQ(read->segment.payload.size(), 4U);
    EXPECT_EQ(read->lies.ip_length, 0);
    EXPECT_EQ(serialize(*read), packet);
}

TEST(Ipv4, RefusesAHeaderBelowFiveWordsOrBeyondTheLength) {
    EXPECT_EQ(refused(with(0, 0x44)), (ParseError{Code::bad_header_length, 0, 4, 5}));
    EXPECT_EQ(refused(with(3, 19)), (ParseError{Code::bad_header_length, 2, 19, 20}));
    EXPECT_EQ(refused(with(3, 20)), (ParseError{Code::truncated, 20, 0, 20}));
    EXPECT_EQ(refused(with(3, 39)), (ParseError{Code::truncated, 20, 19, 20}));
    EXPECT_EQ(refused(with(3, 41)), (ParseError{Code::truncated, 0, 40, 41}));
    EXPECT_EQ(refused(with(0, 0x4f)), (ParseError{Code::bad_header_length, 2, 40, 60}));
}

TEST(Ipv4, RefusesFragmentsAndTakesTheReservedBit) {
    EXPECT_EQ(refused(with(6, 0x20)), (ParseError{Code::fragment, 6, 0x2000, 0}));
    EXPECT_EQ(refused(with(7, 0x01)), (ParseError{Code::fragment, 6, 1, 0}));
    const auto packet = with(6, 0xc0);
    const auto read = parse(packet);
    ASSERT_TRUE(read);
    EXPECT_TRUE(read->lies.ip_reserved);
    EXPECT_EQ(serialize(*read), packet);
}

TEST(Ipv4, RefusesOtherProtocolsAndVersions) {
    EXPECT_EQ(refused(with(9, 17)), (ParseError{Code::not_tcp, 9, 17, 6}));
    EXPECT_EQ(refused(with(0, 0x55)), (ParseError{Code::not_ip, 0, 5, 0}));
}

TEST(Ipv4, KeepsAWrongHeaderChecksum) {
    for (const unsigned octet : {0x00U, 0xffU, 0xb7U}) {
        const auto packet = with(10, octet);
        const auto read = parse(packet);
        ASSERT_TRUE(read);
        EXPECT_EQ(read->lies.ip_checksum, octet << 8 | 0xcbU);
        EXPECT_EQ(serialize(*read), packet);
    }
}

TEST(Ipv4, KeepsHeaderOptions) {                  // RFC 9293 §3.9.2 (MUST-50)
    const auto extension = octets("94 04 0000");  // router alert
    Datagram made{.ip = {.source = *Address::read("192.0.2.1"),
                         .destination = *Address::read("192.0.2.2"),
                         .extension = extension}};
    const auto packet = serialize(made);
    EXPECT_EQ(packet.size(), 44U);
    EXPECT_EQ(packet[0], std::byte{0x46});
    const auto read = parse(packet);
    ASSERT_TRUE(read);
    EXPECT_EQ(read->ip.extension.size(), 4U);
    EXPECT_EQ(read->checksum, Checksum::ok);
    EXPECT_EQ(serialize(*read), packet);
}

}  // namespace
}  // namespace tcpcraft
