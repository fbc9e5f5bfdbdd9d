#pragma once

#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

namespace tcpcraft::wire {

/// What IP calls TCP (RFC 9293 §3.1, PTCL).
inline constexpr std::uint8_t protocol_tcp = 6;

// Big-endian numbers inside octets. The caller has checked the bounds.

/// Host order to network order, and back.
template <std::unsigned_integral Number>
[[nodiscard]] constexpr Number swapped(Number value) noexcept {
    if constexpr (std::endian::native == std::endian::big || sizeof value == 1) {
        return value;
    } else if constexpr (sizeof value == 2) {
        return static_cast<Number>(value << 8 | value >> 8);
    } else if constexpr (sizeof value == 4) {
        return __builtin_bswap32(value);
    } else {
        return __builtin_bswap64(value);
    }
}

/// As it lies in memory, whatever that means to this machine.
template <std::unsigned_integral Number>
[[nodiscard]] Number load_native(const std::byte* from) noexcept {
    Number value{0};
    std::memcpy(&value, from, sizeof value);
    return value;
}
/// Stores a number as this host has it.
template <std::unsigned_integral Number>
void store_native(std::byte* to, Number value) noexcept {
    std::memcpy(to, &value, sizeof value);
}

/// The octet there.
inline std::uint8_t load8(std::span<const std::byte> octets, std::size_t at) noexcept {
    return std::to_integer<std::uint8_t>(octets[at]);
}
/// Two octets from there, big endian.
inline std::uint16_t load16(std::span<const std::byte> octets, std::size_t at) noexcept {
    return swapped(load_native<std::uint16_t>(octets.data() + at));
}
/// Four octets from there, big endian.
inline std::uint32_t load32(std::span<const std::byte> octets, std::size_t at) noexcept {
    return swapped(load_native<std::uint32_t>(octets.data() + at));
}

/// Puts an octet there.
inline void store8(std::span<std::byte> octets, std::size_t at, std::uint8_t value) noexcept {
    octets[at] = std::byte{value};
}
/// Puts two octets there, big endian.
inline void store16(std::span<std::byte> octets, std::size_t at, std::uint16_t value) noexcept {
    store_native(octets.data() + at, swapped(value));
}
/// Puts four octets there, big endian.
inline void store32(std::span<std::byte> octets, std::size_t at, std::uint32_t value) noexcept {
    store_native(octets.data() + at, swapped(value));
}

/// Copies a few octets, up to 48 as they come in headers, without a call: from both ends, whose
/// pieces may overlap.
inline void copy_few(std::byte* to, std::span<const std::byte> octets) noexcept {
    const std::byte* const from = octets.data();
    const std::size_t size = octets.size();
    const auto both_ends = [&](std::size_t piece, auto copy) {
        copy(to, from);
        copy(to + size - piece, from + size - piece);
    };
    constexpr auto sixteen = [](std::byte* there, const std::byte* here) noexcept {
        std::memcpy(there, here, 16);
    };
    if (size > 32) {
        sixteen(to + 16, from + 16);
    }
    if (size >= 16) {
        both_ends(16, sixteen);
    } else if (size >= 8) {
        both_ends(8, [](std::byte* there, const std::byte* here) { std::memcpy(there, here, 8); });
    } else if (size >= 4) {
        both_ends(4, [](std::byte* there, const std::byte* here) { std::memcpy(there, here, 4); });
    } else {
        for (std::size_t i = 0; i < size; ++i) {
            to[i] = from[i];
        }
    }
}

}  // namespace tcpcraft::wire
