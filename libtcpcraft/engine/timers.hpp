#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include <libtcpcraft/base/time.hpp>
#include <libtcpcraft/export.hpp>

namespace tcpcraft {

/// The timers of a connection (RFC 9293 §3.8, §3.10.8).
enum class Timer : std::uint8_t {
    retransmission,
    zero_window,
    keep_alive,
    time_wait,
    fin_wait_2,
    user,
    delayed_ack,
};

/// How many timers there are.
inline constexpr std::size_t timer_count = 7;

/// As JSON and the ladder name it: `time-wait`.
[[nodiscard]] TCPCRAFT_API std::string_view text(Timer timer) noexcept;

/// Deadlines as data. Timers that exclude each other share a place, so that having both is not
/// sayable: retransmission, zero-window and keep-alive (MUST-26: a probe only when nothing is
/// outstanding); TIME-WAIT and FIN-WAIT-2.
class TCPCRAFT_API Timers {
public:
    /// When it fires; unset: it does not run.
    [[nodiscard]] std::optional<Instant> at(Timer timer) const noexcept;
    /// Starts or restarts; stops the one it shares its place with.
    void set(Timer timer, Instant when) noexcept;
    /// Forgets all; the room is kept.
    void clear(Timer timer) noexcept;
    /// None runs any more.
    void clear_all() noexcept { *this = Timers{}; }
    /// The earliest deadline, `never` when none runs.
    [[nodiscard]] Instant next() const noexcept;

    friend bool operator==(const Timers&, const Timers&) = default;

private:
    std::array<Instant, 4> deadline_{never, never, never, never};
    std::array<Timer, 4> holder_{};
};

}  // namespace tcpcraft
