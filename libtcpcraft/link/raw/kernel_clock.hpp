#pragma once

#include <chrono>
#include <optional>

#include <sys/socket.h>
#include <time.h>

#include <libtcpcraft/base/time.hpp>
#include <libtcpcraft/link/alarm.hpp>

namespace tcpcraft {

/// Turns the kernel's stamps (CLOCK_REALTIME) into instants. Both clocks are read together when it
/// is made; make one for each batch, then steps of the wall clock do no harm.
class KernelClock {
public:
    explicit KernelClock(const Alarm& alarm);

    [[nodiscard]] Instant now() const noexcept { return now_; }
    [[nodiscard]] Instant at(const timespec& stamp) const noexcept;
    /// The software stamp among a message's control data. Stamping may begin a moment after it was
    /// asked for, so that the first packets carry none.
    [[nodiscard]] std::optional<Instant> stamp_of(const cmsghdr& control) const noexcept;

private:
    Instant now_;
    std::chrono::nanoseconds realtime_;
};

}  // namespace tcpcraft
