#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <libtcpcraft/base/expected.hpp>
#include <libtcpcraft/base/time.hpp>
#include <libtcpcraft/export.hpp>
#include <libtcpcraft/link/link.hpp>
#include <libtcpcraft/wire/flags.hpp>

namespace tcpcraft {

/// What is to go wrong with which packets.
///
/// As text: KIND[=TIME] DIRECTION [FLAGS] [#WHICH], in this order, separated by spaces, commas or
/// colons.
///
///     drop out S                the first SYN that we send is lost
///     delay=300ms in S.         the first SYN,ACK comes 300 ms late
///     duplicate out . #2-3      our second and third pure ACK leave twice
///     corrupt in P. #1+         every data segment with PSH arrives with one bit flipped
///     reorder out P.            our first such segment is overtaken by the one behind it
///     drop in #*                nothing arrives
///
/// KIND is drop, delay, duplicate, reorder or corrupt. TIME (`us`, `ms` or `s`; decimals allowed)
/// is mandatory with delay; with reorder it says how long to wait for a packet to be overtaken by
/// (200 ms). DIRECTION is out (from us) or in (to us). FLAGS are the letters of the notation
/// (`S.`, `P.`, `-` for none) and must be all that the segment has; without them any packet
/// matches. WHICH counts the matching packets from 1: `#2`, `#2-4`, `#2+` (from there on), `#*`
/// (all); without it the first.
struct TCPCRAFT_API FaultRule {
    FaultKind kind{};              ///< which of them
    Direction direction{};         ///< seen from us
    std::optional<Flags> flags{};  ///< all of them, and no others; unset: any packet
    std::uint32_t first{1};        ///< of the matching packets, from 1
    std::uint32_t last{1};         ///< 0: for ever
    Duration delay{};              ///< delay: by how much; reorder: at most (0: 200 ms)

    /// As read_fault_rule() reads it.
    [[nodiscard]] std::string text() const;
    friend bool operator==(const FaultRule&, const FaultRule&) = default;
};

/// Errors name the word and what would have done.
[[nodiscard]] TCPCRAFT_API Expected<FaultRule> read_fault_rule(std::string_view text);

}  // namespace tcpcraft
