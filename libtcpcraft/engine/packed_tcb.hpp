#pragma once

#include <cstdint>
#include <optional>

#include <libtcpcraft/engine/tcb.hpp>
#include <libtcpcraft/export.hpp>

namespace tcpcraft {

/// A TCB at rest, for whom has very many: no buffers, at most one timer, and its name kept
/// elsewhere. Nothing but storage: advance() knows only the Tcb.
struct PackedTcb {
    SendSpace snd{};                 ///< SEND SEQUENCE SPACE (RFC 9293 §3.3.1)
    ReceiveSpace rcv{};              ///< RECEIVE SEQUENCE SPACE (RFC 9293 §3.3.1)
    TimestampSpace ts{};             ///< timestamps, where they are agreed on (RFC 7323)
    Rto rto{};                       ///< retransmission timeout (RFC 6298)
    Seq timed_seq{};                 ///< the segment whose round trip is measured
    std::uint32_t timed_at{0};       ///< when it left
    std::uint32_t challenged_at{0};  ///< when a challenge ACK left last
    Instant deadline{never};         ///< of `timer`; never: none runs

    std::uint16_t snd_mss{0};            ///< largest segment of data that we send
    State state{};                       ///< ours
    Timer timer{};                       ///< which
    std::uint8_t backoffs{0};            ///< how often the timer fired in a row
    std::uint8_t probes{0};              ///< keep-alive probes
    std::uint8_t snd_shift : 4 {0};      ///< window scale of the peer's windows
    std::uint8_t rcv_shift : 4 {0};      ///< window scale of our windows
    bool opened_passively : 1 {false};   ///< by LISTEN
    bool close_called : 1 {false};       ///< CLOSE was called
    bool fin_sent : 1 {false};           ///< our FIN has left
    bool timing : 1 {false};             ///< a round trip is being measured
    bool syn_retransmitted : 1 {false};  ///< our SYN was sent more than once
    bool window_scaling : 1 {false};     ///< agreed on (RFC 7323 §2)
    bool sack_permitted : 1 {false};     ///< agreed on (RFC 2018)
    bool timestamps : 1 {false};         ///< agreed on, or carried
};

/// Nothing where it does not rest: octets are queued or out of order, or two timers run. The memory
/// of empty buffers stays with `tcb`.
[[nodiscard]] TCPCRAFT_API std::optional<PackedTcb> pack(const Tcb& tcb) noexcept;
/// With its `id`, the very Tcb that was packed: `unpack(*pack(tcb), tcb.id) == tcb`.
[[nodiscard]] TCPCRAFT_API Tcb unpack(const PackedTcb& packed, const ConnectionId& id) noexcept;

}  // namespace tcpcraft
