#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include <libtcpcraft/base/address.hpp>
#include <libtcpcraft/export.hpp>

namespace tcpcraft {

/// Three verdicts: over loopback and veth a kernel peer's checksum has not been computed yet
/// when it is captured (transmit offload), which is no error of the peer's.
enum class Checksum : std::uint8_t { ok, offloaded, bad };

/// Running Internet checksum (RFC 1071): 64-bit accumulator, folded at the end. Pieces after the
/// first must start at an even offset.
class TCPCRAFT_API ChecksumSum {
public:
    /// Takes in octets; an odd number only at the end.
    void add(std::span<const std::byte> octets) noexcept;
    /// Takes in 16 bits, in host order.
    void add_word(std::uint16_t host_order) noexcept;
    /// Folded one's complement sum, not inverted, in host order.
    [[nodiscard]] std::uint16_t folded() const noexcept;

private:
    std::uint64_t sum_{0};  // one's complement sum of big-endian 16-bit words
};

/// The pseudo-header of RFC 9293 §3.1 (IPv4) or RFC 8200 §8.1 (IPv6): folded sum, not inverted.
[[nodiscard]] TCPCRAFT_API std::uint16_t pseudo_header_sum(const Address& source,
                                                           const Address& destination,
                                                           std::uint32_t tcp_length) noexcept;
/// What belongs in the checksum field of this TCP segment (its own field counted as zero; MUST-2).
[[nodiscard]] TCPCRAFT_API std::uint16_t tcp_checksum(const Address& source,
                                                      const Address& destination,
                                                      std::span<const std::byte> tcp) noexcept;

}  // namespace tcpcraft
