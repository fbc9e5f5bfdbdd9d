#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace tcpcraft::wire {

// Big-endian numbers inside octets. The caller has checked the bounds.

inline std::uint8_t load8(std::span<const std::byte> octets, std::size_t at) noexcept {
    return std::to_integer<std::uint8_t>(octets[at]);
}
inline std::uint16_t load16(std::span<const std::byte> octets, std::size_t at) noexcept {
    return static_cast<std::uint16_t>(load8(octets, at) << 8 | load8(octets, at + 1));
}
inline std::uint32_t load32(std::span<const std::byte> octets, std::size_t at) noexcept {
    return std::uint32_t{load16(octets, at)} << 16 | load16(octets, at + 2);
}

inline void store8(std::span<std::byte> octets, std::size_t at, std::uint8_t value) noexcept {
    octets[at] = std::byte{value};
}
inline void store16(std::span<std::byte> octets, std::size_t at, std::uint16_t value) noexcept {
    octets[at] = static_cast<std::byte>(value >> 8);
    octets[at + 1] = static_cast<std::byte>(value & 0xffU);
}
inline void store32(std::span<std::byte> octets, std::size_t at, std::uint32_t value) noexcept {
    store16(octets, at, static_cast<std::uint16_t>(value >> 16));
    store16(octets, at + 2, static_cast<std::uint16_t>(value & 0xffffU));
}

}  // namespace tcpcraft::wire
