#pragma once

#include <optional>
#include <string>
#include <vector>

#include <libtcpcraft/base/time.hpp>
#include <libtcpcraft/drive/idle_trial.hpp>
#include <libtcpcraft/export.hpp>

namespace tcpcraft {

/// Whose timeout lies between these two, as far as it is documented: "AWS Network Load Balancer
/// (350 s)"; several with commas. Empty: nobody's.
/// `of_the_peer`: of end systems rather than of boxes on the path.
[[nodiscard]] TCPCRAFT_API std::string known_timeout(IdleState state, Duration low, Duration high,
                                                     bool of_the_peer = false);

/// How a keep-alive has to be set so that the path does not forget: the first probe at half the
/// silence that was survived, and more before its end, so that a lost one does no harm.
struct IdleAdvice {
    Duration idle{};      ///< tcp_keepalive_time, TCP_KEEPIDLE: whole seconds
    Duration interval{};  ///< tcp_keepalive_intvl, TCP_KEEPINTVL
    unsigned probes{0};   ///< tcp_keepalive_probes, TCP_KEEPCNT
    /// So many probes pass in such a silence.
    [[nodiscard]] TCPCRAFT_API unsigned within(Duration survived) const noexcept;
    /// For sysctl.conf of Linux, a line each.
    [[nodiscard]] TCPCRAFT_API std::vector<std::string> sysctl() const;
};
/// Unset: too short for whole seconds.
[[nodiscard]] TCPCRAFT_API std::optional<IdleAdvice> keep_alive_within(Duration survived);

}  // namespace tcpcraft
