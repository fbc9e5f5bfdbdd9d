#pragma once

#include <array>
#include <csignal>
#include <cstdint>

namespace tcpcraft::cli {

/// Catches the signals that end a run for as long as it lives, and puts back what was there. One
/// at a time: the handler has no other way to know.
class PromptSignals {
public:
    PromptSignals();
    PromptSignals(const PromptSignals&) = delete;
    PromptSignals& operator=(const PromptSignals&) = delete;
    ~PromptSignals();

    enum class Event : std::uint8_t { readable, interrupted, stop };
    /// Waits until there is something to read at `fd` (or its end), or a signal has come: `stop`
    /// for Ctrl-Z, which is left to the caller. Without time limit.
    [[nodiscard]] Event wait(int fd);
    /// Stops this process as Ctrl-Z does; returns when it goes on.
    static void stop_here();

private:
    static constexpr std::array caught{SIGINT, SIGTERM, SIGHUP, SIGTSTP};
    std::array<struct sigaction, caught.size()> before_{};
    std::array<int, 2> pipe_{-1, -1};
};

}  // namespace tcpcraft::cli
