#pragma once

#include <functional>
#include <string>

#include <libtcpcraft/export.hpp>

namespace tcpcraft {

/// Runs a command by `sh` and waits for it: its exit status, 128 and the signal's number when a
/// signal ended it, -1 when it could not be started. It reads from /dev/null and is in a process
/// group of its own, which is killed as a whole once `given_up` says so. That is asked whenever a
/// signal interrupts the waiting thread, so whoever gives up keeps sending one until this returns.
[[nodiscard]] TCPCRAFT_API int run_shell(const std::string& command,
                                         const std::function<bool()>& given_up);

}  // namespace tcpcraft
