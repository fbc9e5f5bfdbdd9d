#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>

#include <libtcpcraft/report/timeline_layout.hpp>

namespace tcpcraft {

namespace {

using namespace std::chrono_literals;

constexpr TimelineGeometry wide{
    .width = 900, .labels = 150, .behind = 140, .ticks = 8, .words = true};
constexpr TimelineGeometry narrow{
    .width = 360, .labels = 84, .behind = 26, .ticks = 3, .words = false};

constexpr double axis_height = 22;
constexpr double tall_row = 20;
constexpr double least_row = 7;
constexpr double single_row = 46;  // with the length of each bar below it
constexpr double room_for_length = 52;
constexpr double all_rows = 700;     // pixels, when there are very many
constexpr double label_height = 13;  // rows that are lower share their names
constexpr double divider = 20;
constexpr double chart = 170;
constexpr double chart_axis = 26;

constexpr std::array steps{1ms,   2ms,    5ms,    10ms,   20ms,    50ms,    100ms,  200ms,
                           500ms, 1000ms, 2000ms, 5000ms, 10000ms, 15000ms, 30000ms};
constexpr std::array long_steps{1min,  2min,   5min,   10min,  15min,  30min,
                                60min, 120min, 180min, 360min, 720min, 1440min};

Duration step_for(Duration whole, std::size_t ticks) {
    const Duration least = whole / static_cast<Duration::rep>(ticks);
    for (const auto step : steps) {
        if (step >= least) {
            return step;
        }
    }
    for (const auto step : long_steps) {
        if (step >= least) {
            return step;
        }
    }
    const auto days = least / std::chrono::hours{24} + 1;
    return std::chrono::hours{24} * days;
}

/// What has room; the row's own hint has all of it.
std::string shortened(const std::string& label, double room) {
    constexpr double letter = 6.9;
    const auto most = static_cast<std::size_t>(room / letter);
    return label.size() <= most ? label : label.substr(0, most - 1) + "…";
}

class Plotter {
public:
    Plotter(const Timeline& timeline, const TimelineGeometry& geometry)
        : timeline_{timeline}, at_{geometry} {
        span();
    }

    TimelineLayout made() && {
        y_ = axis_height;
        rows();
        out_.rows_end = y_;
        axis(4, y_);
        lines();
        if (timeline_.brackets.size() > 1) {
            brackets();
        }
        out_.height = y_ + 6;
        return std::move(out_);
    }

private:
    void span() {
        bool first = true;
        const auto take = [&](Instant at) {
            from_ = first ? at : std::min(from_, at);
            to_ = first ? at : std::max(to_, at);
            first = false;
        };
        for (const TimelineRow& row : timeline_.rows) {
            for (const TimelineBar& bar : row.bars) {
                take(bar.from);
                take(bar.to);
            }
            for (const TimelineMark& mark : row.marks) {
                take(mark.at);
            }
        }
        for (const TimelineLine& line : timeline_.lines) {
            take(line.at);
        }
        for (const TimelineBracket& bracket : timeline_.brackets) {
            take(bracket.at);
        }
        to_ = std::max(to_, from_ + 1ms);
    }

    [[nodiscard]] double right() const { return at_.width - at_.behind; }
    [[nodiscard]] double x(Instant at) const {
        const double part = seconds(at - from_) / seconds(to_ - from_);
        return at_.labels + part * (right() - at_.labels);
    }

    void put(double px, double py, Anchor anchor, Tone tone, std::string words) {
        out_.texts.push_back({px, py, anchor, Face::small, tone, std::move(words)});
    }

    /// Ticks above the rows, through all of them.
    void axis(double top, double bottom) {
        const Duration step = step_for(to_ - from_, at_.ticks);
        const auto first = (from_.time_since_epoch() + step - 1us) / step * step;
        for (Duration at = first; Instant{at} <= to_; at += step) {
            const double px = x(Instant{at});
            out_.grid.push_back({px, top + 14, px, bottom});
            put(px, top + 9, Anchor::middle, Tone::faint, short_length(at));
        }
    }

    void rows() {
        const auto count = static_cast<double>(std::max<std::size_t>(timeline_.rows.size(), 1));
        const double height = std::clamp(all_rows / count, least_row, tall_row);
        const double tall = timeline_.rows.size() == 1 ? single_row : height;
        double named = -label_height;
        for (std::size_t i = 0; i < timeline_.rows.size(); ++i) {
            if (timeline_.divided_at == i) {
                divide();
                named = -label_height;
            }
            const bool name = y_ >= named + label_height;
            place(timeline_.rows[i], tall, name);
            named = name ? y_ : named;
            y_ += tall;
        }
        if (timeline_.divided_at == timeline_.rows.size() && !timeline_.rows.empty()) {
            divide();
        }
        if (timeline_.left_out > 0) {
            y_ += divider;
            put(at_.labels, y_ - 6, Anchor::start, Tone::unusual,
                fmt::format("\u22ee {} more left out", timeline_.left_out));
        }
    }

    void divide() {
        out_.lines.push_back({8, y_ + 3, right(), y_ + 3});
        put(8, y_ + 15, Anchor::start, Tone::strong, timeline_.divided_by);
        y_ += divider;
    }

    void place(const TimelineRow& row, double height, bool named) {
        const bool single = height == single_row;
        const double middle = y_ + (single ? tall_row - 4 : height / 2);
        if (named) {
            put(at_.labels - 8, middle + 4, Anchor::end, Tone::plain,
                shortened(row.label, at_.labels - 8));
        }
        const double thick = std::max(3.0, std::min(height, tall_row) - 8);
        for (const TimelineBar& bar : row.bars) {
            const double px = x(bar.from);
            const double width = std::max(1.5, x(bar.to) - px);
            out_.bars.push_back({px, middle - thick / 2, width, thick, &bar});
            if (single && width >= room_for_length) {
                put(px + width / 2, middle + thick / 2 + 16, Anchor::middle, Tone::faint,
                    short_length(bar.to - bar.from));
            }
        }
        for (const TimelineMark& mark : row.marks) {
            const double reach = thick + 6;
            out_.marks.push_back({x(mark.at), middle - reach / 2, reach, &mark});
        }
        if (!row.bars.empty() && named) {
            const TimelineBar& last = row.bars.back();
            std::string words{sign(last.end)};
            words += at_.words ? fmt::format(" {}", text(last.end)) : "";
            put(x(last.to) + 6, middle + 4, Anchor::start, tone_of(last.end), std::move(words));
        }
    }

    void lines() {
        for (const TimelineLine& line : timeline_.lines) {
            const double px = x(line.at);
            out_.lines.push_back({px, axis_height - 4, px, y_ + 4});
            const bool late = px > (at_.labels + right()) / 2;
            put(px + (late ? -4 : 4), y_ + 16, late ? Anchor::end : Anchor::start, Tone::strong,
                line.label);
        }
        y_ += timeline_.lines.empty() ? 0 : 22;
    }

    /// Low and high as steps over time; the silences on a logarithmic scale.
    void brackets() {
        y_ += chart_axis;
        const double top = y_;
        Duration least = 24h;
        Duration most = 1ms;
        for (const TimelineBracket& one : timeline_.brackets) {
            least = std::min(least, one.low.count() > 0 ? one.low : least);
            most = std::max({most, one.low, one.high.value_or(one.low)});
        }
        least = std::min(least, most / 2);
        const double bottom = std::log(seconds(std::max(least, Duration{1ms})));
        const double height = std::log(seconds(most)) - bottom;
        const auto y = [&](Duration length) {
            const double part =
                (std::log(seconds(std::max(length, least))) - bottom) / std::max(height, 0.01);
            return top + chart * (1 - part);
        };
        put(at_.labels - 8, top - 10, Anchor::end, Tone::strong, "silence");
        for (const Duration at : {least, most}) {
            put(at_.labels - 8, y(at) + 4, Anchor::end, Tone::faint, short_length(at));
            out_.grid.push_back({at_.labels, y(at), right(), y(at)});
        }
        stair(y, top);
        y_ = top + chart + 10;
    }

    template <typename Y>
    void stair(const Y& y, double top) {
        const auto& all = timeline_.brackets;
        for (std::size_t i = 0; i < all.size(); ++i) {
            const double begins = x(all[i].at);
            const double ends = i + 1 < all.size() ? x(all[i + 1].at) : x(to_);
            const double high = all[i].high ? y(*all[i].high) : top - 8;
            out_.low.push_back({begins, y(all[i].low), ends, y(all[i].low)});
            out_.high.push_back({begins, high, ends, high});
        }
        const TimelineBracket& last = all.back();
        const double at = right() + (at_.words ? 6 : -2);
        const Anchor anchor = at_.words ? Anchor::start : Anchor::end;
        put(at, y(last.low) + 16, anchor, Tone::good, "\u2265 " + short_length(last.low));
        if (last.high) {
            put(at, y(*last.high) - 6, anchor, Tone::resets, "< " + short_length(*last.high));
        }
    }

    const Timeline& timeline_;
    const TimelineGeometry& at_;
    Instant from_{};
    Instant to_{};
    TimelineLayout out_{};
    double y_{0};
};

}  // namespace

const TimelineGeometry& wide_timeline() noexcept { return wide; }
const TimelineGeometry& narrow_timeline() noexcept { return narrow; }

TimelineLayout lay_out(const Timeline& timeline, const TimelineGeometry& geometry) {
    return Plotter{timeline, geometry}.made();
}

std::string_view sign(TimelineEnd end) noexcept {
    switch (end) {
        case TimelineEnd::alive:
            return "\u2713";
        case TimelineEnd::silent:
            return "\u2717";
        case TimelineEnd::reset:
        case TimelineEnd::reset_by_peer:
            return "R";
        case TimelineEnd::reset_by_path:
            return "P";
        case TimelineEnd::fin:
            return "F";
        case TimelineEnd::icmp:
            return "I";
        case TimelineEnd::probe:
            return "\u25cf";
        case TimelineEnd::ended:
            return "\u25a0";
        case TimelineEnd::unseen:
            return "\u2192";
    }
    return "";
}

Tone tone_of(TimelineEnd end) noexcept {
    switch (end) {
        case TimelineEnd::alive:
            return Tone::good;
        case TimelineEnd::silent:
        case TimelineEnd::reset:
        case TimelineEnd::reset_by_peer:
        case TimelineEnd::reset_by_path:
            return Tone::resets;
        case TimelineEnd::fin:
            return Tone::closes;
        case TimelineEnd::icmp:
            return Tone::unusual;
        case TimelineEnd::probe:
            return Tone::opens;
        case TimelineEnd::ended:
        case TimelineEnd::unseen:
            break;
    }
    return Tone::faint;
}

std::string short_length(Duration length) {
    const double s = seconds(length);
    if (length == Duration{}) {
        return "0";
    }
    if (std::abs(s) < 1) {
        return fmt::format("{:.3g} ms", s * 1e3);
    }
    if (std::abs(s) < 600 && std::fmod(s, 60) != 0) {
        return fmt::format("{:.4g} s", s);
    }
    if (std::abs(s) < 2 * 3600) {
        return std::abs(s) < 60 ? fmt::format("{:.4g} s", s) : fmt::format("{:.3g} min", s / 60);
    }
    return fmt::format("{:.3g} h", s / 3600);
}

}  // namespace tcpcraft
