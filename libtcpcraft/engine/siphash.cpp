#include <bit>

#include <libtcpcraft/engine/siphash.hpp>

namespace tcpcraft {
namespace {

struct SipState {
    std::uint64_t v0{};
    std::uint64_t v1{};
    std::uint64_t v2{};
    std::uint64_t v3{};

    void rounds(int count) noexcept {
        for (int i = 0; i < count; ++i) {
            v0 += v1;
            v2 += v3;
            v1 = std::rotl(v1, 13) ^ v0;
            v3 = std::rotl(v3, 16) ^ v2;
            v0 = std::rotl(v0, 32);
            v2 += v1;
            v0 += v3;
            v1 = std::rotl(v1, 17) ^ v2;
            v3 = std::rotl(v3, 21) ^ v0;
            v2 = std::rotl(v2, 32);
        }
    }
    void take(std::uint64_t word) noexcept {
        v3 ^= word;
        rounds(2);
        v0 ^= word;
    }
};

std::uint64_t little_endian(std::span<const std::byte> octets) noexcept {
    std::uint64_t word = 0;
    for (std::size_t i = 0; i < octets.size(); ++i) {
        word |= std::to_integer<std::uint64_t>(octets[i]) << (8 * i);
    }
    return word;
}

}  // namespace

std::uint64_t siphash_2_4(std::span<const std::byte> octets,
                          const std::array<std::uint64_t, 2>& key) noexcept {
    SipState state{key[0] ^ 0x736f6d6570736575U, key[1] ^ 0x646f72616e646f6dU,
                   key[0] ^ 0x6c7967656e657261U, key[1] ^ 0x7465646279746573U};
    const std::uint64_t length = static_cast<std::uint64_t>(octets.size()) << 56;
    while (octets.size() >= 8) {
        state.take(little_endian(octets.first(8)));
        octets = octets.subspan(8);
    }
    state.take(length | little_endian(octets));
    state.v2 ^= 0xff;
    state.rounds(4);
    return state.v0 ^ state.v1 ^ state.v2 ^ state.v3;
}

}  // namespace tcpcraft
