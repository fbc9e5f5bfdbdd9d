// RFC 9293 §3.1, §3.2 (MUST-4 to MUST-7, MUST-64, MUST-68, MUST-69)
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <tests/support/octets.hpp>
#include <tests/support/segment_generator.hpp>

#include <libtcpcraft/wire/options.hpp>

namespace tcpcraft {
namespace {

using test::octets;

std::vector<Option> list_of(const Options& options) { return {options.begin(), options.end()}; }

Options from(std::string_view hex) { return *Options::from_octets(octets(hex)); }

template <typename T>
T only(std::string_view hex) {
    const Options options = from(hex);
    const auto list = list_of(options);
    EXPECT_EQ(list.size(), 1U) << hex;
    EXPECT_TRUE(std::holds_alternative<T>(list.front())) << hex;
    return std::get<T>(list.front());
}

TEST(Options, WritesTheSynOfAStackAsItStandsOnTheWire) {  // RFC 9293 §3.1 (MUST-68)
    const Options options{MaximumSegmentSize{1460}, SackPermitted{}, Timestamps{1, 2},
                          NoOperation{}, WindowScale{7}};
    EXPECT_THAT(options.octets(),
                testing::ElementsAreArray(octets("02 04 05b4 04 02 08 0a 00000001 00000002 01 "
                                                 "03 03 07")));
}

TEST(Options, ReadsEveryNamedKind) {  // RFC 9293 §3.2 (MUST-4)
    EXPECT_EQ(only<MaximumSegmentSize>("02 04 05b4").value, 1460);
    EXPECT_EQ(only<WindowScale>("03 03 ff").shift, 255);
    only<SackPermitted>("04 02");
    EXPECT_EQ(only<Timestamps>("08 0a 01020304 05060708"), (Timestamps{0x01020304, 0x05060708}));
    const auto sack = only<Sack>("05 0a 00000001 00000002");
    EXPECT_EQ(sack.count, 1);
    EXPECT_EQ(sack.block[0], (SackBlock{Seq{1}, Seq{2}}));
    EXPECT_EQ(only<UserTimeout>("1c 04 8005"), (UserTimeout{.minutes = true, .value = 5}));
    EXPECT_EQ(only<UserTimeout>("1c 04 7fff"), (UserTimeout{.minutes = false, .value = 0x7fff}));
    const auto ecn = only<AccurateEcn>("ac 08 000001 ffffff");
    EXPECT_EQ(ecn, (AccurateEcn{.order = 0, .counter = {1, 0xffffff, 0}, .count = 2}));
    EXPECT_EQ(only<AccurateEcn>("ae 02"), (AccurateEcn{.order = 1, .counter = {}, .count = 0}));
}

TEST(Options, ReadsNamedKindsThatHoldOctets) {
    const Options options = from("22 06 11223344 1d 05 01 02 aa 1e 04 2f 55");
    const auto list = list_of(options);
    ASSERT_EQ(list.size(), 3U);
    EXPECT_TRUE(same(list[0], FastOpen{octets("11223344")}));
    EXPECT_EQ(std::get<Authentication>(list[1]).key_id, 1);
    EXPECT_EQ(std::get<Authentication>(list[1]).rnext_key_id, 2);
    EXPECT_TRUE(same(list[1], Authentication{1, 2, octets("aa")}));
    EXPECT_EQ(std::get<Multipath>(list[2]).subtype(), 2);
    only<Md5Signature>("13 12 000102030405060708090a0b0c0d0e0f");
}

TEST(Options, CallsANamedKindOfWrongLengthUnknown) {
    for (const char* hex :
         {"02 03 05", "02 05 05b400", "03 02", "03 04 0700", "04 03 00", "05 02",
          "05 09 01020304050607", "08 09 01020304050607", "13 03 00", "1c 03 00", "1d 03 00",
          "1e 02", "ac 03 00", "22 13 0000000000000000000000000000000000"}) {
        only<UnknownOption>(hex);
    }
    EXPECT_EQ(only<UnknownOption>("fd 04 f989").kind, 253);
}

TEST(Options, ReadsFastOpenAndSackUpToTheirLongest) {
    only<FastOpen>("22 02");
    only<FastOpen>("22 12 00000000000000000000000000000000");
    EXPECT_EQ(only<Sack>("05 22 0000000100000002000000030000000400000005000000060000000700000008")
                  .blocks()
                  .size(),
              4U);
}

TEST(Options, StopsBehindEndOfListAndKeepsThePadding) {  // RFC 9293 §3.2 (MUST-4)
    const Options options = from("01 00 02 04 05b4");
    EXPECT_EQ(list_of(options).size(), 2U);
    EXPECT_EQ(options.size(), 6U);
    EXPECT_FALSE(options.find<MaximumSegmentSize>());
}

TEST(Options, EndsInABrokenOptionWhereTheListCannotBeRead) {  // MUST-7
    for (const char* hex : {"02", "02 00 0000", "02 01 0000", "02 05 0000", "fd ff"}) {
        const auto broken = only<BrokenOption>(hex);
        EXPECT_THAT(broken.octets.size(), octets(hex).size());
    }
    const Options options = from("04 02 03 04 07");
    EXPECT_TRUE(options.find<SackPermitted>());
    EXPECT_TRUE(options.find<BrokenOption>());
    EXPECT_FALSE(options.find<WindowScale>());
}

TEST(Options, ReadsAnOptionBehindAnUnknownOneAtAnOddOctet) {  // MUST-6, MUST-64
    EXPECT_EQ(from("fd 03 00 02 04 0218").find<MaximumSegmentSize>()->value, 536);
}

TEST(Options, HoldsFortyOctetsAndNotOneMore) {
    const std::vector<std::byte> forty(40, std::byte{1});
    const std::vector<std::byte> one_more(41, std::byte{1});
    EXPECT_TRUE(Options::from_octets(forty));
    EXPECT_FALSE(Options::from_octets(one_more));
    Options options = *Options::from_octets(std::span{forty}.first(37));
    EXPECT_FALSE(options.append(MaximumSegmentSize{}));
    EXPECT_EQ(options.size(), 37U);
    EXPECT_TRUE(options.append(WindowScale{}));
    EXPECT_FALSE(options.append(NoOperation{}));
}

TEST(Options, RefusesAnOptionThatNoHeaderHolds) {
    const std::vector<std::byte> long_body(300);
    Options options;
    EXPECT_FALSE(options.append(UnknownOption{253, long_body}));
    EXPECT_TRUE(options.empty());
    EXPECT_FALSE(same(UnknownOption{253, long_body}, UnknownOption{253, long_body}));
    EXPECT_FALSE(same(NoOperation{}, UnknownOption{253, long_body}));
    EXPECT_EQ(kind(UnknownOption{253, long_body}), 0);
    EXPECT_EQ(Multipath{}.subtype(), 0);
    EXPECT_TRUE(options.append(UnknownOption{253, std::span{long_body}.first(38)}));
    EXPECT_EQ(options.size(), 40U);
}

TEST(Options, PadsToAMultipleOfFour) {  // RFC 9293 §3.1 (MUST-69)
    Options options{WindowScale{7}};
    EXPECT_EQ(options.padded_size(), 4U);
    options.pad();
    EXPECT_EQ(options, from("03 03 07 00"));
    options.pad();
    EXPECT_EQ(options.size(), 4U);
    Options with_nops{WindowScale{7}, SackPermitted{}};
    with_nops.pad(OptionKind::no_operation);
    EXPECT_EQ(with_nops, from("03 03 07 04 02 01 01 01"));
}

TEST(Options, OverwritesTimestampsInPlace) {
    Options options{NoOperation{}, NoOperation{}, Timestamps{1, 2}, SackPermitted{}};
    EXPECT_TRUE(options.set_timestamps({0xfffffffe, 7}));
    EXPECT_EQ(options.find<Timestamps>(), (Timestamps{0xfffffffe, 7}));
    EXPECT_TRUE(options.find<SackPermitted>());
    Options none{SackPermitted{}};
    EXPECT_FALSE(none.set_timestamps({1, 1}));
}

TEST(Options, TellsKindsAndOptionsApart) {
    EXPECT_EQ(kind(Option{WindowScale{}}), 3);
    EXPECT_EQ(kind(Option{AccurateEcn{.order = 1}}), 174);
    EXPECT_EQ(kind(Option{UnknownOption{200, {}}}), 200);
    EXPECT_EQ(kind(Option{EndOfList{}}), 0);
    EXPECT_TRUE(same(WindowScale{7}, UnknownOption{3, octets("07")}));
    EXPECT_FALSE(same(WindowScale{7}, WindowScale{8}));
    EXPECT_NE((Options{NoOperation{}}), (Options{NoOperation{}, NoOperation{}}));
}

TEST(Options, WritesWhatItRead) {
    test::SegmentGenerator dice{2};
    for (int i = 0; i < 20000; ++i) {
        const Options options = dice.any_options();
        Options again;
        std::size_t read = 0;
        for (auto at = options.begin(); at != options.end(); ++at) {
            ASSERT_TRUE(again.append(*at));
            read += at.octets().size();
        }
        ASSERT_EQ(again, *Options::from_octets(options.octets().first(read))) << i;
    }
}

}  // namespace
}  // namespace tcpcraft
