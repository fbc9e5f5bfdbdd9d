#pragma once

#include <cstddef>
#include <span>

#include <libtcpcraft/base/expected.hpp>
#include <libtcpcraft/wire/codec.hpp>
#include <libtcpcraft/wire/native_sum.hpp>

namespace tcpcraft::wire {

/// Where in a packet TCP is.
struct TcpPlace {
    std::size_t offset{0};
    std::size_t end{0};
};

// Both families have (ipv4.hpp, ipv6.hpp):
// find_tcp(octets): looks at the IP header of what starts at it and may go on behind the packet
//   (padding).
// read(header, size, into): what the header says, and what an honest writer would have put
//   differently. `header` is all that stands before TCP in a packet of `size` octets; `into` is
//   new.
// write(packet, ip, lies): writes the header to the start of the whole packet; gives
//   pseudo_header_addresses().

/// Walks the extension headers of an IPv6 packet; gives where TCP starts.
[[nodiscard]] Expected<std::size_t, ParseError> skip_extensions(
    std::span<const std::byte> packet) noexcept;

/// A checksum that is to be wrong is the right one with these bits turned round: neither the right
/// number nor its other zero.
inline constexpr std::uint16_t spoiling = 0x5555;

/// Octets before TCP.
[[nodiscard]] inline std::size_t header_size(const IpHeader& ip) noexcept {
    return (ip.family() == Family::v4 ? 20U : 40U) + ip.extension.size();
}
/// Where a routing header leads that has segments left; else the destination of the IP header.
[[nodiscard]] Address end_of_route(const IpHeader& ip) noexcept;
/// Sum of the 32-bit words of the pseudo-header's addresses, as they lie in memory, for a
/// NativeSum (RFC 9293 §3.1, RFC 8200 §8.1). It is far from a carry, and fits into a register.
[[nodiscard]] inline std::uint64_t pseudo_header_addresses(const IpHeader& ip) noexcept {
    if (ip.family() == Family::v4 || ip.extension.empty()) {
        return sum_of_words(ip.source) + sum_of_words(ip.destination);
    }
    return sum_of_words(ip.source) + sum_of_words(end_of_route(ip));
}

/// `size` in a 16-bit length field: 0 where it is too small for it (BIG TCP).
[[nodiscard]] constexpr std::uint16_t length_field(std::size_t size) noexcept {
    return size > 0xffffU ? std::uint16_t{0} : static_cast<std::uint16_t>(size);
}

[[nodiscard]] constexpr Unexpected<ParseError> refuse(ParseError::Code code, std::size_t offset,
                                                      std::size_t seen, std::size_t wanted) {
    return Unexpected<ParseError>{ParseError{code, offset, seen, wanted}};
}

}  // namespace tcpcraft::wire
