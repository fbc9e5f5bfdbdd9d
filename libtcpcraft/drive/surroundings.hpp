#pragma once

#include <array>
#include <cstddef>
#include <vector>

#include <libtcpcraft/base/time.hpp>
#include <libtcpcraft/link/alarm.hpp>
#include <libtcpcraft/link/link.hpp>
#include <libtcpcraft/trace/sink.hpp>

namespace tcpcraft {

/// What all connections of a run share. The engine's clock is the alarm's less the time in which
/// somebody was thinking at a prompt: until then our timers stood still.
struct Surroundings {
    Link& link;                    ///< where packets go and come from
    Alarm& alarm;                  ///< the clock
    TraceSink& trace;              ///< where records go
    Duration paused{};             ///< so long somebody thought at a prompt
    std::size_t segments_seen{0};  ///< numbers the segments of the run
    std::vector<std::byte> scratch = std::vector<std::byte>(1U << 17U);  ///< to serialise into

    /// The connections' time.
    [[nodiscard]] Instant engine_now() const { return alarm.now() - paused; }
};

}  // namespace tcpcraft
