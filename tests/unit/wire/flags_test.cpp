// RFC 9293 §3.1, RFC 9768 §3.1
#include <gtest/gtest.h>

#include <libtcpcraft/wire/flags.hpp>

namespace tcpcraft {
namespace {

TEST(Flags, HoldsNineBitsAndNoMore) {
    EXPECT_EQ(Flags::from_bits(0xffff).bits(), 0x1ff);
    EXPECT_TRUE(Flags::from_bits(0x100).has(Flag::ae));
    EXPECT_TRUE(Flags::from_bits(0x200).none());
}

TEST(Flags, SetsAndClearsOneBit) {
    EXPECT_EQ((Flags{Flag::syn}.with(Flag::ack)), (Flags{Flag::ack, Flag::syn}));
    EXPECT_EQ((Flags{Flag::syn, Flag::ack}.without(Flag::syn)), Flags{Flag::ack});
    EXPECT_EQ(Flags{Flag::ack}.without(Flag::syn), Flags{Flag::ack});
}

}  // namespace
}  // namespace tcpcraft
