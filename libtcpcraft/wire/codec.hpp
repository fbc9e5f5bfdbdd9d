#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <libtcpcraft/base/expected.hpp>
#include <libtcpcraft/export.hpp>
#include <libtcpcraft/wire/checksum.hpp>
#include <libtcpcraft/wire/ip.hpp>
#include <libtcpcraft/wire/segment.hpp>

namespace tcpcraft {

/// Lies that live in the encoding only, in place of what an honest writer would compute.
struct WireOverrides {
    std::optional<std::uint16_t> checksum{};     ///< this value in the TCP checksum field
    bool bad_checksum{false};                    ///< a value that is surely wrong
    std::optional<std::uint8_t> data_offset{};   ///< 0 to 15, in 32-bit words
    std::optional<std::uint8_t> reserved{};      ///< the three reserved bits, 0 to 7
    std::optional<std::uint16_t> ip_length{};    ///< IPv4 total length, IPv6 payload length
    std::optional<std::uint16_t> ip_checksum{};  ///< IPv4 header checksum
    bool ip_reserved{false};                     ///< IPv4 flags: the reserved bit is set
    friend bool operator==(const WireOverrides&, const WireOverrides&) = default;
    /// Whether anything is asked for.
    [[nodiscard]] bool any() const noexcept {
        return checksum || bad_checksum || data_offset || reserved || ip_length || ip_checksum ||
               ip_reserved;
    }
};

/// One IP packet with one TCP segment. Views point into the octets it was parsed from.
struct Datagram {
    IpHeader ip{};                    ///< the IP header
    Segment segment{};                ///< as it leaves or came
    Checksum checksum{Checksum::ok};  ///< of what arrived; ignored when writing
    /// What it takes to write the very same octets again: parse, then serialize, is the identity on
    /// the packet (padding behind the IP length left out). The checksum is kept here only where it
    /// is not the one that would be computed.
    WireOverrides lies{};
};

/// Why octets are not a TCP segment, and where.
struct [[nodiscard]] ParseError {
    /// Which of them.
    enum class Code : std::uint8_t {
        truncated,          ///< shorter than the header says
        not_ip,             ///< version is neither 4 nor 6
        bad_header_length,  ///< IPv4 header length below 5 words, or IP length below the headers
        fragment,           ///< a fragment: not a whole segment
        not_tcp,            ///< another protocol
        bad_extension,      ///< an IPv6 extension header that does not end
        bad_data_offset,    ///< TCP data offset below 5 words, or beyond the end
    };
    Code code{};            ///< which rule of the format is broken
    std::size_t offset{0};  ///< octet from the start of the IP header
    std::size_t seen{0};    ///< the number found there
    std::size_t wanted{0};  ///< the number that would have done (0 where there is none)

    /// One sentence with offset, seen and wanted.
    [[nodiscard]] TCPCRAFT_API std::string sentence() const;
    friend bool operator==(const ParseError&, const ParseError&) = default;
};

/// Reads an IP packet that starts at its IP header. Octets behind the IP length are padding and
/// are left out; an IP length of zero (BIG TCP) means all. IPv6 extension headers (hop-by-hop,
/// routing, fragment when atomic, AH, destination options) are skipped; with segments left in a
/// routing header the checksum counts its final destination (RFC 8200 §8.1). Allocates nothing,
/// reads nothing beyond `octets`. `checksum_ready` false: the kernel says that the checksum has not
/// been computed (TP_STATUS_CSUMNOTREADY), the verdict is `offloaded`.
[[nodiscard]] TCPCRAFT_API Expected<Datagram, ParseError> parse(std::span<const std::byte> octets,
                                                                bool checksum_ready = true);

/// Octets that serialize() needs for this datagram.
[[nodiscard]] TCPCRAFT_API std::size_t serialized_size(const Datagram& datagram) noexcept;
/// Writes the packet, `datagram.lies` included; returns the part of `out` that was used, empty when
/// it is too small. Both addresses are of one family. Options are padded to a multiple of four with
/// EOL. Allocates nothing.
[[nodiscard]] TCPCRAFT_API std::span<std::byte> serialize_into(std::span<std::byte> out,
                                                               const Datagram& datagram) noexcept;
/// The same into a vector of its own.
[[nodiscard]] TCPCRAFT_API std::vector<std::byte> serialize(const Datagram& datagram);

}  // namespace tcpcraft
