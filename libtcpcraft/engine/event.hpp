#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <variant>

#include <libtcpcraft/base/address.hpp>
#include <libtcpcraft/export.hpp>
#include <libtcpcraft/wire/segment.hpp>

namespace tcpcraft {

// What goes in. Client and server are two events, not two classes. Views hold until advance()
// returns.

/// OPEN, active (RFC 9293 §3.10.1). Without `iss` it comes from the keyed hash of RFC 6528.
struct ActiveOpen {
    ConnectionId id{};
    std::optional<Seq> iss{};
    std::uint32_t timestamp_offset{0};
    std::span<const std::byte> syn_data{};  ///< rides on the SYN (§3.10.7.3 end allows it)
};
/// OPEN, passive. `iss` is used for the next SYN,ACK; without it the keyed hash decides then.
struct PassiveOpen {
    Endpoint local{};
    std::optional<Seq> iss{};
    std::uint32_t timestamp_offset{0};
};
/// SEND (§3.10.2).
struct Send {
    std::span<const std::byte> data{};
    bool push{true};
};
/// CLOSE (§3.10.4): no more to send; receiving goes on.
struct Close {};
/// ABORT (§3.10.5).
struct Abort {};
/// One keep-alive probe now (§3.8.4), whatever the timer says.
struct ProbeKeepAlive {
    bool octet{false};
};
/// SEGMENT ARRIVES (§3.10.7), already found to belong here. `from` and `to` name the connection
/// when the TCB is in LISTEN or CLOSED.
struct SegmentArrives {
    Segment segment{};
    Address from{};
    Address to{};
};
/// An ICMP error about a segment of this connection (§3.9.2.2).
struct IcmpArrives {
    bool hard{false};
    Seq seq{};  ///< SEG.SEQ of the quoted segment (RFC 5927 §4.1)
};
/// Nothing but time: fires whatever is due.
struct TimePasses {};

using Event = std::variant<ActiveOpen, PassiveOpen, Send, Close, Abort, ProbeKeepAlive,
                           SegmentArrives, IcmpArrives, TimePasses>;

/// The event in the RFC's words: `OPEN`, `SEGMENT ARRIVES`.
[[nodiscard]] TCPCRAFT_API std::string_view text(const Event& event) noexcept;

}  // namespace tcpcraft
