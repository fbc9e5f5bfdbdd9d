#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include <libtcpcraft/base/expected.hpp>
#include <libtcpcraft/export.hpp>
#include <libtcpcraft/wire/pattern.hpp>
#include <libtcpcraft/wire/segment.hpp>

namespace tcpcraft {

/// What relative numbers count from: SEQ of one side from its own ISN, ACK from the other's. Unset:
/// numbers are absolute.
struct SeqOrigin {
    std::optional<Seq> seq{};  ///< SEG.SEQ
    std::optional<Seq> ack{};  ///< SEG.ACK
};

/// Control bits in the order FSRP.UEWA, `-` for none (packetdrill, tcpdump).
[[nodiscard]] TCPCRAFT_API std::string flags_text(Flags flags);
/// Letters of FSRP.UEWA in any order, a digit 0 to 7 for AE, CWR and ECE together (packetdrill), or
/// `-`; also nping's spelling "syn,ack".
[[nodiscard]] TCPCRAFT_API std::optional<Flags> read_flags(std::string_view text);

/// `mss 1460,sackOK,TS val 1 ecr 0,nop,wscale 7`. By name also: eol, `sack 1:2 5:9`, `FO <hex>`,
/// `md5 <hex>`, `uto 30s` (or `5min`), `ao keyid 1 rnextkeyid 2 mac <hex>`, `mptcp capable <hex>`
/// (subtype name, then the octets behind the length), `ECN e0b 1 ceb 2 e1b 3` (kind 174 the other
/// way round). Unknown ones as `<kind>:<hex>`, what is no list any more as `!<hex>`. Every octet
/// is in the text: padding behind EOL as eol when it is zero, as `!<hex>` when not.
[[nodiscard]] TCPCRAFT_API std::string options_text(const Options& options);

/// A segment in packetdrill's notation:
///
///     S. 0:0(0) ack 1 win 65535 <mss 1460>
///
/// `ack` is printed when the ACK bit is set, `win` always, `urg` when the URG bit is set. With an
/// origin for ACK the edges of SACK blocks count from it, too.
[[nodiscard]] TCPCRAFT_API std::string segment_text(const Segment& segment, SeqOrigin origin = {});

/// Why a text is not in the notation: one sentence, and where.
struct [[nodiscard]] NotationError {
    std::size_t offset{0};   ///< into the text
    std::string sentence{};  ///< what is wrong, for a person
};

/// Reads what options_text() writes.
[[nodiscard]] TCPCRAFT_API Expected<Options, NotationError> read_options(std::string_view text);
/// Reads what segment_text() writes. Numbers count from `origin`. Fields that the text leaves out
/// are unset; flags and seq are mandatory; a positive length (up to 1,048,576) gives as many zero
/// octets of payload, as packetdrill has it. `<...>` leaves options unset, no list at all means no
/// options.
[[nodiscard]] TCPCRAFT_API Expected<SegmentPattern, NotationError> read_segment(
    std::string_view text, SeqOrigin origin = {});

}  // namespace tcpcraft
