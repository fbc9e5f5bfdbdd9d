#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include <libtcpcraft/base/address.hpp>
#include <libtcpcraft/export.hpp>

namespace tcpcraft {

/// The IP header around a segment, of either family, as far as a crafter may choose it. The
/// family is that of `source`. Lengths and the IPv4 header checksum are computed when writing.
struct TCPCRAFT_API IpHeader {
    Address source{};                 ///< where it comes from
    Address destination{};            ///< where it goes
    std::uint8_t hop_limit{64};       ///< TTL or hop limit
    std::uint8_t traffic_class{0};    ///< DSCP (upper six bits) and ECN (lower two)
    std::uint16_t identification{0};  ///< IPv4 only
    bool dont_fragment{true};         ///< IPv4 only
    std::uint32_t flow_label{0};      ///< IPv6 only, 20 bits
    /// IPv4: header options (a multiple of four octets, at most 40). IPv6: the extension headers
    /// between the fixed header and TCP, as they stand; `next_header` names the first. A view.
    std::span<const std::byte> extension{};
    std::uint8_t next_header{6};  ///< IPv6 with extension headers: kind of the first

    /// Which IP.
    [[nodiscard]] Family family() const noexcept { return source.family(); }
};

}  // namespace tcpcraft
