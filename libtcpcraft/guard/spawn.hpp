#pragma once

#include <array>
#include <chrono>
#include <string>
#include <vector>

#include <sys/types.h>

#include <libtcpcraft/base/expected.hpp>

namespace tcpcraft {

/// A child process to start.
struct Spawn {
    std::string path{};
    std::vector<std::string> words{};
    /// What becomes its descriptors 0, 1 and 2; it gets no others.
    std::array<int, 3> streams{};
    /// Ctrl-C in our terminal does not reach it.
    bool own_session{false};
};

/// PATH and the folders of the system's programs; with file capabilities the latter only.
[[nodiscard]] std::string search_path();

[[nodiscard]] Expected<pid_t> spawn(const Spawn& child);

/// Whether a child ends in that time; it is still to be reaped.
[[nodiscard]] bool ends_within(pid_t child, std::chrono::milliseconds patience) noexcept;

/// Waits for the end of a child; its status as waitpid() gives it.
int reap(pid_t child) noexcept;

}  // namespace tcpcraft
