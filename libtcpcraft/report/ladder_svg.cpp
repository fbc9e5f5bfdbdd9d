#include <algorithm>

#include <fmt/format.h>

#include <libtcpcraft/report/ladder_svg.hpp>
#include <libtcpcraft/report/svg.hpp>
#include <libtcpcraft/trace/xml_text.hpp>

namespace tcpcraft {

namespace {

constexpr double head_length = 9;
constexpr double head_half = 4.5;
constexpr double badge_width = 30;

/// One ladder's slice.
class Slice {
public:
    Slice(std::string& out, const LadderDrawn& drawn, double from, double to)
        : out_{out}, drawn_{drawn}, at_{drawn.geometry}, from_{from}, to_{to} {}

    void draw() {
        for (const PlacedState& state : drawn_.layout.states) {
            lifeline(state);
        }
        for (const PlacedTimer& timer : drawn_.layout.timers) {
            bar(timer);
        }
        if (from_ <= 0) {
            for (const PlacedText& text : drawn_.layout.heading) {
                svg::text(out_, text);
            }
        }
        const auto& rows = drawn_.layout.rows;
        auto row = std::ranges::lower_bound(rows, from_, {}, &PlacedRow::y);
        for (; row != rows.end() && row->y < to_; ++row) {
            draw(*row);
        }
    }

private:
    [[nodiscard]] bool touches(double y, double end) const { return end > from_ && y < to_; }

    void lifeline(const PlacedState& state) {
        if (!touches(state.y, state.end)) {
            return;
        }
        const double y = std::max(state.y, from_);
        const double height = std::min(state.end, to_) - y;
        const double x = state.us ? at_.us_line : at_.peer_line;
        const bool inferred = !state.us && !drawn_.ladder.ends;
        const std::string title = fmt::format(
            "{}{}: {}{}", state.us ? "we" : "the peer",
            drawn_.ladder.ends
                ? fmt::format(" ({})", state.us ? drawn_.ladder.ends->us : drawn_.ladder.ends->peer)
                : "",
            text(state.state), inferred ? ", inferred from the segments" : "");
        svg::rect(out_, "life " + svg::css(state.state), x, y, at_.line_width, height, title);
        if (inferred) {
            out_ += fmt::format(
                "<rect class=\"hatch\" fill=\"url(#inferred)\" x=\"{}\" y=\"{}\" width=\"{}\" "
                "height=\"{}\" pointer-events=\"none\"/>",
                svg::px(x), svg::px(y), svg::px(at_.line_width), svg::px(height));
        }
    }

    static std::string told(const LadderTimer& timer) {
        std::string made = fmt::format("{} timer, set at {:.6f} s", text(timer.timer),
                                       seconds(timer.set_at.time_since_epoch()));
        made += timer.restarts == 0 ? "" : fmt::format(", set anew {} times", timer.restarts);
        if (timer.deadline != never) {
            made += fmt::format(", for {:.6f} s", seconds(timer.deadline.time_since_epoch()));
        }
        if (!timer.to) {
            return made + "; still running";
        }
        return made + fmt::format("; {} at {:.6f} s", timer.fired ? "fired" : "cleared",
                                  seconds(timer.ended_at.time_since_epoch()));
    }

    void bar(const PlacedTimer& placed) {
        if (!touches(placed.y - 10, placed.end)) {
            return;
        }
        const LadderTimer& timer = *placed.timer;
        const double x = at_.lanes + static_cast<double>(placed.lane) * at_.lane_step;
        const double y = std::max(placed.y, from_);
        const double middle = x + 4;
        const std::string_view kind = timer.fired ? "timer fired" : "timer";
        svg::rect(out_, kind, x + 1, y, 6, std::max(1.0, std::min(placed.end, to_) - y),
                  told(timer));
        if (placed.y >= from_) {
            svg::text(out_, {middle, placed.y - 2, Anchor::middle, Face::small, Tone::plain,
                             std::string(1, timer_letter(timer.timer))});
        }
        if (placed.end > to_ || !timer.to) {
            return;
        }
        if (timer.fired) {
            out_ += fmt::format("<path class=\"bang\" d=\"M{} {}l4 5l-4 5l-4 -5z\"/>",
                                svg::px(middle), svg::px(placed.end - 5));
        } else {
            svg::line(out_, "stop", middle - 4, placed.end, middle + 4, placed.end);
        }
    }

    void draw(const PlacedRow& placed) {
        if (placed.row == nullptr) {
            texts(placed);
            return;
        }
        const LadderRow& row = *placed.row;
        if (placed.verdict != 0) {
            out_ += fmt::format("<g class=\"v\" id=\"{}v{}\">", drawn_.prefix, placed.verdict);
            texts(placed);
            rests_on(placed, *row.verdict);
            out_ += "</g>\n";
        } else if (row.arrow) {
            segment(placed, *row.arrow);
        } else {
            out_ += row.rule == Rule::none
                        ? "<g>"
                        : fmt::format("<g><title>{}</title>", xml_text(rule_text(row.rule)));
            texts(placed);
            out_ += "</g>\n";
        }
    }

    void texts(const PlacedRow& placed) {
        if (placed.framed) {
            const Tone tone = placed.texts.empty() ? Tone::plain : placed.texts.front().tone;
            const double height = placed.height - 5;
            svg::rect(out_, "note", at_.texts, placed.y + 2, at_.texts_end - at_.texts, height);
            svg::rect(out_, fmt::format("edge {}", svg::css(tone)), at_.texts, placed.y + 2, 3,
                      height);
        }
        for (const PlacedText& text : placed.texts) {
            svg::text(out_, text);
        }
    }

    void segment(const PlacedRow& placed, const LadderArrow& arrow) {
        const bool out = arrow.direction == Direction::out;
        out_ += fmt::format("<g class=\"seg {}{}{}{}\" id=\"{}{}\"><title>{}", out ? "out" : "in",
                            arrow.lost ? " lost" : "", arrow.altered ? " altered" : "",
                            arrow.retransmission ? " again" : "", drawn_.prefix,
                            segment_anchor(drawn_.ladder, arrow.number), xml_text(arrow.label));
        told(arrow);
        out_ += fmt::format(
            "</title><rect class=\"hit\" fill=\"none\" pointer-events=\"all\" x=\"0\" y=\"{}\" "
            "width=\"{}\" height=\"{}\"/>",
            svg::px(placed.y), svg::px(at_.width), svg::px(placed.height));
        shaft(*placed.arrow, svg::css(arrow.tone));
        texts(placed);
        badges(placed);
        out_ += "</g>\n";
    }

    /// All fields, in the wide drawing only: where a narrow one is seen no pointer hovers.
    void told(const LadderArrow& arrow) {
        if (at_.inside) {
            return;
        }
        for (const auto& [name, value] : arrow.fields) {
            out_ += fmt::format("\n{}: {}", name, xml_text(value));
        }
        out_ += fmt::format("\nNotation: {}", xml_text(arrow.notation));
    }

    void shaft(const PlacedArrow& arrow, std::string_view tone) {
        const std::string classes = fmt::format("shaft {}{}", tone, arrow.altered ? " dashed" : "");
        svg::line(out_, classes, arrow.tail_x, arrow.tail_y, arrow.head_x, arrow.head_y);
        const double x = arrow.head_x;
        const double y = arrow.head_y;
        if (arrow.lost) {
            out_ += fmt::format("<path class=\"cross\" d=\"M{} {}l12 12m0 -12l-12 12\"/>",
                                svg::px(x - 6), svg::px(y - 6));
            return;
        }
        const double back = arrow.head_x > arrow.tail_x ? -head_length : head_length;
        out_ += fmt::format("<path class=\"head {}\" d=\"M{} {}L{} {}L{} {}z\"/>", tone, svg::px(x),
                            svg::px(y), svg::px(x + back), svg::px(y - head_half),
                            svg::px(x + back), svg::px(y + head_half));
    }

    void badges(const PlacedRow& placed) {
        if (!placed.arrow) {
            return;
        }
        const std::size_t most = at_.inside ? 1 : 2;
        double x = at_.badges;
        for (std::size_t i = 0; i < std::min(placed.badges.size(), most); ++i) {
            svg::link(out_, fmt::format("#{}v{}", drawn_.prefix, placed.badges[i]),
                      {x, placed.arrow->tail_y + 4, Anchor::start, Face::small, Tone::strong,
                       fmt::format("V{}", placed.badges[i])});
            x += badge_width;
        }
    }

    void rests_on(const PlacedRow& placed, const Judged& judged) {
        if (!placed.rests_y) {
            return;
        }
        out_ += fmt::format("<text class=\"sm faint\" x=\"{}\" y=\"{}\">V{} rests on",
                            svg::px(at_.texts + 10), svg::px(*placed.rests_y), placed.verdict);
        std::size_t named = 0;
        const std::size_t most = at_.inside ? 5 : 14;
        for (const std::size_t number : judged.segments) {
            if (named++ == most) {
                out_ += " \u2026";
                break;
            }
            out_ += fmt::format(" <a href=\"#{}{}\"><tspan class=\"ref\">#{}</tspan></a>",
                                drawn_.prefix, segment_anchor(drawn_.ladder, number), number + 1);
        }
        out_ += "</text>";
    }

    std::string& out_;
    const LadderDrawn& drawn_;
    const LadderGeometry& at_;
    double from_;
    double to_;
};

}  // namespace

void draw_slice(std::string& out, const LadderDrawn& drawn, double from, double to) {
    Slice{out, drawn, from, to}.draw();
}

std::string segment_anchor(const Ladder& ladder, std::size_t segment) {
    return fmt::format("c{}s{}", ladder.connection, segment + 1);
}

char timer_letter(Timer timer) noexcept {
    switch (timer) {
        case Timer::retransmission:
            return 'R';
        case Timer::zero_window:
            return 'Z';
        case Timer::keep_alive:
            return 'K';
        case Timer::time_wait:
            return 'T';
        case Timer::fin_wait_2:
            return 'F';
        case Timer::user:
            return 'U';
        case Timer::delayed_ack:
            return 'D';
    }
    return '?';
}

}  // namespace tcpcraft
