#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include <libtcpcraft/engine/rfc9293/steps.hpp>

namespace tcpcraft::rfc9293 {

/// The data of a segment that is new and lies in the window.
struct Text {
    Seq seq{};
    std::span<const std::byte> data{};
};

/// "Segments should be trimmed to the window" (RFC 9293 §3.10.7.4, first). The SYN is counted
/// before the data.
[[nodiscard]] Text trim(const ReceiveSpace& rcv, const Segment& seg) noexcept;

/// Puts text where it belongs among the pieces; what touches or overlaps becomes one (SHLD-31).
void hold(Buffers& buffers, const Text& text);

/// Remembers the FIN of a segment, if it has one in the window. True when it has.
bool hold_fin(Step& s, const Segment& seg);
/// RCV.NXT has come to the FIN that is held.
[[nodiscard]] bool held_fin_reached(const Tcb& tcb) noexcept;
/// A FIN that text has run over was none.
void forget_overrun_fin(Tcb& tcb) noexcept;
/// Nothing counts that lies beyond the FIN.
void forget_held(Tcb& tcb) noexcept;

/// Delivers the held pieces that RCV.NXT has reached. True when a hole has closed.
bool deliver_held(Step& s);

}  // namespace tcpcraft::rfc9293
