#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace tcpcraft {

/// SipHash-2-4 of Aumasson and Bernstein: 64 bits from any octets and a key of 128 bits.
[[nodiscard]] std::uint64_t siphash_2_4(std::span<const std::byte> octets,
                                        const std::array<std::uint64_t, 2>& key) noexcept;

}  // namespace tcpcraft
