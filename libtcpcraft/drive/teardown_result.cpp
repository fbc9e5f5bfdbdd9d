#include <algorithm>
#include <array>
#include <set>

#include <fmt/format.h>

#include <libtcpcraft/drive/describe.hpp>
#include <libtcpcraft/drive/judging.hpp>
#include <libtcpcraft/drive/teardown.hpp>

namespace tcpcraft {

using namespace std::chrono_literals;

namespace {

using Sightings = std::vector<Sighting>;

Seq end_of(const Sighting& seen) { return seen.seq + seen.len; }

/// FINs of one direction that end at the same number as the first of them.
std::vector<const Sighting*> fins(const Sightings& all, Direction direction) {
    std::vector<const Sighting*> found;
    for (const Sighting& seen : all) {
        const bool fin = seen.direction == direction && seen.flags.has(Flag::fin) &&
                         !seen.altered && !seen.stray;
        if (fin && (found.empty() || end_of(*found.front()) == end_of(seen))) {
            found.push_back(&seen);
        }
    }
    return found;
}

std::vector<Duration> spacing(const std::vector<const Sighting*>& seen) {
    std::vector<Duration> between;
    for (std::size_t i = 1; i < seen.size(); ++i) {
        between.push_back(seen[i]->at - seen[i - 1]->at);
    }
    return between;
}

/// Where the whole of our FIN, seen last at `fin`, is acknowledged.
const Sighting* ack_of(const Sightings& all, const Sighting& fin) {
    const auto found = std::ranges::find_if(all, [&](const Sighting& seen) {
        return seen.direction == Direction::in && !seen.stray && seen.number > fin.number &&
               seen.flags.has(Flag::ack) && !seen.flags.has(Flag::rst) &&
               at_or_before(end_of(fin), seen.ack);
    });
    return found == all.end() ? nullptr : &*found;
}

void measure_our_close(const Sightings& all, const std::vector<const Sighting*>& ours,
                       const std::vector<const Sighting*>& theirs, TeardownMeasurements& made) {
    const auto sent =
        std::count_if(ours.begin(), ours.end(), [](const Sighting* fin) { return !fin->lost; });
    const Sighting* acked = ack_of(all, *ours.front());
    if (acked == nullptr) {
        return;
    }
    if (sent == 1) {  // else nobody knows which of them was answered
        const auto arrived = std::ranges::find_if(ours, [](const Sighting* f) { return !f->lost; });
        made.ack_delay = acked->at - (*arrived)->at;
    }
    if (theirs.empty() || theirs.front()->number < ours.front()->number) {
        return;
    }
    made.segments = theirs.front() == acked ? 3U : 4U;
    if (theirs.front()->number < acked->number) {
        return;  // the FINs crossed: it closed before it knew of ours
    }
    made.half_closed = theirs.front()->at - acked->at;
    Seq highest = acked->seq;
    for (const Sighting& seen : all) {
        if (seen.direction == Direction::in && !seen.stray && seen.number > ours.front()->number) {
            highest = later(highest, end_of(seen));
        }
    }
    made.half_closed_octets =
        static_cast<std::size_t>(std::max(0, distance(acked->seq, highest) - 1));
}

std::optional<Duration> quiet_before_probe(const Sightings& all) {
    const auto probe = std::find_if(all.rbegin(), all.rend(), [](const Sighting& seen) {
        return seen.direction == Direction::out && seen.altered;
    });
    const auto before =
        std::find_if(probe, all.rend(), [](const Sighting& seen) { return !seen.altered; });
    return before == all.rend() ? std::nullopt : std::optional{probe->at - before->at};
}

/// By a RST that answers nothing of ours.
std::optional<Duration> left_by_reset(const Sightings& all) {
    const bool reset = all.size() > 1 && all.back().direction == Direction::in &&
                       all.back().flags.has(Flag::rst) && !all.back().stray;
    if (!reset) {
        return std::nullopt;
    }
    const Sighting& before = all[all.size() - 2];
    const bool waited =
        before.peer_state == State::fin_wait_2 || before.peer_state == State::time_wait;
    return waited && !before.altered ? std::optional{all.back().at - before.at} : std::nullopt;
}

TeardownMeasurements measure(const Sightings& all) {
    TeardownMeasurements made;
    const auto ours = fins(all, Direction::out);
    const auto theirs = fins(all, Direction::in);
    made.fin_spacing = spacing(theirs);
    made.our_fin_spacing = spacing(ours);
    made.quiet_before_probe = quiet_before_probe(all);
    made.left_by_reset = left_by_reset(all);
    if (theirs.size() > 1) {
        made.fin_total = theirs.back()->at - theirs.front()->at;
    }
    if (!ours.empty()) {
        measure_our_close(all, ours, theirs, made);
    }
    return made;
}

// --- the verdict ---------------------------------------------------------------------------------

/// The row that a scenario is about; its finding gives the text when all is well.
std::span<const std::string_view> rows_of(Teardown scenario) {
    static constexpr std::array<std::array<std::string_view, 3>, 17> rows{{
        {"T-01"},
        {"T-40"},
        {"T-22", "T-01"},
        {"T-33", "T-21"},
        {"T-34"},
        {"R-01"},
        {"R-02"},
        {"R-03"},
        {"R-08"},
        {"T-31", "T-01"},
        {"T-11"},
        {"T-42", "T-43"},
        {"T-49"},
        {"T-13", "T-11"},
        {"T-38", "T-05", "T-58"},
        {"T-41"},
        {"T-55"},
    }};
    return rows[static_cast<std::size_t>(scenario)];
}

const Finding* deciding(const std::vector<Finding>& findings, Teardown scenario) {
    const Finding* worst = nullptr;
    for (const Finding& finding : findings) {
        if (worst == nullptr || rank(finding.judged.verdict) > rank(worst->judged.verdict)) {
            worst = &finding;
        }
    }
    if (worst == nullptr || worst->judged.verdict != Verdict::conforms) {
        return worst;
    }
    for (const std::string_view row : rows_of(scenario)) {
        for (auto finding = findings.rbegin(); finding != findings.rend(); ++finding) {
            if (finding->judged.id == row && !row.empty()) {
                return &*finding;
            }
        }
    }
    return worst;
}

std::string times(const std::vector<Duration>& between) {
    std::string told;
    Duration total{};
    for (const Duration one : between) {
        total += one;
        told += fmt::format("{}+{:.{}f}", told.empty() ? "" : ", ", seconds(total),
                            total < std::chrono::milliseconds{100} ? 3 : 1);
    }
    told += " s";
    std::string ratios;
    for (std::size_t i = 1; i < between.size(); ++i) {
        ratios += fmt::format("{}{:.1f}", ratios.empty() ? "" : ", ",
                              seconds(between[i]) / std::max(1e-6, seconds(between[i - 1])));
    }
    return ratios.empty() ? told : fmt::format("{} (pauses grow by {})", told, ratios);
}

std::string tell(const TeardownMeasurements& made) {
    std::string told;
    const auto add = [&told](const std::string& what) { told += "; " + what; };
    if (made.ack_delay) {
        add("its ACK came after " + spoken(*made.ack_delay));
    }
    if (made.segments == 3U) {
        add("three segments");
    } else if (made.segments == 4U && !made.half_closed) {
        add("four segments: its FIN and ours crossed");
    } else if (made.segments == 4U) {
        add(fmt::format("four segments: its FIN {} later", spoken(*made.half_closed)));
    }
    if (made.half_closed_octets > 0) {
        add(fmt::format("{} octets in between", made.half_closed_octets));
    }
    if (!made.our_fin_spacing.empty()) {
        add("our FIN again at " + times(made.our_fin_spacing));
    }
    if (!made.fin_spacing.empty()) {
        add("its FIN again at " + times(made.fin_spacing));
    }
    if (made.gave_up) {
        add("its next one, due after " + spoken(*made.gave_up) + ", did not come");
    }
    return told;
}

// MUST-19, RFC 6298 §5.5: after a tail loss probe two pauses may be equal, but not all.
void judge_spacing(TeardownResult& result) {
    const std::vector<Duration>& pauses = result.measured.fin_spacing;
    // A FIN that came twice or late makes one pause short and another long.
    const auto [least, most] = std::minmax_element(pauses.begin(), pauses.end());
    const bool same = pauses.size() >= 4 && 2 * *most < 3 * *least;
    if (same && result.verdict.verdict == Verdict::conforms) {
        result.verdict.verdict = Verdict::violates;
        result.verdict.rule = "RFC 9293 §3.8.1 (MUST-19); RFC 6298 §5.5";
        result.verdict.text =
            "its FIN came again and again, and the pauses did not grow" + tell(result.measured);
        result.exit_status = exit_status_of(Verdict::violates);
    }
}

// SHLD-11. When the next FIN was due, and did not come, is when the peer had given up.
void judge_giving_up(TeardownResult& result) {
    const auto& after = result.measured.gave_up;
    if (after && *after < 100s && result.verdict.verdict == Verdict::conforms) {
        result.verdict.verdict = Verdict::permitted_deviation;
        result.verdict.rule = "RFC 9293 §3.8.3 (SHLD-11)";
        result.verdict.text =
            "gave up within " + spoken(*after) + ": R2 should be 100 s" + tell(result.measured);
    }
}

}  // namespace

TeardownResult judge_teardown(const Session& session, const TeardownRequest& request) {
    TeardownResult result;
    result.name = std::string{text(request.scenario)};
    result.findings = session.findings();
    result.measured = measure(session.connection().sightings());
    result.measured.gave_up = session.gave_up_after();
    const Sightings& all = session.connection().sightings();
    result.took = all.empty() ? Duration{} : all.back().at - all.front().at;
    const Outcome& outcome = *session.outcome();
    const Finding* found = deciding(result.findings, request.scenario);
    const bool bad = found != nullptr && exit_status_of(found->judged.verdict) != 0;
    if (found != nullptr && (outcome.ending == Ending::completed || bad)) {
        result.verdict = found->judged;
        result.exit_status = exit_status_of(found->judged.verdict);
        if (!bad) {
            result.verdict.text += tell(result.measured);
        }
    } else {
        judge_end(outcome, result.verdict, result.exit_status);
        result.verdict.segments = outcome.segments;
    }
    std::set<std::size_t> segments{result.verdict.segments.begin(), result.verdict.segments.end()};
    for (const Finding& finding : result.findings) {
        result.peer_did_not_close |= (finding.judged.id == "T-30" || finding.judged.id == "T-55") &&
                                     finding.judged.verdict == Verdict::inconclusive &&
                                     finding.flags.none();
        segments.insert(finding.judged.segments.begin(), finding.judged.segments.end());
    }
    result.verdict.segments.assign(segments.begin(), segments.end());
    result.verdict.id = result.name;
    judge_spacing(result);
    judge_giving_up(result);
    doubt(outcome, result.verdict, result.exit_status, found != nullptr && found->flags.none());
    return result;
}

}  // namespace tcpcraft
