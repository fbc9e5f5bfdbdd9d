#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <libtcpcraft/export.hpp>
#include <libtcpcraft/wire/segment.hpp>

namespace tcpcraft {

/// One type for crafting and for expecting: an unset field means "as the state machine would have
/// it" when laid over a segment, "anything" when matched against one.
struct TCPCRAFT_API SegmentPattern {
    std::optional<Flags> flags{};                     ///< the control bits
    std::optional<Seq> seq{};                         ///< SEG.SEQ
    std::optional<Seq> ack{};                         ///< SEG.ACK
    std::optional<std::uint16_t> wnd{};               ///< SEG.WND as on the wire, not scaled
    std::optional<std::uint16_t> up{};                ///< SEG.UP
    std::optional<Options> options{};                 ///< compared and laid over octet for octet
    std::optional<std::vector<std::byte>> payload{};  ///< octets of data
    std::optional<std::uint32_t> payload_size{};      ///< when expecting: that many octets, any

    /// Whether it is what was meant.
    [[nodiscard]] bool matches(const Segment& seen) const;
    /// The first field that differs, in words ("ack: wanted 1, got 2"); empty when it matches.
    [[nodiscard]] std::string difference(const Segment& seen) const;
    /// The payload of the result is a view of this pattern's when it is set; `payload_size` alone
    /// changes nothing.
    [[nodiscard]] Segment laid_over(const Segment& honest) const;
    /// Whether there is nothing.
    [[nodiscard]] bool empty() const noexcept;

    friend bool operator==(const SegmentPattern&, const SegmentPattern&) = default;
};

}  // namespace tcpcraft
