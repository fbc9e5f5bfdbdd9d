// RFC 9293 §3.4
#include <gtest/gtest.h>
#include <tests/support/octets.hpp>

#include <libtcpcraft/wire/segment.hpp>

namespace tcpcraft {
namespace {

TEST(Segment, CountsSynAndFinInItsLength) {
    const auto data = test::octets("01 02 03");
    Segment segment;
    EXPECT_EQ(segment.len(), 0U);
    segment.flags = {Flag::ack, Flag::psh, Flag::urg, Flag::rst};
    EXPECT_EQ(segment.len(), 0U);
    segment.flags = {Flag::syn, Flag::fin};
    segment.payload = data;
    EXPECT_EQ(segment.len(), 5U);
    segment.seq = Seq{0xffffffffU};
    EXPECT_EQ(segment.range().end(), Seq{4});
}

TEST(Segment, ComparesEveryField) {
    const Segment same{};
    const Segment others[] = {{.source = Port{1}}, {.destination = Port{1}},    {.seq = Seq{1}},
                              {.ack = Seq{1}},     {.flags = {Flag::syn}},      {.wnd = 1},
                              {.up = 1},           {.options = {NoOperation{}}}};
    for (const Segment& other : others) {
        EXPECT_NE(other, same);
    }
    EXPECT_EQ(Segment{}, same);
}

TEST(Segment, ComparesPayloadByOctets) {
    const auto here = test::octets("01 02");
    const auto there = test::octets("01 02");
    const auto other = test::octets("01 03");
    Segment a;
    a.payload = here;
    Segment b;
    b.payload = there;
    EXPECT_EQ(a, b);
    b.payload = other;
    EXPECT_NE(a, b);
    b.payload = std::span{there}.first(1);
    EXPECT_NE(a, b);
}

}  // namespace
}  // namespace tcpcraft
