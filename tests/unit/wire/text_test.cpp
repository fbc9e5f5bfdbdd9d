#include <gtest/gtest.h>
#include <tests/support/octets.hpp>

#include <libtcpcraft/wire/text.hpp>

namespace tcpcraft {
namespace {

using test::octets;

std::string text_of(std::string_view hex) {
    return options_text(*Options::from_octets(octets(hex)));
}

TEST(Text, PrintsControlBitsInOneOrder) {
    EXPECT_EQ(flags_text({}), "-");
    EXPECT_EQ(flags_text({Flag::ack, Flag::syn}), "S.");
    EXPECT_EQ(flags_text(Flags::from_bits(0x1ff)), "FSRP.UEWA");
}

TEST(Text, PrintsASegment) {
    Segment segment;
    segment.flags = {Flag::syn, Flag::ack};
    segment.ack = Seq{1};
    segment.wnd = 65535;
    segment.options = {MaximumSegmentSize{1460}};
    EXPECT_EQ(segment_text(segment), "S. 0:0(0) ack 1 win 65535 <mss 1460>");
}

TEST(Text, PrintsAckAndUrgOnlyWithTheirBits) {
    const auto data = octets("00 00 00");
    Segment segment;
    segment.seq = Seq{5};
    segment.ack = Seq{9};
    segment.up = 2;
    segment.payload = data;
    EXPECT_EQ(segment_text(segment), "- 5:8(3) win 0");
    segment.flags = {Flag::urg, Flag::ack};
    EXPECT_EQ(segment_text(segment), ".U 5:8(3) ack 9 win 0 urg 2");
}

TEST(Text, CountsFromTheOrigins) {
    Segment segment;
    segment.flags = {Flag::ack};
    segment.seq = Seq{1};
    segment.ack = Seq{1001};
    segment.options = {Sack{.block = {{{Seq{1003}, Seq{1005}}}}, .count = 1}};
    EXPECT_EQ(segment_text(segment, {.seq = Seq{0xffffffffU}, .ack = Seq{1000}}),
              ". 2:2(0) ack 1 win 0 <sack 3:5>");
    EXPECT_EQ(segment_text(segment), ". 1:1(0) ack 1001 win 0 <sack 1003:1005>");
}

TEST(Text, NamesEveryOption) {
    EXPECT_EQ(text_of("02 04 05b4 04 02 08 0a 00000001 00000002 01 03 03 07"),
              "mss 1460,sackOK,TS val 1 ecr 2,nop,wscale 7");
    EXPECT_EQ(text_of("05 12 00000001 00000002 00000005 00000009"), "sack 1:2 5:9");
    EXPECT_EQ(text_of("22 02"), "FO");
    EXPECT_EQ(text_of("22 06 a1b2c3d4"), "FO a1b2c3d4");
    EXPECT_EQ(text_of("13 12 000102030405060708090a0b0c0d0e0f"),
              "md5 000102030405060708090a0b0c0d0e0f");
    EXPECT_EQ(text_of("1c 04 001e 1c 04 8005"), "uto 30s,uto 5min");
    EXPECT_EQ(text_of("1d 04 01 02 1d 05 01 02 ff"),
              "ao keyid 1 rnextkeyid 2,ao keyid 1 rnextkeyid 2 mac ff");
    EXPECT_EQ(text_of("1e 04 01 81 1e 03 f0"), "mptcp capable 0181,mptcp f0");
    EXPECT_EQ(text_of("ac 0b 000001 000002 000003"), "ECN e0b 1 ceb 2 e1b 3");
    EXPECT_EQ(text_of("ae 0b 000001 000002 000003"), "ECN e1b 1 ceb 2 e0b 3");
    EXPECT_EQ(text_of("ac 02 ae 02"), "ECN e0b,ECN e1b");
}

TEST(Text, PrintsWhatHasNoNameAsOctets) {
    EXPECT_EQ(text_of("fd 04 f989 45 02"), "253:f989,69:");
    EXPECT_EQ(text_of("02 03 05"), "2:05");
    EXPECT_EQ(text_of("01 02 09 05"), "nop,!020905");
}

TEST(Text, PrintsThePaddingToo) {
    EXPECT_EQ(text_of(""), "");
    EXPECT_EQ(text_of("03 03 07 00"), "wscale 7,eol");
    EXPECT_EQ(text_of("03 03 07 00 00"), "wscale 7,eol,eol");
    EXPECT_EQ(text_of("00 00 01"), "eol,!0001");
}

}  // namespace
}  // namespace tcpcraft
