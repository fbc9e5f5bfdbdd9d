#include <algorithm>

#include <sys/epoll.h>
#include <sys/timerfd.h>

#include <libtcpcraft/link/raw/doorway.hpp>

namespace tcpcraft {

int Doorway::open() {
    if (epoll_.open()) {
        return epoll_.raw();
    }
    Descriptor timer{::timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC)};
    if (!timer.open()) {
        return -1;
    }
    epoll_ = Descriptor{::epoll_create1(EPOLL_CLOEXEC)};
    timer_ = std::move(timer);
    watch(timer_.raw());
    for (const int fd : watched_) {
        watch(fd);
    }
    return epoll_.raw();
}

void Doorway::watch(int fd) {
    epoll_event interest{};
    interest.events = EPOLLIN | EPOLLPRI;
    interest.data.fd = fd;
    ::epoll_ctl(epoll_.raw(), EPOLL_CTL_ADD, fd, &interest);
}

void Doorway::add(int fd) {
    watched_.insert(fd);
    if (opened()) {
        watch(fd);
    }
}

void Doorway::remove(int fd) {
    watched_.erase(fd);
    if (opened()) {
        ::epoll_ctl(epoll_.raw(), EPOLL_CTL_DEL, fd, nullptr);
    }
}

void Doorway::ring_at(std::chrono::steady_clock::time_point when, bool at_all) {
    using std::chrono::nanoseconds;
    itimerspec spec{};
    if (at_all) {
        // Zero would mean not at all.
        const auto at = std::max(nanoseconds{when.time_since_epoch()}, nanoseconds{1});
        spec.it_value.tv_sec = static_cast<time_t>(at.count() / 1'000'000'000);
        spec.it_value.tv_nsec = static_cast<long>(at.count() % 1'000'000'000);
    }
    ::timerfd_settime(timer_.raw(), TFD_TIMER_ABSTIME, &spec, nullptr);
}

}  // namespace tcpcraft
