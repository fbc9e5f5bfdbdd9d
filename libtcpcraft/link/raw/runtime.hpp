#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include <libtcpcraft/base/expected.hpp>
#include <libtcpcraft/base/time.hpp>
#include <libtcpcraft/export.hpp>
#include <libtcpcraft/link/alarm.hpp>

namespace tcpcraft {

struct Loop;

/// Names a watched descriptor.
enum class WatchId : std::uint64_t { none = 0 };

/// The event loop of a run on a real host: its clock, its signals, its descriptors. One thread.
/// Links made with it must go before it does.
class TCPCRAFT_API Runtime {
public:
    /// Fails when the process is out of descriptors.
    [[nodiscard]] static Expected<Runtime> create();

    Runtime(Runtime&& other) noexcept;
    Runtime& operator=(Runtime&& other) noexcept;
    Runtime(const Runtime&) = delete;
    Runtime& operator=(const Runtime&) = delete;
    ~Runtime();

    /// Counts from create().
    [[nodiscard]] Alarm& alarm() noexcept;

    /// SIGINT, SIGTERM and SIGHUP call back from the loop, instead of what they did before, each
    /// time they come.
    [[nodiscard]] Expected<void> on_signal(std::function<void(int signal)> handler);
    /// Calls back from the loop, again and again, while there is something to read (or end of file)
    /// at `fd`, which stays the caller's and keeps its flags: a terminal shared with a shell is not
    /// made non-blocking. A regular file is always readable.
    [[nodiscard]] Expected<WatchId> watch_readable(int fd, std::function<void()> ready);
    /// A watch that is gone, or WatchId::none, is no error.
    void unwatch(WatchId id);
    /// Calls once, from the loop, as soon as possible.
    void post(std::function<void()> call);

    /// Handles events until stop(). May be called again.
    void run();
    /// Handles events until stop(), or for that long. Says whether it was stop().
    bool run_for(Duration limit);
    /// Handles events until `finished`, which is asked before the first and after those that came
    /// together, or until stop(). Says whether it was stop().
    bool run_until(const std::function<bool()>& finished);
    /// For a loop of somebody else's, which then takes the place of run(): a descriptor that is
    /// readable whenever turn() has something to do. -1 when the process is out of descriptors.
    /// Signals are the caller's from now on; on_signal() has no effect any more.
    [[nodiscard]] int descriptor();
    /// Handles the events that there are, and does not wait. Says whether there were any.
    bool turn();
    /// Ends run() soon after the handler that is running; before run(), ends it at once.
    void stop();

    /// For this room only.
    [[nodiscard]] Loop& loop() noexcept;

private:
    struct State;
    explicit Runtime(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace tcpcraft
