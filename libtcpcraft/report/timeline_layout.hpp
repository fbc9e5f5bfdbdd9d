#pragma once

#include <optional>
#include <string>
#include <vector>

#include <libtcpcraft/report/ladder_layout.hpp>
#include <libtcpcraft/report/timeline.hpp>

// Private: where everything of a timeline stands, in numbers.

namespace tcpcraft {

struct TimelineGeometry {
    double width{};
    double labels{};  ///< columns of the rows' names
    double behind{};  ///< room behind the axis, for how a row ended
    std::size_t ticks{};
    bool words{};  ///< how it ended, in words too
};
[[nodiscard]] const TimelineGeometry& wide_timeline() noexcept;
[[nodiscard]] const TimelineGeometry& narrow_timeline() noexcept;

struct PlacedBar {
    double x{};
    double y{};
    double width{};
    double height{};
    const TimelineBar* bar{nullptr};
};
struct PlacedMark {
    double x{};
    double y{};
    double height{};
    const TimelineMark* mark{nullptr};
};
struct PlacedStroke {
    double x1{};
    double y1{};
    double x2{};
    double y2{};
};

struct TimelineLayout {
    double height{};
    std::vector<PlacedText> texts{};
    std::vector<PlacedStroke> grid{};
    std::vector<PlacedStroke> lines{};  ///< times of interest, the bracket's divider
    std::vector<PlacedBar> bars{};
    std::vector<PlacedMark> marks{};
    std::vector<PlacedStroke> low{};  ///< of the brackets, as steps
    std::vector<PlacedStroke> high{};
    double rows_end{};  ///< where the rows end and the brackets begin
};

[[nodiscard]] TimelineLayout lay_out(const Timeline& timeline, const TimelineGeometry& geometry);

/// `✓`, `R`: how a bar ended, in one character.
[[nodiscard]] std::string_view sign(TimelineEnd end) noexcept;
[[nodiscard]] Tone tone_of(TimelineEnd end) noexcept;
/// `350 s`, `12 min`, `2 h`: short, for an axis.
[[nodiscard]] std::string short_length(Duration length);

}  // namespace tcpcraft
