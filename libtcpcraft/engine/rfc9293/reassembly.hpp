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
void hold(std::vector<Buffers::Piece>& pieces, const Text& text);

/// Delivers the held pieces that RCV.NXT has reached. True when a hole has closed.
bool deliver_held(Step& s);

}  // namespace tcpcraft::rfc9293
