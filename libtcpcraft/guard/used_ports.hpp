#pragma once

#include <bitset>

#include <libtcpcraft/base/expected.hpp>

namespace tcpcraft {

using PortSet = std::bitset<65536>;

/// The local ports of all TCP sockets of this host (network namespace), of both families and in any
/// state: listening, bound, connected, TIME-WAIT. Read in one go from the kernel (sock_diag).
/// Before Linux 6.8 sockets that are bound and nothing more do not show.
[[nodiscard]] Expected<PortSet> used_ports();

}  // namespace tcpcraft
