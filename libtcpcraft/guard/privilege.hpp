#pragma once

#include <string>
#include <vector>

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

/// What this process may do now.
[[nodiscard]] TCPCRAFT_API Privileges effective_privileges();

/// Whether they suffice for raw sockets and this guard; if not, what is missing and each way to
/// get it, with the program's path in the setcap line. To be asked before anything is done.
[[nodiscard]] TCPCRAFT_API Expected<void> suffices(const Privileges& have, GuardBackend backend,
                                                   const std::string& program);

/// suffices() of this process.
[[nodiscard]] TCPCRAFT_API Expected<void> check_privileges(GuardBackend backend);

/// Gives up, for good, every capability of this process and whatever programs that it starts later
/// could become by set-user-ID or file capabilities (no_new_privs); its user can trace it no more
/// than before. Does nothing as root, who was asked to come, and writes files that only root may,
/// nor without any capability. To be called once sockets and rules are in
/// place, which stay usable, and before there are threads: it is the calling one's only. The error
/// says what could not be given up.
[[nodiscard]] TCPCRAFT_API Expected<void> surrender_privileges();

/// How a program's file gives privileges to those who start it.
struct ProgramFile {
    std::string path{};  ///< the way to it, step by step
    /// It has file capabilities.
    bool capable{false};
    /// Its file system grants none.
    bool nosuid{false};
    /// This process may not gain any: a sandbox or a container.
    bool no_new_privileges{false};
    /// Only members of this group may start it; empty: everybody.
    std::string group{};
    /// Users that are listed as members.
    std::vector<std::string> members{};
    /// tcpcraft-allow(8) is installed beside it.
    bool can_be_allowed{false};
};

/// What the program's file says of its capabilities.
[[nodiscard]] TCPCRAFT_API ProgramFile examine_program(const std::string& path);

/// The ways to get the privileges, as commands.
[[nodiscard]] TCPCRAFT_API std::string privilege_fix(const std::string& program);

/// The path of the program that runs.
[[nodiscard]] TCPCRAFT_API std::string running_program();

}  // namespace tcpcraft
