#include <array>

#include <fmt/format.h>

#include <libtcpcraft/report/svg.hpp>
#include <libtcpcraft/report/timeline_svg.hpp>
#include <libtcpcraft/trace/xml_text.hpp>

namespace tcpcraft {

namespace {

std::string_view css(TimelineEnd end) noexcept {
    static constexpr std::array names{"alive", "silent", "rst",    "rst-peer", "rst-path",
                                      "fin",   "icmp",   "probed", "ended",    "unseen"};
    return names.at(static_cast<std::size_t>(end));
}

std::string told(const TimelineBar& bar) {
    return fmt::format("{}\n{:.3f} s to {:.3f} s ({}): {}", bar.text,
                       seconds(bar.from.time_since_epoch()), seconds(bar.to.time_since_epoch()),
                       short_length(bar.to - bar.from), text(bar.end));
}

void strokes(std::string& out, std::string_view classes, const std::vector<PlacedStroke>& all) {
    for (const PlacedStroke& one : all) {
        svg::line(out, classes, one.x1, one.y1, one.x2, one.y2);
    }
}

/// What lies between low and high: the path forgets in there.
void area(std::string& out, const TimelineLayout& layout) {
    for (std::size_t i = 0; i < layout.low.size(); ++i) {
        const PlacedStroke& low = layout.low[i];
        const PlacedStroke& high = layout.high[i];
        svg::rect(out, "between", low.x1, high.y1, low.x2 - low.x1, low.y1 - high.y1);
    }
}

void mark(std::string& out, const PlacedMark& placed) {
    const std::string title =
        fmt::format("{:.3f} s: {}", seconds(placed.mark->at.time_since_epoch()), placed.mark->text);
    svg::rect(out, placed.mark->ours ? "mark ours" : "mark", placed.x - 1.5, placed.y, 3,
              placed.height, title);
}

}  // namespace

void draw(std::string& out, const TimelineLayout& layout) {
    strokes(out, "grid", layout.grid);
    for (const PlacedBar& bar : layout.bars) {
        svg::rect(out, fmt::format("bar {}", css(bar.bar->end)), bar.x, bar.y, bar.width,
                  bar.height, told(*bar.bar));
    }
    for (const PlacedMark& one : layout.marks) {
        mark(out, one);
    }
    area(out, layout);
    strokes(out, "low", layout.low);
    strokes(out, "high", layout.high);
    strokes(out, "line", layout.lines);
    for (const PlacedText& text : layout.texts) {
        svg::text(out, text);
    }
    out += '\n';
}

}  // namespace tcpcraft
