#include <cstring>
#include <ctime>

#include <linux/errqueue.h>

#include <libtcpcraft/link/raw/kernel_clock.hpp>

namespace tcpcraft {

namespace {

std::chrono::nanoseconds nanoseconds_of(const timespec& stamp) noexcept {
    return std::chrono::seconds{stamp.tv_sec} + std::chrono::nanoseconds{stamp.tv_nsec};
}

}  // namespace

KernelClock::KernelClock(const Alarm& alarm) : now_{alarm.now()}, realtime_{} {
    timespec now{};
    ::clock_gettime(CLOCK_REALTIME, &now);
    realtime_ = nanoseconds_of(now);
}

Instant KernelClock::at(const timespec& stamp) const noexcept {
    const auto ago = realtime_ - nanoseconds_of(stamp);
    return now_ - std::chrono::floor<Duration>(ago);
}

std::optional<Instant> KernelClock::stamp_of(const cmsghdr& control) const noexcept {
    if (control.cmsg_level != SOL_SOCKET || control.cmsg_type != SCM_TIMESTAMPING) {
        return std::nullopt;
    }
    scm_timestamping stamps{};
    std::memcpy(&stamps, CMSG_DATA(&control), sizeof stamps);
    if (stamps.ts[0].tv_sec == 0 && stamps.ts[0].tv_nsec == 0) {
        return std::nullopt;
    }
    return at(stamps.ts[0]);
}

}  // namespace tcpcraft
