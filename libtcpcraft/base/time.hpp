#pragma once

#include <chrono>
#include <cstdint>

namespace tcpcraft {

/// The clock of the engine: microseconds, with no now(). Inside the engine time can only be an
/// argument, and the compiler sees to it.
struct EngineClock {
    /// Microseconds.
    using rep = std::int64_t;
    /// A millionth of a second.
    using period = std::micro;
    /// See Duration.
    using duration = std::chrono::duration<rep, period>;
    /// See Instant.
    using time_point = std::chrono::time_point<EngineClock>;
    static constexpr bool is_steady = true;  ///< it never goes back
};

/// A point of time, in microseconds since the start of the run (or of the simulation).
using Instant = EngineClock::time_point;
/// A length of time, in microseconds.
using Duration = EngineClock::duration;

/// The deadline that never comes: a timer that is not running.
inline constexpr Instant never = Instant::max();

/// Seconds as a number, for texts and JSON.
[[nodiscard]] constexpr double seconds(Duration d) noexcept {
    return static_cast<double>(d.count()) / 1e6;
}

}  // namespace tcpcraft
