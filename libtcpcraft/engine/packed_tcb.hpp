#pragma once

#include <cstdint>
#include <optional>

#include <libtcpcraft/engine/tcb.hpp>
#include <libtcpcraft/export.hpp>

namespace tcpcraft {

/// A TCB at rest, for whom has very many: no buffers, at most one timer, and its name kept
/// elsewhere. Nothing but storage: advance() knows only the Tcb.
struct PackedTcb {
    SendSpace snd{};
    ReceiveSpace rcv{};
    TimestampSpace ts{};
    Rto rto{};
    Seq timed_seq{};
    std::uint32_t timed_at{0};
    std::uint32_t challenged_at{0};
    Instant deadline{never};  ///< of `timer`; never: none runs

    std::uint16_t snd_mss{0};
    State state{};
    Timer timer{};
    std::uint8_t backoffs{0};
    std::uint8_t probes{0};
    std::uint8_t snd_shift : 4 {0};
    std::uint8_t rcv_shift : 4 {0};
    bool opened_passively : 1 {false};
    bool close_called : 1 {false};
    bool fin_sent : 1 {false};
    bool timing : 1 {false};
    bool syn_retransmitted : 1 {false};
    bool window_scaling : 1 {false};
    bool sack_permitted : 1 {false};
    bool timestamps : 1 {false};
};

/// Nothing where it does not rest: octets are queued or out of order, or two timers run. The memory
/// of empty buffers stays with `tcb`.
[[nodiscard]] TCPCRAFT_API std::optional<PackedTcb> pack(const Tcb& tcb) noexcept;
/// With its `id`, the very Tcb that was packed: `unpack(*pack(tcb), tcb.id) == tcb`.
[[nodiscard]] TCPCRAFT_API Tcb unpack(const PackedTcb& packed, const ConnectionId& id) noexcept;

}  // namespace tcpcraft
