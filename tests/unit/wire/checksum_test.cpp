// RFC 1071; RFC 9293 §3.1 (MUST-2, MUST-3)
#include <gtest/gtest.h>
#include <tests/support/octets.hpp>
#include <tests/support/segment_generator.hpp>

#include <libtcpcraft/wire/checksum.hpp>

namespace tcpcraft {
namespace {

using test::octets;

/// The definition, word by word.
std::uint16_t slow_sum(std::span<const std::byte> data) {
    std::uint32_t sum = 0;
    for (std::size_t i = 0; i < data.size(); i += 2) {
        const auto low = i + 1 < data.size() ? std::to_integer<unsigned>(data[i + 1]) : 0U;
        sum += std::to_integer<unsigned>(data[i]) << 8 | low;
        sum = (sum & 0xffffU) + (sum >> 16);
    }
    return static_cast<std::uint16_t>(sum);
}

std::uint16_t sum_of(std::span<const std::byte> data) {
    ChecksumSum sum;
    sum.add(data);
    return sum.folded();
}

TEST(Checksum, AgreesWithTheExampleOfTheRfc) {  // RFC 1071 §3
    EXPECT_EQ(sum_of(octets("00 01 f2 03 f4 f5 f6 f7")), 0xddf2);
}

TEST(Checksum, AgreesWithTheDefinitionAtEveryLengthAndAlignment) {
    test::SegmentGenerator dice{1};
    const auto data = dice.octets(200);
    for (std::size_t from = 0; from < 9; ++from) {
        for (std::size_t size = 0; size + from <= data.size(); ++size) {
            const auto part = std::span{data}.subspan(from, size);
            ASSERT_EQ(sum_of(part), slow_sum(part)) << from << " " << size;
        }
    }
}

TEST(Checksum, CarriesWhenAllBitsAreSet) {
    const std::vector<std::byte> ones(65535, std::byte{0xff});
    EXPECT_EQ(sum_of(ones), slow_sum(ones));
    EXPECT_EQ(sum_of(std::span{ones}.first(65534)), 0xffff);
}

TEST(Checksum, PadsAnOddOctetOnTheRight) {
    EXPECT_EQ(sum_of(octets("12")), 0x1200);
    EXPECT_EQ(sum_of(octets("")), 0);
}

TEST(Checksum, AddsPiecesAndWords) {
    ChecksumSum sum;
    sum.add(octets("12 34"));
    sum.add(octets("ff ff ab"));
    sum.add_word(0x0100);
    EXPECT_EQ(sum.folded(), slow_sum(octets("12 34 ff ff ab 00 01 00")));
}

TEST(Checksum, SumsThePseudoHeaderOfBothFamilies) {
    EXPECT_EQ(pseudo_header_sum(*Address::read("192.0.2.1"), *Address::read("192.0.2.2"), 20),
              slow_sum(octets("c000 0201 c000 0202 00 06 0014")));
    EXPECT_EQ(
        pseudo_header_sum(*Address::read("2001:db8::1"), *Address::read("2001:db8::2"), 0x12345),
        slow_sum(octets("2001 0db8 0000 0000 0000 0000 0000 0001 2001 0db8 0000 0000 0000 0000 "
                        "0000 0002 0001 2345 0000 0006")));
}

TEST(Checksum, CountsItsOwnFieldAsZero) {
    const auto source = *Address::read("192.0.2.1");
    const auto destination = *Address::read("192.0.2.2");
    auto tcp = octets("1234 0050 00000001 00000000 5002 ffff 0000 0000");
    const auto honest = tcp_checksum(source, destination, tcp);
    for (const unsigned field : {0x0001U, 0x8000U, 0xfffeU, 0xffffU}) {
        tcp[16] = static_cast<std::byte>(field >> 8);
        tcp[17] = static_cast<std::byte>(field & 0xffU);
        EXPECT_EQ(tcp_checksum(source, destination, tcp), honest) << field;
    }
    // Written into its field, everything adds up to all ones.
    tcp[16] = static_cast<std::byte>(honest >> 8);
    tcp[17] = static_cast<std::byte>(honest & 0xffU);
    ChecksumSum sum;
    sum.add_word(pseudo_header_sum(source, destination, 20));
    sum.add(tcp);
    EXPECT_EQ(sum.folded(), 0xffff);
}

TEST(Checksum, TakesASegmentTooShortToHoldTheField) {
    const auto source = *Address::read("192.0.2.1");
    const auto tcp = octets("ffff ffff ff");
    EXPECT_NE(tcp_checksum(source, source, tcp), 0);
}

}  // namespace
}  // namespace tcpcraft
