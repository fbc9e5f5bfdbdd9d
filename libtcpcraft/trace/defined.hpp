#pragma once

#include <libtcpcraft/engine/state.hpp>

namespace tcpcraft {

// Which variables of a TCB mean something yet (RFC 9293 §3.3.1, §3.10.1): what is printed of the
// others would be whatever the memory holds.

/// SND.UNA, SND.NXT, SND.UP, ISS: from our SYN on.
[[nodiscard]] constexpr bool has_own_numbers(State state) noexcept {
    return state != State::closed && state != State::listen;
}
/// SND.WND, SND.WL1, SND.WL2, RCV.NXT, RCV.UP, IRS, the peer's MSS: from the peer's SYN on.
[[nodiscard]] constexpr bool has_peer_numbers(State state) noexcept {
    return has_own_numbers(state) && state != State::syn_sent;
}

}  // namespace tcpcraft
