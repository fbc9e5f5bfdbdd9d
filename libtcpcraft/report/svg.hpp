#pragma once

#include <string>
#include <string_view>

#include <libtcpcraft/report/ladder_layout.hpp>

// Private: the little of SVG that ladders and timelines are drawn with. All text is escaped here.

namespace tcpcraft::svg {

/// Pixels with at most one decimal.
[[nodiscard]] std::string px(double value);
/// The class of a tone: `opens`; empty for the plain one.
[[nodiscard]] std::string_view css(Tone tone) noexcept;
/// The class of a state: `st-syn-sent`.
[[nodiscard]] std::string css(State state);

void rect(std::string& out, std::string_view classes, double x, double y, double width,
          double height, std::string_view title = {});
void line(std::string& out, std::string_view classes, double x1, double y1, double x2, double y2);
void text(std::string& out, const PlacedText& placed);
/// `href` is an id with its `#`.
void link(std::string& out, std::string_view href, const PlacedText& placed);
/// The opening tag of one picture in a page, of this size; `top` is where it begins in the whole.
void open(std::string& out, std::string_view classes, double width, double top, double height,
          std::string_view label);

}  // namespace tcpcraft::svg
