#include <array>

#include <gtest/gtest.h>

#include <libtcpcraft/engine/iss.hpp>
#include <libtcpcraft/engine/siphash.hpp>

namespace tcpcraft {
namespace {

using namespace std::chrono_literals;

constexpr std::array<std::uint64_t, 2> reference_key{0x0706050403020100U, 0x0f0e0d0c0b0a0908U};

std::uint64_t of_counting_octets(std::size_t size) {
    std::array<std::byte, 64> octets{};
    for (std::size_t i = 0; i < octets.size(); ++i) {
        octets[i] = static_cast<std::byte>(i);
    }
    return siphash_2_4(std::span{octets}.first(size), reference_key);
}

// The vectors of the reference implementation, key and message counting up from 0.
TEST(SipHash, GivesTheReferenceVectors) {
    EXPECT_EQ(of_counting_octets(0), 0x726fdb47dd0e0e31U);
    EXPECT_EQ(of_counting_octets(1), 0x74f839c593dc67fdU);
    EXPECT_EQ(of_counting_octets(7), 0xab0200f58b01d137U);
    EXPECT_EQ(of_counting_octets(8), 0x93f5f5799a932462U);
    EXPECT_EQ(of_counting_octets(15), 0xa129ca6149be45e5U);
}

ConnectionId some_connection() {
    return {Endpoint::read("192.0.2.1:40000").value(), Endpoint::read("192.0.2.2:80").value()};
}

constexpr IsnKey key{{1, 2}};

TEST(Iss, GrowsWithTheClockOfFourMicroseconds) {  // RFC 9293 §3.4.1 (MUST-8)
    const ConnectionId id = some_connection();
    const Seq first = initial_sequence_number(id, key, Instant{1s});
    EXPECT_EQ(initial_sequence_number(id, key, Instant{1s + 3us}), first);
    EXPECT_EQ(initial_sequence_number(id, key, Instant{1s + 4us}), first + 1);
    EXPECT_EQ(initial_sequence_number(id, key, Instant{2s}), first + 250'000);
}

TEST(Iss, DependsOnEveryPartOfTheNameAndOnTheKey) {  // RFC 6528 §3 (SHLD-1, MUST-9)
    const ConnectionId id = some_connection();
    const Seq first = initial_sequence_number(id, key, Instant{1s});
    ConnectionId other = id;
    other.local.port.value++;
    EXPECT_NE(initial_sequence_number(other, key, Instant{1s}), first);
    other = id;
    other.remote.port.value++;
    EXPECT_NE(initial_sequence_number(other, key, Instant{1s}), first);
    other = id;
    other.remote.address = Address::read("2001:db8::1").value();
    EXPECT_NE(initial_sequence_number(other, key, Instant{1s}), first);
    EXPECT_NE(initial_sequence_number({id.remote, id.local}, key, Instant{1s}), first);
    EXPECT_NE(initial_sequence_number(id, IsnKey{{1, 3}}, Instant{1s}), first);
}

}  // namespace
}  // namespace tcpcraft
