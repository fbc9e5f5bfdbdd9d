#pragma once

#include <cstddef>
#include <span>

#include <libtcpcraft/base/expected.hpp>
#include <libtcpcraft/wire/codec.hpp>

namespace tcpcraft::wire {

/// What the IP layer of a packet says: header, where TCP starts and where the packet ends.
struct IpPacket {
    IpHeader header{};
    std::size_t tcp_offset{0};
    std::size_t end{0};
    WireOverrides lies{};  ///< those of the IP header
};

/// `octets` starts at the IP header and may go on behind the packet (padding).
[[nodiscard]] Expected<IpPacket, ParseError> parse_ipv4(std::span<const std::byte> octets) noexcept;
[[nodiscard]] Expected<IpPacket, ParseError> parse_ipv6(std::span<const std::byte> octets) noexcept;

/// Octets before TCP.
[[nodiscard]] std::size_t header_size(const IpHeader& ip) noexcept;
/// Writes the header to the start of `packet`, which is the whole packet.
void write_ipv4(std::span<std::byte> packet, const IpHeader& ip,
                const WireOverrides& lies) noexcept;
void write_ipv6(std::span<std::byte> packet, const IpHeader& ip,
                const WireOverrides& lies) noexcept;

/// The destination of the pseudo-header: that of the IP header or, when a routing header has
/// segments left, the final one (RFC 8200 §8.1).
[[nodiscard]] Address final_destination(const IpHeader& ip) noexcept;

/// `size` in a 16-bit length field: 0 where it is too small for it (BIG TCP).
[[nodiscard]] constexpr std::uint16_t length_field(std::size_t size) noexcept {
    return size > 0xffffU ? std::uint16_t{0} : static_cast<std::uint16_t>(size);
}

[[nodiscard]] constexpr Unexpected<ParseError> refuse(ParseError::Code code, std::size_t offset,
                                                      std::size_t seen, std::size_t wanted) {
    return Unexpected<ParseError>{ParseError{code, offset, seen, wanted}};
}

}  // namespace tcpcraft::wire
