// RFC 9293 §3.1 (MUST-2, MUST-3)
#include <gtest/gtest.h>
#include <tests/support/octets.hpp>

#include <libtcpcraft/wire/codec.hpp>

namespace tcpcraft {
namespace {

using Code = ParseError::Code;
using test::octets;

class Codec : public testing::TestWithParam<Family> {
protected:
    Codec() {
        const bool v4 = GetParam() == Family::v4;
        honest.ip.source = *Address::read(v4 ? "192.0.2.1" : "2001:db8::1");
        honest.ip.destination = *Address::read(v4 ? "192.0.2.2" : "2001:db8::2");
        honest.segment.source = Port{0x1234};
        honest.segment.destination = Port{80};
        honest.segment.seq = Seq{0x01020304};
        honest.segment.ack = Seq{0x05060708};
        honest.segment.flags = {Flag::psh, Flag::ack};
        honest.segment.wnd = 0x1000;
        honest.segment.up = 0x0203;
        honest.segment.options = {NoOperation{}, NoOperation{}, Timestamps{1, 2}};
        honest.segment.payload = data;
        tcp = v4 ? 20 : 40;
    }
    [[nodiscard]] std::vector<std::byte> packet() const { return serialize(honest); }

    std::vector<std::byte> data{octets("68 69 21")};
    Datagram honest{};
    std::size_t tcp{0};  // where the TCP header starts
};

INSTANTIATE_TEST_SUITE_P(Families, Codec, testing::Values(Family::v4, Family::v6),
                         [](const auto& family) {
                             return family.param == Family::v4 ? "ipv4" : "ipv6";
                         });

TEST_P(Codec, WritesTheFieldsWhereTheRfcHasThem) {  // RFC 9293 §3.1
    const auto written = packet();
    const std::vector<std::byte> header{written.begin() + static_cast<std::ptrdiff_t>(tcp),
                                        written.begin() + static_cast<std::ptrdiff_t>(tcp) + 16};
    EXPECT_EQ(header, octets("1234 0050 01020304 05060708 80 18 1000"));
    EXPECT_EQ(written.size(), tcp + 20 + 12 + 3);
    EXPECT_EQ(serialized_size(honest), written.size());
}

TEST_P(Codec, ReadsWhatItWrote) {  // RFC 9293 §3.1 (MUST-2, MUST-5)
    const auto written = packet();
    const auto read = parse(written);
    ASSERT_TRUE(read) << read.error().sentence();
    EXPECT_EQ(read->segment, honest.segment);
    EXPECT_EQ(read->checksum, Checksum::ok);
    EXPECT_EQ(read->lies, WireOverrides{});
}

TEST_P(Codec, PadsOptionsWithEndOfList) {  // RFC 9293 §3.1 (MUST-69)
    honest.segment.options = {WindowScale{7}, SackPermitted{}};
    const auto written = packet();
    const auto read = parse(written);
    ASSERT_TRUE(read);
    EXPECT_EQ(read->segment.options, *Options::from_octets(octets("03 03 07 04 02 00 00 00")));
}

TEST_P(Codec, JudgesTheChecksumInThreeWays) {  // RFC 9293 §3.1 (MUST-3)
    auto written = packet();
    EXPECT_EQ(parse(written)->checksum, Checksum::ok);
    EXPECT_EQ(parse(written, false)->checksum, Checksum::offloaded);
    written.back() ^= std::byte{1};
    EXPECT_EQ(parse(written)->checksum, Checksum::bad);
    EXPECT_EQ(serialize(*parse(written)), written);
    EXPECT_EQ(parse(written, false)->checksum, Checksum::offloaded);
    EXPECT_EQ(serialize(*parse(written, false)), written);
}

TEST_P(Codec, TakesTheOtherZeroOfAChecksum) {
    // A payload that makes the sum of everything else all ones, so that the field is zero.
    honest.segment.payload = std::span{data}.first(2);
    honest.lies.checksum = 0;
    data[0] = std::byte{0};
    data[1] = std::byte{0};
    auto written = packet();
    const auto rest =
        tcp_checksum(honest.ip.source, honest.ip.destination, std::span{written}.subspan(tcp));
    written[written.size() - 2] = static_cast<std::byte>(rest >> 8);
    written[written.size() - 1] = static_cast<std::byte>(rest & 0xffU);
    EXPECT_EQ(parse(written)->checksum, Checksum::ok);
    EXPECT_FALSE(parse(written)->lies.checksum);
    written[tcp + 16] = std::byte{0xff};
    written[tcp + 17] = std::byte{0xff};
    EXPECT_EQ(parse(written)->checksum, Checksum::ok);
    EXPECT_EQ(serialize(*parse(written)), written);
    written[tcp + 17] = std::byte{0xfe};
    EXPECT_EQ(parse(written)->checksum, Checksum::bad);
}

TEST_P(Codec, LiesAsItIsTold) {
    honest.lies = {.checksum = 0xbeef, .data_offset = 3, .reserved = 5};
    EXPECT_TRUE(honest.lies.any());
    const auto written = packet();
    EXPECT_EQ(written[tcp + 12], std::byte{0x3a});
    EXPECT_EQ(written[tcp + 16], std::byte{0xbe});
    EXPECT_EQ(written[tcp + 17], std::byte{0xef});
    EXPECT_EQ(parse(written).error(), (ParseError{Code::bad_data_offset, tcp + 12, 3, 5}));
}

TEST_P(Codec, WritesAChecksumThatIsSurelyWrong) {
    honest.lies = {.bad_checksum = true};
    EXPECT_EQ(parse(packet())->checksum, Checksum::bad);
}

TEST_P(Codec, KeepsReservedBitsAndAllNineFlags) {
    for (unsigned word = 0; word < 0x1000; ++word) {
        honest.segment.flags = Flags::from_bits(static_cast<std::uint16_t>(word));
        honest.lies.reserved = static_cast<std::uint8_t>(word >> 9);
        const auto written = packet();
        const auto read = parse(written);
        ASSERT_TRUE(read);
        ASSERT_EQ(read->segment.flags.bits(), word & 0x1ffU);
        ASSERT_EQ(read->lies.reserved.value_or(0), word >> 9);
        ASSERT_EQ(read->checksum, Checksum::ok);
    }
}

TEST_P(Codec, RefusesADataOffsetBeyondTheEnd) {
    honest.segment.options = {};
    honest.lies.data_offset = 6;  // 23 octets are there
    EXPECT_EQ(parse(packet()).error(), (ParseError{Code::bad_data_offset, tcp + 12, 6, 5}));
    honest.segment.payload = {};
    honest.lies.data_offset = 5;
    EXPECT_TRUE(parse(packet()));
}

TEST_P(Codec, WritesNothingWhereThereIsNoRoom) {
    std::vector<std::byte> room(serialized_size(honest));
    EXPECT_TRUE(serialize_into(std::span{room}.first(room.size() - 1), honest).empty());
    EXPECT_EQ(serialize_into(room, honest).size(), room.size());
    room.resize(room.size() + 10);
    EXPECT_EQ(serialize_into(room, honest).size(), room.size() - 10);
}

TEST(WireOverrides, AreAnyWhenOneIs) {
    EXPECT_FALSE(WireOverrides{}.any());
    const WireOverrides each[] = {{.checksum = 0},      {.bad_checksum = true}, {.data_offset = 5},
                                  {.reserved = 0},      {.ip_length = 0},       {.ip_checksum = 0},
                                  {.ip_reserved = true}};
    for (const WireOverrides& one : each) {
        EXPECT_TRUE(one.any());
    }
}

TEST(ParseError, SaysWhatIsWrongInASentence) {
    EXPECT_EQ((ParseError{Code::truncated, 20, 7, 20}.sentence()),
              "from octet 20 on 20 octets are needed, only 7 are there");
    EXPECT_EQ((ParseError{Code::not_ip, 0, 5, 0}.sentence()),
              "the IP version at octet 0 is 5, neither 4 nor 6");
    EXPECT_EQ((ParseError{Code::bad_header_length, 2, 19, 20}.sentence()),
              "the length at octet 2 is 19, the header needs 20");
    EXPECT_EQ((ParseError{Code::fragment, 6, 0x2000, 0}.sentence()),
              "a fragment, not a whole segment: the fragment field at octet 6 is 0x2000");
    EXPECT_EQ((ParseError{Code::not_tcp, 9, 17, 6}.sentence()),
              "the protocol at octet 9 is 17, not TCP (6)");
    EXPECT_EQ((ParseError{Code::bad_extension, 40, 7, 8}.sentence()),
              "the extension header at octet 40 takes 8 octets, only 7 are left");
    EXPECT_EQ((ParseError{Code::bad_data_offset, 32, 3, 5}.sentence()),
              "the TCP data offset at octet 32 is 3 words, the least is 5");
    EXPECT_EQ((ParseError{Code::bad_data_offset, 32, 15, 5}.sentence()),
              "the TCP data offset at octet 32 is 15 words, the segment has only 5");
}

}  // namespace
}  // namespace tcpcraft
