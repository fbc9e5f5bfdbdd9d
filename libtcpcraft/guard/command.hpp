#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include <libtcpcraft/base/expected.hpp>
#include <libtcpcraft/export.hpp>

namespace tcpcraft {

/// A program to run without a shell.
struct Command {
    /// The program's name (or path), then its arguments.
    std::vector<std::string> arguments{};
    /// What it reads from its standard input; empty: /dev/null.
    std::string input{};
    /// It is killed when it has not ended by then.
    std::chrono::milliseconds deadline{10'000};

    /// As one would type it.
    [[nodiscard]] TCPCRAFT_API std::string text() const;
};

/// How a program ended by itself.
struct CommandResult {
    int exit_status{0};    ///< of the tool: 0 met, 1 peer deviated, 3 no answer, 4 environment
    std::string output{};  ///< standard output
    std::string errors{};  ///< standard error
};

/// Where the program is: looked for in PATH, then in /usr/sbin and /sbin (which an ordinary user's
/// PATH does not name). A process with file capabilities trusts the system's folders only. The
/// error says what to install.
[[nodiscard]] TCPCRAFT_API Expected<std::string> find_program(std::string_view name);

/// Runs it to its end. The child gets descriptors 0 to 2 only, default signals, a small environment
/// of its own (PATH, LC_ALL=C, XTABLES_LOCKFILE unless this process has file capabilities), and as
/// ambient capability CAP_NET_ADMIN when this process has it as a file capability; iptables-legacy
/// gets CAP_NET_RAW, too.
/// Errors: no such program, deadline passed, killed by a signal. An exit status other than 0 is no
/// error here; see run_checked().
[[nodiscard]] TCPCRAFT_API Expected<CommandResult> run(const Command& command);

/// Like run(), and an exit status other than 0 is an error too, with the first line of what the
/// program wrote to its standard error.
[[nodiscard]] TCPCRAFT_API Expected<CommandResult> run_checked(const Command& command);

/// The sentence for a person: command, exit status, first line of its errors, what to do about it.
[[nodiscard]] TCPCRAFT_API Error explain(const Command& command, const CommandResult& result);

}  // namespace tcpcraft
