#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include <libtcpcraft/base/address.hpp>

namespace tcpcraft {

/// Where the TCP header of a packet lies and whose it is. All that the link needs to know; wire's
/// parse says the rest. Works on quotations of eight octets of TCP, as ICMP errors bring them.
struct Peek {
    Address source{};
    Address destination{};
    Port source_port{};
    Port destination_port{};
    std::uint32_t seq{0};
    std::span<const std::byte> tcp{};  ///< at least eight octets
};

/// Walks IPv6 extension headers (atomic fragments too). Nothing where it is not TCP, a later
/// fragment, or cut off before the sequence number's end.
[[nodiscard]] std::optional<Peek> peek(std::span<const std::byte> packet) noexcept;

/// The first sixteen octets of a TCP header: enough to recognise a segment of one's own.
using Fingerprint = std::array<std::byte, 16>;
[[nodiscard]] std::optional<Fingerprint> reset_fingerprint(const Peek& peeked) noexcept;

}  // namespace tcpcraft
