#include <set>

#include <fmt/format.h>

#include <libtcpcraft/report/ladder.hpp>
#include <libtcpcraft/report/ladder_svg.hpp>
#include <libtcpcraft/report/pictures.hpp>

namespace tcpcraft {

Shown::Shown(const RunAccount& account, const RunBook& book) : ladders_{book.ladders()} {
    for (const TestCase& test : account.outcome.cases) {
        verdicts_.push_back({test});
    }
    const std::size_t given = verdicts_.size();
    std::size_t number = 0;
    for (const Ladder* ladder : ladders_) {
        first_.push_back(number);
        for (std::size_t i = 0; i < ladder->shown(); ++i) {
            const LadderRow& row = ladder->row(i);
            if (row.arrow) {
                segments_.emplace(row.arrow->number, ladder);
            }
            if (!row.verdict) {
                continue;
            }
            ++number;
            const Judged& judged = *row.verdict;
            const auto same = std::ranges::find_if(verdicts_, [&](const ShownVerdict& one) {
                const auto& on = one.test.segments;
                return one.number == 0 && one.test.text == judged.text &&
                       one.test.verdict == judged.verdict && (on.empty() || on == judged.segments);
            });
            if (same != verdicts_.end()) {
                same->number = number;
                same->test.segments = judged.segments;
            } else if (given == 0) {
                verdicts_.push_back({{.name = judged.id,
                                      .verdict = judged.verdict,
                                      .rule = judged.rule,
                                      .text = judged.text,
                                      .segments = judged.segments},
                                     number});
            }
        }
    }
}

std::string Shown::anchor(std::size_t segment) const {
    const auto found = segments_.find(segment);
    return found == segments_.end() ? "" : segment_anchor(*found->second, segment);
}

std::vector<Rule> Shown::rules() const {
    std::set<Rule> found;
    for (const Ladder* ladder : ladders_) {
        for (std::size_t i = 0; i < ladder->shown(); ++i) {
            found.insert(ladder->row(i).rule);
        }
    }
    found.erase(Rule::none);
    return {found.begin(), found.end()};
}

std::string title_of(const Ladder& ladder) {
    const std::string remote =
        ladder.id.remote.port.value == 0 ? "any peer" : ladder.id.remote.text();
    std::string made = fmt::format("Connection {}: ", ladder.connection);
    if (ladder.ends) {
        made += fmt::format("{} seen by the {}", remote, ladder.ends->us);
    } else {
        made += fmt::format("{} and {}", ladder.id.local.text(), remote);
    }
    return ladder.title.empty() ? made : made + ", " + ladder.title;
}

std::string status_of(const RunOutcome& outcome) {
    return fmt::format("{}: {}", outcome.exit_status, status_words(outcome.exit_status));
}

std::string marked(const TestCase& test) {
    const Tone tone = tone_of(test.verdict);
    const Glyphs& glyph = glyphs(true);
    const std::string_view sign = tone == Tone::good     ? glyph.tick
                                  : tone == Tone::resets ? glyph.cross
                                                         : glyph.query;
    return fmt::format("{} {}", sign,
                       test.word.empty() ? text(test.verdict) : std::string_view{test.word});
}

std::string_view definitions() noexcept {
    return "<defs><pattern id=\"inferred\" patternUnits=\"userSpaceOnUse\" width=\"6\" "
           "height=\"6\" patternTransform=\"rotate(45)\"><path class=\"hatch-line\" "
           "d=\"M0 0V6\"/></pattern></defs>";
}

std::vector<std::string> legend() {
    return {
        "Our states are those of our own state machine; the peer's, hatched and with a ~, are "
        "inferred from the segments alone. Where both ends are simulated, both are true.",
        "A cross instead of an arrow's head: the segment did not reach the other side. A "
        "dashed arrow: it was altered, and is not what the state machine would have sent.",
        "Bars on the left are timers, from when they were set until they fired (a diamond) or "
        "were cleared: R retransmission, Z zero-window, K keep-alive, T TIME-WAIT, F "
        "FIN-WAIT-2, U user timeout, D delayed ACK. Their length is that of the drawing, not "
        "of time.",
        "V1, V2, \u2026 beside a segment: that verdict rests on it."};
}

}  // namespace tcpcraft
