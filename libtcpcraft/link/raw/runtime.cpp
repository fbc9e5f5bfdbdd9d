#include <algorithm>
#include <cerrno>
#include <csignal>
#include <map>
#include <optional>
#include <utility>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/system/system_error.hpp>
#include <sys/epoll.h>

#include <libtcpcraft/base/descriptor.hpp>
#include <libtcpcraft/link/raw/doorway.hpp>
#include <libtcpcraft/link/raw/loop.hpp>
#include <libtcpcraft/link/raw/runtime.hpp>

namespace tcpcraft {

namespace {

/// Something to read, seen through an epoll descriptor of our own: Asio makes what it watches
/// non-blocking, and that flag belongs to everybody who has the file open.
struct ReadableWatch {
    Descriptor epoll{};
    std::optional<Readiness> readiness{};
    bool always_ready{false};
};

Unexpected<Error> no_loop(const boost::system::system_error& thrown) {
    return failure({thrown.code().value(), std::system_category()}, "start the event loop");
}

}  // namespace

struct Runtime::State {
    Loop loop{};
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work{
        loop.context.get_executor()};
    std::optional<boost::asio::signal_set> signals{};
    std::function<void(int)> on_signal{};
    std::map<WatchId, ReadableWatch> watches{};
    std::uint64_t next_watch{1};
    bool stopped{false};

    void await_signal() {
        signals->async_wait([this](const boost::system::error_code& code, int signal) {
            if (!code) {
                on_signal(signal);
                await_signal();
            }
        });
    }

    /// For files that cannot be waited for.
    void repeat(WatchId id, std::function<void()> ready) {
        boost::asio::post(loop.context, [this, id, ready = std::move(ready)]() mutable {
            if (watches.count(id) != 0) {
                ready();
                repeat(id, std::move(ready));
            }
        });
    }

    bool finish() {
        loop.context.restart();
        return std::exchange(stopped, false);
    }
};

Runtime::Runtime(std::unique_ptr<State> state) : state_{std::move(state)} {}
Runtime::Runtime(Runtime&& other) noexcept = default;
Runtime& Runtime::operator=(Runtime&& other) noexcept = default;
Runtime::~Runtime() = default;

Expected<Runtime> Runtime::create() {
    try {
        return Runtime{std::make_unique<State>()};
    } catch (const boost::system::system_error& thrown) {
        return no_loop(thrown);
    }
}

Alarm& Runtime::alarm() noexcept { return state_->loop.alarm; }

Loop& Runtime::loop() noexcept { return state_->loop; }

Expected<void> Runtime::on_signal(std::function<void(int)> handler) {
    state_->on_signal = std::move(handler);
    if (state_->signals) {
        return {};
    }
    try {
        state_->signals.emplace(state_->loop.context, SIGINT, SIGTERM, SIGHUP);
    } catch (const boost::system::system_error& thrown) {
        return no_loop(thrown);
    }
    state_->await_signal();
    return {};
}

Expected<WatchId> Runtime::watch_readable(int fd, std::function<void()> ready) {
    ReadableWatch watch;
    watch.epoll = Descriptor{::epoll_create1(EPOLL_CLOEXEC)};
    epoll_event interest{};
    interest.events = EPOLLIN;
    if (::epoll_ctl(watch.epoll.raw(), EPOLL_CTL_ADD, fd, &interest) != 0) {
        if (errno != EPERM) {
            return failure(last_system_error(), "wait for descriptor " + std::to_string(fd));
        }
        watch.always_ready = true;
    }
    const WatchId id{state_->next_watch++};
    auto& kept = state_->watches.emplace(id, std::move(watch)).first->second;
    if (kept.always_ready) {
        state_->repeat(id, std::move(ready));
    } else {
        kept.readiness.emplace(state_->loop.context, kept.epoll.raw(), std::move(ready));
    }
    return id;
}

void Runtime::unwatch(WatchId id) { state_->watches.erase(id); }

void Runtime::post(std::function<void()> call) {
    boost::asio::post(state_->loop.context, std::move(call));
    if (boost::asio::use_service<Doorway>(state_->loop.context).opened()) {
        state_->loop.alarm.call_at(Instant{}, [] {});  // a loop that is somebody else's wakes
    }
}

void Loop::turn(std::chrono::steady_clock::time_point limit) {
    constexpr unsigned turns_without_asio = 16;
    const bool rung = alarm.ring();
    if (context.stopped()) {
        return;
    }
    auto seen = Lookout::nothing;
    for (const auto& [number, look] : lookouts) {
        seen = std::max(seen, look());
    }
    // What has been found may have been answered, and the next may be there already.
    if (seen == Lookout::found && ++hurried < turns_without_asio) {
        return;
    }
    hurried = 0;
    // Whatever has been called may have been what somebody runs the loop for: they ask first.
    if (context.poll_one() > 0 || rung || seen != Lookout::nothing || context.stopped()) {
        return;
    }
    alarm.arm();
    if (limit == forever) {
        context.run_one();
    } else {
        context.run_one_until(limit);
    }
}

bool Loop::glance() {
    constexpr unsigned most_events = 64;
    bool seen = alarm.ring();
    for (unsigned i = 0; i < most_events && context.poll_one() > 0; ++i) {
        seen = true;
    }
    alarm.announce_next();
    return seen;
}

int Loop::descriptor() {
    auto& doorway = boost::asio::use_service<Doorway>(context);
    const bool known = doorway.opened();
    const int opened = doorway.open();
    if (!known && opened >= 0) {
        alarm.on_next([&doorway](std::chrono::steady_clock::time_point when, bool at_all) {
            doorway.ring_at(when, at_all);
        });
    }
    return opened;
}

int Runtime::descriptor() {
    state_->signals.reset();
    return state_->loop.descriptor();
}

bool Runtime::turn() { return state_->loop.glance(); }

void Runtime::run() {
    run_until([] { return false; });
}

bool Runtime::run_for(Duration limit) {
    const auto end = std::chrono::steady_clock::now() + limit;
    while (!state_->stopped && std::chrono::steady_clock::now() < end) {
        state_->loop.turn(end);
    }
    return state_->finish();
}

bool Runtime::run_until(const std::function<bool()>& finished) {
    while (!state_->stopped && !finished()) {
        state_->loop.turn(Loop::forever);
    }
    return state_->finish();
}

void Runtime::stop() {
    state_->stopped = true;
    state_->loop.context.stop();
}

}  // namespace tcpcraft
