#include <algorithm>
#include <map>
#include <utility>

#include <fmt/format.h>

#include <libtcpcraft/report/ladder_layout.hpp>
#include <libtcpcraft/trace/wrapped.hpp>

namespace tcpcraft {

namespace {

constexpr double label_line = 16;
constexpr double small_line = 14;
constexpr double slope = 8;  // time goes by while a segment is on its way
constexpr double above_arrow = 5;
constexpr double margin = 7;   // below a row
constexpr double sheet = 820;  // pixels of a ladder on one sheet of paper
constexpr double lost_part = 0.72;
constexpr std::size_t short_address = 22;

constexpr LadderGeometry wide{.width = 900,
                              .time_end = 74,
                              .lanes = 84,
                              .lane_step = 12,
                              .lane_count = 3,
                              .us_end = 224,
                              .us_line = 232,
                              .peer_line = 706,
                              .line_width = 12,
                              .peer_names = 726,
                              .badges = 836,
                              .texts = 130,
                              .texts_end = 826,
                              .label_columns = 57,
                              .more_columns = 66,
                              .text_columns = 89,
                              .inside = false};
constexpr LadderGeometry narrow{.width = 360,
                                .time_end = 0,
                                .lanes = 0,
                                .lane_step = 8,
                                .lane_count = 1,
                                .us_end = 0,
                                .us_line = 12,
                                .peer_line = 324,
                                .line_width = 10,
                                .peer_names = 0,
                                .badges = 336,
                                .texts = 10,
                                .texts_end = 346,
                                .label_columns = 37,
                                .more_columns = 44,
                                .text_columns = 47,
                                .inside = true};

std::string peer_name(const Ladder& ladder, State state) {
    return (ladder.ends ? "" : "~") + std::string{text(state)};
}

/// Puts rows below each other.
class Typesetter {
public:
    Typesetter(const Ladder& ladder, const LadderGeometry& geometry, std::size_t first_verdict)
        : ladder_{ladder}, at_{geometry}, verdicts_{first_verdict} {}

    LadderLayout made() && {
        collect_badges();
        heading();
        for (std::size_t i = 0; i < ladder_.shown(); ++i) {
            if (i == ladder_.head.size() && ladder_.left_out() > 0) {
                gap();
            }
            place(ladder_.row(i));
        }
        y_ += margin;
        end_states();
        timers();
        out_.height = y_;
        out_.cuts.push_back(y_);
        return std::move(out_);
    }

private:
    [[nodiscard]] double inner_from() const { return at_.us_line + at_.line_width; }
    [[nodiscard]] double middle() const { return (inner_from() + at_.peer_line) / 2; }

    void collect_badges() {
        std::size_t number = verdicts_;
        for (std::size_t i = 0; i < ladder_.shown(); ++i) {
            const LadderRow& row = ladder_.row(i);
            if (!row.verdict) {
                continue;
            }
            ++number;
            for (const std::size_t segment : row.verdict->segments) {
                badges_[segment].push_back(number);
            }
        }
    }

    void heading() {
        const std::string us = ladder_.ends ? ladder_.ends->us : "us";
        const std::string peer = ladder_.ends ? ladder_.ends->peer : "peer (inferred)";
        const std::string remote =
            ladder_.id.remote.port.value == 0 ? "any peer" : ladder_.id.remote.text();
        const double right = at_.peer_line + at_.line_width;
        const auto put = [this](double x, double y, Anchor anchor, Face face, Tone tone,
                                std::string words) {
            out_.heading.push_back({x, y, anchor, face, tone, std::move(words)});
        };
        if (at_.inside) {
            put(at_.us_line, 16, Anchor::start, Face::state, Tone::strong, us);
            put(right, 16, Anchor::end, Face::state, Tone::strong, peer);
            put(at_.us_line, 32, Anchor::start, Face::small, Tone::faint, ladder_.id.local.text());
            put(right, 48, Anchor::end, Face::small, Tone::faint, remote);
            y_ = 58;
        } else {
            put(at_.us_end, 16, Anchor::end, Face::state, Tone::strong, us);
            put(at_.peer_names, 16, Anchor::start, Face::state, Tone::strong, peer);
            const std::string local = ladder_.id.local.text();
            const bool short_one = local.size() <= short_address;
            put(short_one ? at_.us_end : at_.lanes, 34, short_one ? Anchor::end : Anchor::start,
                Face::small, Tone::faint, local);
            const bool room = remote.size() <= short_address;
            put(room ? at_.peer_names : at_.width - 8, 34, room ? Anchor::start : Anchor::end,
                Face::small, Tone::faint, remote);
            y_ = 44;
        }
        us_ = ladder_.first_us;
        peer_ = ladder_.first_peer;
        us_since_ = peer_since_ = y_;
        out_.cuts.push_back(0);
        states(y_ + 14, us_, peer_, out_.heading);
        y_ += 22;
    }

    /// Their names, where they are new.
    void states(double y, std::optional<State> us, std::optional<State> peer,
                std::vector<PlacedText>& into) const {
        const double gap = 6;
        const auto put = [&](double x, Anchor anchor, std::string words) {
            into.push_back({x, y, anchor, Face::state, Tone::strong, std::move(words)});
        };
        if (us) {
            put(at_.inside ? inner_from() + gap : at_.us_end,
                at_.inside ? Anchor::start : Anchor::end, std::string{text(*us)});
        }
        if (peer) {
            put(at_.inside ? at_.peer_line - gap : at_.peer_names,
                at_.inside ? Anchor::end : Anchor::start, peer_name(ladder_, *peer));
        }
    }

    void change(const LadderRow& row, double us_y, double peer_y) {
        if (row.us != us_) {
            out_.states.push_back({true, us_, us_since_, us_y});
            us_ = row.us;
            us_since_ = us_y;
        }
        if (row.peer != peer_) {
            out_.states.push_back({false, peer_, peer_since_, peer_y});
            peer_ = row.peer;
            peer_since_ = peer_y;
        }
    }

    void end_states() {
        out_.states.push_back({true, us_, us_since_, y_});
        out_.states.push_back({false, peer_, peer_since_, y_});
    }

    void gap() {
        PlacedRow made{.y = y_, .height = 30};
        made.texts.push_back({middle(), y_ + 19, Anchor::middle, Face::small, Tone::unusual,
                              fmt::format("\u22ee {} rows left out", ladder_.left_out())});
        gap_y_ = y_ + 15;
        finish(std::move(made));
    }

    void place(const LadderRow& row) {
        PlacedRow made{.row = &row, .y = y_};
        if (row.arrow) {
            segment(row, *row.arrow, made);
        } else if (row.verdict) {
            made.verdict = ++verdicts_;
            verdict(*row.verdict, made);
        } else if (row.across) {
            change(row, y_, y_);
            made.height = across(row.text, row.tone, y_ + label_line + 2, made) - label_line +
                          margin + 4 - made.y;
        } else {
            words(row, made);
        }
        finish(std::move(made));
    }

    void finish(PlacedRow made) {
        if (made.y + made.height - out_.cuts.back() > sheet) {
            out_.cuts.push_back(made.y);
        }
        if (made.row != nullptr) {
            middles_[made.row->id] = made.arrow ? made.arrow->tail_y : made.y + made.height / 2;
        }
        y_ = made.y + made.height;
        out_.rows.push_back(std::move(made));
    }

    /// The time, and the states that are new; where they stand inside, on a line of their own.
    double margins(const LadderRow& row, double y, PlacedRow& made) const {
        const std::string time = time_text(row.at);
        std::string shown = time.substr(std::min(time.find_first_not_of(' '), time.size()));
        const std::string number = row.arrow ? fmt::format("#{}", row.arrow->number + 1) : "";
        if (at_.inside) {
            shown += number.empty() ? "" : "  " + number;
        } else if (row.arrow) {
            made.texts.push_back(
                {at_.time_end, y + label_line, Anchor::end, Face::small, Tone::faint, number});
        }
        made.texts.push_back({at_.inside ? middle() : at_.time_end, y,
                              at_.inside ? Anchor::middle : Anchor::end, Face::small, Tone::faint,
                              shown});
        states(y, row.us != us_ ? std::optional{row.us} : std::nullopt,
               row.peer != peer_ ? std::optional{row.peer} : std::nullopt, made.texts);
        return at_.inside ? small_line : 0;
    }

    double lines(const std::string& all, std::size_t columns, double y, double line, Face face,
                 Tone tone, PlacedRow& made) const {
        for (const std::string& piece : wrapped(all, columns)) {
            made.texts.push_back({middle(), y, Anchor::middle, face, tone, piece});
            y += line;
        }
        return y;
    }

    void segment(const LadderRow& row, const LadderArrow& arrow, PlacedRow& made) {
        const bool out = arrow.direction == Direction::out;
        double y = y_ + label_line;
        y += margins(row, y, made);
        y = lines(arrow.label, at_.label_columns, y, label_line, Face::label, arrow.tone, made);
        const double tail_y = y - label_line + above_arrow;
        const double head_y = tail_y + slope;
        place_arrow(arrow, tail_y, made);
        change(row, out ? tail_y : head_y, out ? head_y : tail_y);
        y = head_y + small_line;
        for (const std::string& more : arrow.more) {
            y = lines(more, at_.more_columns, y, small_line, Face::small, Tone::faint, made);
        }
        for (const Remark& remark : arrow.remarks) {
            y = lines(remark.text, at_.more_columns, y, small_line, Face::small, remark.tone, made);
        }
        made.height = y - small_line + margin - made.y;
        if (const auto found = badges_.find(arrow.number); found != badges_.end()) {
            made.badges = found->second;
        }
    }

    void place_arrow(const LadderArrow& arrow, double y, PlacedRow& made) const {
        const double left = inner_from() + 1;
        const double right = at_.peer_line - 1;
        const bool out = arrow.direction == Direction::out;
        const double reach = (right - left) * (arrow.lost ? lost_part : 1);
        const double drop = slope * (arrow.lost ? lost_part : 1);
        made.arrow = PlacedArrow{.tail_x = out ? left : right,
                                 .tail_y = y,
                                 .head_x = out ? left + reach : right - reach,
                                 .head_y = y + drop,
                                 .lost = arrow.lost,
                                 .altered = arrow.altered};
    }

    void words(const LadderRow& row, PlacedRow& made) {
        double y = y_ + label_line - 2;
        const double at = y - 4;
        y += margins(row, y, made);
        change(row, at, at);
        if (!row.text.empty()) {
            y = lines(row.text, at_.more_columns, y, small_line, Face::small, row.tone, made);
            y -= small_line;
        }
        made.height = y + margin - made.y;
    }

    /// In a frame over both lifelines.
    double across(const std::string& words, Tone tone, double y, PlacedRow& made) const {
        made.framed = true;
        for (const std::string& piece : wrapped(words, at_.text_columns)) {
            made.texts.push_back({at_.texts + 10, y, Anchor::start,
                                  at_.inside ? Face::small : Face::prose, tone, piece});
            y += label_line;
        }
        return y;
    }

    void verdict(const Judged& judged, PlacedRow& made) const {
        double y = y_ + label_line + 4;
        const std::string all = fmt::format("V{} {}", made.verdict, verdict_text(judged, true));
        y = across(all, tone_of(judged.verdict), y, made);
        if (!judged.segments.empty()) {
            made.rests_y = y;
            y += label_line;
        }
        made.height = y - label_line + margin + 4 - made.y;
    }

    /// Bars in the first lane that is free.
    void timers() {
        std::vector<double> busy(at_.lane_count, -1);
        for (const LadderTimer& timer : ladder_.timers) {
            const double from = y_of(timer.from);
            const double to = timer.to ? y_of(*timer.to) : y_;
            auto lane = std::ranges::find_if(busy, [from](double until) { return until < from; });
            if (lane == busy.end()) {
                lane = std::ranges::min_element(busy);
            }
            *lane = to + 12;  // the letter above the next one needs its room
            out_.timers.push_back({&timer, static_cast<std::size_t>(lane - busy.begin()), from,
                                   std::max(to, from + 4)});
        }
    }

    [[nodiscard]] double y_of(std::size_t id) const {
        const auto found = middles_.find(id);
        return found == middles_.end() ? gap_y_ : found->second;
    }

    const Ladder& ladder_;
    const LadderGeometry& at_;
    LadderLayout out_{};
    double y_{0};
    double gap_y_{0};
    State us_{};
    State peer_{};
    double us_since_{0};
    double peer_since_{0};
    std::size_t verdicts_;
    std::map<std::size_t, std::vector<std::size_t>> badges_{};
    std::map<std::size_t, double> middles_{};
};

}  // namespace

const LadderGeometry& wide_ladder() noexcept { return wide; }
const LadderGeometry& narrow_ladder() noexcept { return narrow; }

LadderLayout lay_out(const Ladder& ladder, const LadderGeometry& geometry,
                     std::size_t first_verdict) {
    return Typesetter{ladder, geometry, first_verdict}.made();
}

}  // namespace tcpcraft
