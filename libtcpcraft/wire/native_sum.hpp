#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>

#include <libtcpcraft/base/address.hpp>
#include <libtcpcraft/export.hpp>
#include <libtcpcraft/wire/octets.hpp>

namespace tcpcraft::wire {

/// The sum of RFC 1071 while it grows. It does not depend on the octet order (§2 (B)), so words are
/// added as they lie in memory and swapped once at the end. 64 bits at a time: a carry out of them
/// counts one, as it does out of 16.
class TCPCRAFT_API NativeSum {
public:
    /// What was loaded as it lies in memory, or has been made so by swapped(). Numbers shorter
    /// than 64 bits start at an even offset.
    void add(std::uint64_t word) noexcept {
        sum_ += word;
        carries_ += sum_ < word ? 1U : 0U;
    }
    /// Pieces after the first start at an even offset.
    void add(std::span<const std::byte> octets) noexcept {
        const std::byte* at = octets.data();
        std::size_t left = octets.size();
        if (left >= stride) {
            add_strides(at, left / stride);
            at += left - left % stride;
            left %= stride;
        }
        for (; left >= 8; left -= 8, at += 8) {
            add(load_native<std::uint64_t>(at));
        }
        if ((left & 4U) != 0) {
            add(load_native<std::uint32_t>(at));
            at += 4;
        }
        if ((left & 3U) != 0) {
            add_last(at, left & 3U);
        }
    }
    /// In one word, as it lies in memory: what add() takes.
    [[nodiscard]] std::uint64_t carried() const noexcept {
        const std::uint64_t sum = sum_ + carries_;
        return sum + (sum < carries_ ? 1U : 0U);
    }
    /// Zero in one's complement: what the sum is with a right checksum in it.
    [[nodiscard]] bool is_zero() const noexcept { return carried() % 0xffffU == 0; }
    /// Folded to 16 bits, in host order, not inverted. Zero only when all that was added is zero.
    [[nodiscard]] std::uint16_t folded() const noexcept {
        const std::uint64_t sum = carried();
        // Both halves added, and the carry out of the lower one with them, in the upper half.
        const auto half = static_cast<std::uint32_t>((sum + std::rotl(sum, 32)) >> 32);
        return swapped(static_cast<std::uint16_t>((half + std::rotl(half, 16)) >> 16));
    }

private:
    static constexpr std::size_t stride = 64;

    void add_strides(const std::byte* at, std::size_t count) noexcept;
    /// One, two or three, padded with a zero on the right (RFC 9293 §3.1).
    void add_last(const std::byte* at, std::size_t count) noexcept {
        std::uint32_t word = 0;
        for (std::size_t i = 0; i < count; ++i) {
            word |= std::to_integer<std::uint32_t>(at[i]) << (24 - 8 * i);
        }
        add(swapped(word));
    }

    std::uint64_t sum_{0};
    std::uint64_t carries_{0};
};

/// Sum of an address's 32-bit words, as they lie in memory.
[[nodiscard]] inline std::uint64_t sum_of_words(const Address& address) noexcept {
    const std::byte* const octets = address.octets().data();
    if (!address.is_v6()) {
        return load_native<std::uint32_t>(octets);
    }
    const auto first = load_native<std::uint64_t>(octets);
    const auto second = load_native<std::uint64_t>(octets + 8);
    return (first & 0xffffffffU) + (first >> 32) + (second & 0xffffffffU) + (second >> 32);
}

/// The part of the pseudo-header that is not addresses.
inline void add_protocol(NativeSum& sum, std::size_t tcp_size) noexcept {
    sum.add(swapped(static_cast<std::uint32_t>(tcp_size)));
    sum.add(swapped(std::uint16_t{protocol_tcp}));
}

}  // namespace tcpcraft::wire
