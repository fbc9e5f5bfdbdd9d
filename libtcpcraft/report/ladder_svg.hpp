#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include <libtcpcraft/report/ladder_layout.hpp>

// Private: a ladder that has been laid out, as SVG elements.

namespace tcpcraft {

struct LadderDrawn {
    const Ladder& ladder;
    const LadderLayout& layout;
    const LadderGeometry& geometry;
    std::string_view prefix{};  ///< of every id, where there are two drawings of one ladder
};

/// What lies between `from` and `to`.
void draw_slice(std::string& out, const LadderDrawn& drawn, double from, double to);
/// Where a segment stands in the page: `c2s17`.
[[nodiscard]] std::string segment_anchor(const Ladder& ladder, std::size_t segment);
/// What a letter above a timer's bar stands for: `R`.
[[nodiscard]] char timer_letter(Timer timer) noexcept;

}  // namespace tcpcraft
