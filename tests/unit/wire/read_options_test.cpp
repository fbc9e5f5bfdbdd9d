#include <gtest/gtest.h>
#include <tests/support/octets.hpp>
#include <tests/support/segment_generator.hpp>

#include <libtcpcraft/wire/text.hpp>

namespace tcpcraft {
namespace {

Options from(std::string_view hex) { return *Options::from_octets(test::octets(hex)); }

TEST(ReadOptions, ReadsAListWithAndWithoutSpaces) {
    const Options wanted{MaximumSegmentSize{1460}, SackPermitted{}, Timestamps{100, 0},
                         NoOperation{}, WindowScale{7}};
    EXPECT_EQ(read_options("mss 1460,sackOK,TS val 100 ecr 0,nop,wscale 7"), wanted);
    EXPECT_EQ(read_options(" mss 1460 , sackOK , TS val 100 ecr 0 , nop , wscale 7 "), wanted);
    EXPECT_EQ(read_options(""), Options{});
    EXPECT_EQ(read_options("  "), Options{});
}

TEST(ReadOptions, ReadsWhatIsIllegalOnTheWire) {
    EXPECT_EQ(read_options("2:"), from("02 02"));
    EXPECT_EQ(read_options("0:ff"), from("00 03 ff"));
    EXPECT_EQ(read_options("!0201,nop"), from("02 01 01"));
    EXPECT_EQ(read_options("wscale 255"), from("03 03 ff"));
}

TEST(ReadOptions, SaysWhatIsWrongAndWhere) {
    struct Case {
        const char* text{};
        std::size_t offset{};
        const char* part{};
    };
    const Case cases[] = {
        {"mss", 3, "wanted a number, got the end"},
        {"mss x", 4, "wanted a number, got 'x'"},
        {"mss 65536", 4, "from 0 to 65535"},
        {"mss -1", 4, "wanted a number"},
        {"nop,wscale 256", 11, "from 0 to 255"},
        {"mss 99999999999", 4, "from 0 to 65535"},
        {"nop nop", 4, "wanted ','"},
        {"nop,", 4, "is no option"},
        {"bogus 1", 0, "'bogus' is no option"},
        {"nopnop", 0, "is no option"},
        {"TS ecr 1", 3, "wanted 'val'"},
        {"TS val 1", 8, "wanted 'ecr', got the end"},
        {"sack", 0, "one to four blocks"},
        {"sack 1", 6, "wanted ':'"},
        {"sack 1:2 3:4 5:6 7:8 9:10", 21, "wanted ','"},
        {"md5 00", 0, "16 octets, not 1"},
        {"FO 0000000000000000000000000000000000", 0, "at most 16 octets, not 17"},
        {"FO abc", 5, "in pairs"},
        {"uto 5", 5, "wanted 's'"},
        {"uto 32768s", 4, "from 0 to 32767"},
        {"ao keyid 1", 10, "wanted 'rnextkeyid'"},
        {"mptcp", 0, "needs its octets"},
        {"mptcp join 00", 0, "the first of which holds the subtype"},
        {"ECN ceb 1", 4, "wanted 'e1b'"},
        {"ECN e0b 16777216", 8, "from 0 to 16777215"},
        {"256:00", 0, "from 0 to 255"},
        {"253 00", 4, "wanted ':'"},
        {"md5 00000000000000000000000000000000,md5 00000000000000000000000000000000,TS val 1 ecr 1",
         74, "beyond the 40 octets"},
    };
    for (const Case& one : cases) {
        const auto read = read_options(one.text);
        ASSERT_FALSE(read) << one.text;
        EXPECT_EQ(read.error().offset, one.offset) << one.text << ": " << read.error().sentence;
        EXPECT_NE(read.error().sentence.find(one.part), std::string::npos)
            << one.text << ": " << read.error().sentence;
    }
}

TEST(ReadOptions, RefusesMoreDigitsThanAHeaderHolds) {
    EXPECT_TRUE(read_options("!" + std::string(80, '0')));
    EXPECT_FALSE(read_options("!" + std::string(82, '0')));
    EXPECT_FALSE(read_options("253:" + std::string(78, '0')));
}

TEST(ReadOptions, ReadsWhatIsPrinted) {
    test::SegmentGenerator dice{3};
    for (int i = 0; i < 20000; ++i) {
        const Options options = dice.any_options();
        const auto text = options_text(options);
        const auto read = read_options(text);
        ASSERT_TRUE(read) << text << ": " << read.error().sentence;
        ASSERT_EQ(*read, options) << text;
    }
}

}  // namespace
}  // namespace tcpcraft
