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
    ConnectionId id{};  ///< both ends
    /// Our initial sequence number; unset: chosen by the policy's key (RFC 6528).
    std::optional<Seq> iss{};
    std::uint32_t timestamp_offset{0};  ///< added to the clock of timestamps, in ms (RFC 7323 §5.4)
    std::span<const std::byte> syn_data{};  ///< rides on the SYN (§3.10.7.3 end allows it)
};
/// OPEN, passive. `iss` is used for the next SYN,ACK; without it the keyed hash decides then.
struct PassiveOpen {
    Endpoint local{};  ///< our end
    /// Our initial sequence number; unset: chosen by the policy's key (RFC 6528).
    std::optional<Seq> iss{};
    std::uint32_t timestamp_offset{0};  ///< added to the clock of timestamps, in ms (RFC 7323 §5.4)
};
/// SEND (§3.10.2).
struct Send {
    std::span<const std::byte> data{};  ///< octets, in order
    bool push{true};                    ///< PSH at the end of it (RFC 9293 §3.9.1.2)
};
/// CLOSE (§3.10.4): no more to send; receiving goes on.
struct Close {};
/// ABORT (§3.10.5).
struct Abort {};
/// One keep-alive probe now (§3.8.4), whatever the timer says.
struct ProbeKeepAlive {
    bool octet{false};  ///< one garbage octet in it
};
/// SEGMENT ARRIVES (§3.10.7), already found to belong here. `from` and `to` name the connection
/// when the TCB is in LISTEN or CLOSED.
struct SegmentArrives {
    Segment segment{};  ///< as it leaves or came
    Address from{};     ///< the sender's address
    Address to{};       ///< this host's address
};
/// An ICMP error about a segment of this connection (§3.9.2.2).
struct IcmpArrives {
    bool hard{false};  ///< may abort the connection (RFC 9293 §3.9.2.2)
    Seq seq{};         ///< SEG.SEQ of the quoted segment (RFC 5927 §4.1)
};
/// Nothing but time: fires whatever is due.
struct TimePasses {};

/// What happens to a connection, one of these.
using Event = std::variant<ActiveOpen, PassiveOpen, Send, Close, Abort, ProbeKeepAlive,
                           SegmentArrives, IcmpArrives, TimePasses>;

/// The event in the RFC's words: `OPEN`, `SEGMENT ARRIVES`.
[[nodiscard]] TCPCRAFT_API std::string_view text(const Event& event) noexcept;

}  // namespace tcpcraft
