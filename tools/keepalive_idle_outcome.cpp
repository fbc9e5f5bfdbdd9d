#include <algorithm>

#include <fmt/format.h>
#include <tools/cli/outcome.hpp>
#include <tools/keepalive_idle_outcome.hpp>

namespace tcpcraft::cli {

namespace {

using Kind = IdleTrialResult::Kind;

TimelineEnd end_of(const IdleTrialResult& result) {
    switch (result.kind) {
        case Kind::alive:
            return TimelineEnd::alive;
        case Kind::silent:
            return TimelineEnd::silent;
        case Kind::reset:
            return result.sender == ResetSender::peer   ? TimelineEnd::reset_by_peer
                   : result.sender == ResetSender::path ? TimelineEnd::reset_by_path
                                                        : TimelineEnd::reset;
        case Kind::fin:
            return TimelineEnd::fin;
        case Kind::icmp:
            return TimelineEnd::icmp;
        case Kind::unopened:
        case Kind::cut_short:
            break;
    }
    return TimelineEnd::ended;
}

std::vector<RunFact> facts_of(const IdleOptions& options, const IdleReport& report) {
    const IdleConclusion& found = report.conclusion;
    Facts facts;
    facts.add("Longest silence survived", found.low)
        .add("Shortest silence not survived", found.high);
    if (found.end) {
        facts.add("How it ends", std::string{text(*found.end)});
    }
    if (!found.why.empty()) {
        facts.add("Seen", found.why);
    }
    if (!found.known.empty()) {
        facts.add("Known timeout", found.known);
    }
    facts.add("State", std::string{text(options.state)})
        .add("Resolution", spoken(options.limits.resolution))
        .add("Trials", fmt::format("{}", report.tried.size()))
        .add("Connections", fmt::format("{}", report.connections))
        .add("Took", spoken(report.took));
    if (report.refreshed) {
        facts.add("Refreshed", report.refreshed->text);
    }
    return facts.take();
}

std::vector<std::string> advice_of(const IdleConclusion& found) {
    std::vector<std::string> made;
    if (!found.advised.empty()) {
        made.push_back(found.advised);
    }
    if (found.advice) {
        for (const std::string& line : found.advice->sysctl()) {
            made.push_back("  " + line);
        }
    }
    return made;
}

}  // namespace

void IdlePicture::trial(std::string what, Duration planned, Instant from,
                        const IdleTrialResult& result) {
    trials_.push_back({planned, {.label = std::move(what)}});
    trials_.back().row.bars.push_back(
        {from, from + result.idle, end_of(result),
         fmt::format("{}{}", result.text,
                     result.questions > 1 ? fmt::format("; asked {} times", result.questions)
                                          : std::string{})});
}

void IdlePicture::known(Instant now, const IdleAnswer& answer) {
    const bool same = !brackets_.empty() && brackets_.back().low == answer.low &&
                      brackets_.back().high == answer.high;
    if (!same) {
        brackets_.push_back({now, answer.low, answer.high});
    }
}

Timeline IdlePicture::timeline(const IdleConclusion& found) const {
    Timeline made{.title = "Trials over time"};
    made.about =
        "Each bar is a connection that was left alone, from its beginning to the question whether "
        "it is still there; the shortest silence on top.";
    if (unneeded_ > 0) {
        made.about += fmt::format(
            " {} more were ended before their time, as nothing new would have come of them.",
            unneeded_);
    }
    std::vector<Trial> sorted = trials_;
    std::ranges::stable_sort(sorted, {}, &Trial::planned);
    for (Trial& one : sorted) {
        if (found.low && found.high && !made.divided_at && one.planned > *found.low) {
            made.divided_at = made.rows.size();
            made.divided_by =
                fmt::format("forgotten between {} and {}", spoken(*found.low), spoken(*found.high));
        }
        if (made.rows.size() == most_timeline_rows) {
            ++made.left_out;
        } else {
            made.rows.push_back(std::move(one.row));
        }
    }
    made.brackets = brackets_;
    return made;
}

RunOutcome idle_outcome(const IdleOptions& options, const IdleReport& report,
                        const IdlePicture& picture) {
    RunOutcome made{.exit_status = report.exit_status,
                    .summary = report.summary,
                    .facts = facts_of(options, report),
                    .advice = advice_of(report.conclusion)};
    made.cases.push_back(case_of(fmt::format("idle {}", text(options.state)),
                                 report.conclusion.verdict, report.exit_status, report.summary));
    made.cases.back().took = report.took;
    made.timelines.push_back(picture.timeline(report.conclusion));
    return made;
}

}  // namespace tcpcraft::cli
