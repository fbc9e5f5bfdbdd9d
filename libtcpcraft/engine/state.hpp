#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include <libtcpcraft/export.hpp>

namespace tcpcraft {

/// The eleven states (RFC 9293 §3.3.2). CLOSED is the absence of a connection.
enum class State : std::uint8_t {
    closed,
    listen,
    syn_sent,
    syn_received,
    established,
    fin_wait_1,
    fin_wait_2,
    close_wait,
    closing,
    last_ack,
    time_wait,
};

/// How many states there are.
inline constexpr std::size_t state_count = 11;

/// As the RFC spells it: `SYN-SENT`.
[[nodiscard]] TCPCRAFT_API std::string_view text(State state) noexcept;
/// All but CLOSED, LISTEN, SYN-SENT and SYN-RECEIVED (RFC 9293 §3.5.2, group 3).
[[nodiscard]] constexpr bool synchronized(State state) noexcept {
    return state >= State::established;
}

}  // namespace tcpcraft
