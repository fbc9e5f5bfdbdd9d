#include <algorithm>
#include <array>
#include <chrono>
#include <string_view>

#include <fmt/format.h>

#include <libtcpcraft/drive/describe.hpp>
#include <libtcpcraft/drive/idle_known.hpp>

namespace tcpcraft {

using namespace std::chrono_literals;

namespace {

struct Known {
    Duration timeout{};
    IdleState state{};
    std::string_view whose{};
    bool of_the_peer{false};
};

// Defaults as their makers document them, and those of Linux's nf_conntrack_tcp_timeout_*.
constexpr std::array known{
    Known{240s, IdleState::established, "Azure Load Balancer"},
    Known{350s, IdleState::established, "AWS Network Load Balancer, AWS Network Firewall"},
    Known{30min, IdleState::established, "Azure Kubernetes Service, outbound"},
    Known{2h, IdleState::established, "the least keep-alive default (RFC 1122 §4.2.3.6)"},
    Known{2h + 4min, IdleState::established, "the floor for a NAT (RFC 5382 REQ-5)"},
    Known{24h, IdleState::established, "Cisco, MikroTik, and NATs of Windows and macOS"},
    Known{120h, IdleState::established, "Linux conntrack, EC2 security groups"},
    Known{60s, IdleState::half_open, "Linux conntrack, SYN-RECEIVED"},
    Known{63s, IdleState::half_open, "Linux, after five repeated SYN,ACKs", true},
    Known{60s, IdleState::half_closed, "Linux conntrack, CLOSE-WAIT"},
    Known{120s, IdleState::half_closed, "Linux conntrack, FIN-WAIT"},
    Known{60s, IdleState::time_wait, "Linux, TIME-WAIT", true},
    Known{120s, IdleState::time_wait, "Linux conntrack, TIME-WAIT"},
    Known{240s, IdleState::time_wait, "2 MSL of RFC 9293 §3.4.2", true},
};

constexpr Duration late = 1s;  // timers are asked for a little late

}  // namespace

std::string known_timeout(IdleState state, Duration low, Duration high, bool of_the_peer) {
    std::string found;
    for (const Known& one : known) {
        if (one.state == state && one.of_the_peer == of_the_peer && low <= one.timeout &&
            one.timeout <= high + late) {
            found +=
                fmt::format("{}{} ({})", found.empty() ? "" : ", ", one.whose, spoken(one.timeout));
        }
    }
    return found;
}

unsigned IdleAdvice::within(Duration survived) const noexcept {
    const Duration left = survived - idle - late / 10;
    return left < Duration::zero() ? 0
                                   : std::min(probes, static_cast<unsigned>(left / interval) + 1);
}

std::vector<std::string> IdleAdvice::sysctl() const {
    return {fmt::format("net.ipv4.tcp_keepalive_time = {}", idle / 1s),
            fmt::format("net.ipv4.tcp_keepalive_intvl = {}", interval / 1s),
            fmt::format("net.ipv4.tcp_keepalive_probes = {}", probes)};
}

std::optional<IdleAdvice> keep_alive_within(Duration survived) {
    if (survived < 2s) {
        return std::nullopt;
    }
    const Duration idle = std::chrono::floor<std::chrono::seconds>(survived / 2);
    const Duration interval = std::chrono::floor<std::chrono::seconds>(survived / 8);
    return IdleAdvice{
        .idle = idle, .interval = std::clamp<Duration>(interval, 1s, 75s), .probes = 4};
}

}  // namespace tcpcraft
