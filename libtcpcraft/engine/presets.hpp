#pragma once

#include <libtcpcraft/engine/policy.hpp>
#include <libtcpcraft/export.hpp>

namespace tcpcraft {

/// The choices of the Linux kernel (6.x, default sysctls), as far as this engine has them:
/// TIME-WAIT and FIN-WAIT-2 of 60 s, RTO from 200 ms to 120 s, 6 SYN and 15 other retransmissions,
/// ACKs delayed by 40 ms, one challenge ACK in 500 ms, SYNs that reuse TIME-WAIT (RFC 6191). What
/// it leaves unset Linux has off, too: user timeout, keep-alive, ECN as a client, RFC 1337.
/// `half_duplex_close` is what close() does; for shutdown(SHUT_WR) set it to false and `fin_wait_2`
/// to none. Where the kernel differs in more than its choices: docs/differences-from-linux.md.
[[nodiscard]] TCPCRAFT_API Policy linux_policy();

/// SO_KEEPALIVE of Linux: probes after 7200 s, each 75 s, 9 of them, without an octet.
[[nodiscard]] TCPCRAFT_API KeepAlive linux_keep_alive() noexcept;

}  // namespace tcpcraft
