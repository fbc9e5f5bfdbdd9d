#pragma once

#include <string>

#include <libtcpcraft/base/expected.hpp>
#include <libtcpcraft/export.hpp>
#include <libtcpcraft/guard/rst_guard.hpp>

namespace tcpcraft {

/// What this process may do in its network namespace.
struct Privileges {
    /// Raw and packet sockets.
    bool net_raw{false};
    /// The firewall's rules.
    bool net_admin{false};
    /// The capabilities are those of another user namespace than the network's: worth nothing here.
    bool foreign_network{false};
};

[[nodiscard]] TCPCRAFT_API Privileges effective_privileges();

/// Whether they suffice for raw sockets and this guard; if not, what is missing and each way to
/// get it, with the program's path in the setcap line. To be asked before anything is done.
[[nodiscard]] TCPCRAFT_API Expected<void> suffices(const Privileges& have, GuardBackend backend,
                                                   const std::string& program);

/// suffices() of this process.
[[nodiscard]] TCPCRAFT_API Expected<void> check_privileges(GuardBackend backend);

/// The ways to get the privileges, as commands.
[[nodiscard]] TCPCRAFT_API std::string privilege_fix(const std::string& program);

/// The path of the program that runs.
[[nodiscard]] TCPCRAFT_API std::string running_program();

}  // namespace tcpcraft
