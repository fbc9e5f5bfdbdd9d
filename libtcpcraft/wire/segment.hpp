#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include <libtcpcraft/base/address.hpp>
#include <libtcpcraft/export.hpp>
#include <libtcpcraft/seq/range.hpp>
#include <libtcpcraft/seq/seq.hpp>
#include <libtcpcraft/wire/flags.hpp>
#include <libtcpcraft/wire/options.hpp>

namespace tcpcraft {

/// What a TCP hears and says (RFC 9293 §3.1). `ack` is always carried, also without the ACK bit,
/// because a crafter must be able to lie. What could be wrong only in the encoding (checksum, data
/// offset, reserved bits) is WireOverrides'. The payload is a view: of the arriving octets, of a
/// send buffer, of a script. A segment does not own it.
struct TCPCRAFT_API Segment {
    Port source{};                         ///< where it comes from
    Port destination{};                    ///< where it goes
    Seq seq{};                             ///< SEG.SEQ
    Seq ack{};                             ///< SEG.ACK
    Flags flags{};                         ///< the control bits
    std::uint16_t wnd{0};                  ///< SEG.WND as on the wire, not scaled
    std::uint16_t up{0};                   ///< SEG.UP
    Options options{};                     ///< in wire order
    std::span<const std::byte> payload{};  ///< octets of data

    /// Whether it is set.
    [[nodiscard]] bool has(Flag f) const noexcept { return flags.has(f); }
    /// SEG.LEN: octets of data, and one each for SYN and FIN (RFC 9293 §3.4).
    [[nodiscard]] std::uint32_t len() const noexcept {
        return static_cast<std::uint32_t>(payload.size()) + (has(Flag::syn) ? 1U : 0U) +
               (has(Flag::fin) ? 1U : 0U);
    }
    /// What it occupies of the sequence space.
    [[nodiscard]] SeqRange range() const noexcept { return {seq, len()}; }

    /// By value, payload octets included.
    friend TCPCRAFT_API bool operator==(const Segment& a, const Segment& b) noexcept;
};

}  // namespace tcpcraft
