#include <algorithm>

#include <fmt/format.h>
#include <tools/cli/outcome.hpp>
#include <tools/keepalive_outcome.hpp>

namespace tcpcraft::cli {

namespace {

using Verb = KeepAliveOptions::Verb;

const std::vector<KeepAliveProbe>& probes_of(Verb verb, const KeepAliveFinding& found) {
    return verb == Verb::learn ? found.learnt.probes : found.probe.probes;
}

std::optional<KeepAliveEnding> ending_of(Verb verb, const KeepAliveFinding& found) {
    return verb == Verb::learn ? found.learnt.ending : found.probe.ending;
}

TimelineEnd as_end(const std::optional<KeepAliveEnding>& ending) {
    if (!ending) {
        return TimelineEnd::unseen;
    }
    switch (*ending) {
        case KeepAliveEnding::answered:
            return TimelineEnd::alive;
        case KeepAliveEnding::reset:
            return TimelineEnd::reset_by_peer;
        case KeepAliveEnding::silent:
            return TimelineEnd::silent;
        case KeepAliveEnding::fin:
            return TimelineEnd::fin;
    }
    return TimelineEnd::unseen;
}

std::string told(const KeepAliveProbe& probe, std::size_t number) {
    std::string made = fmt::format("probe {}: {} octet{} at SND.NXT{:+d}{}", number, probe.len,
                                   probe.len == 1 ? "" : "s", probe.seq_offset,
                                   probe.timestamps ? ", timestamps" : "");
    if (!probe.answer) {
        return made + "; no answer";
    }
    return made + fmt::format("; {} after {}", probe.reset ? "RST" : "answered",
                              probe.delay ? spoken(*probe.delay) : "some time");
}

/// The last time before `first` that anything was said: the silence begins there.
Instant silent_since(const Session& session, Instant first) {
    Instant made = session.connection().measured().first_heard;
    for (const Sighting& seen : session.connection().sightings()) {
        if (seen.at < first) {
            made = std::max(made, seen.at);
        }
    }
    return made;
}

Instant last_seen(const Session& session, Instant otherwise) {
    const auto& seen = session.connection().sightings();
    return seen.empty() ? otherwise : seen.back().at;
}

/// The silences between the probes, one bar each, and a mark for each probe and each answer.
TimelineRow row_of(Verb verb, const KeepAliveShown& shown, Instant now) {
    const auto& probes = probes_of(verb, shown.found);
    TimelineRow row{.label = fmt::format("conn. {}", shown.found.connection)};
    Instant from = shown.session->connection().measured().first_heard;
    for (std::size_t i = 0; i < probes.size(); ++i) {
        const KeepAliveProbe& probe = probes[i];
        from = i == 0 ? silent_since(*shown.session, probe.at) : from;
        const std::string what = told(probe, i + 1);
        row.bars.push_back({from, probe.at, TimelineEnd::probe,
                            fmt::format("{} of silence, then {}", spoken(probe.at - from), what)});
        row.marks.push_back({probe.at, verb == Verb::probe, what});
        if (probe.delay) {
            row.marks.push_back(
                {probe.at + *probe.delay, verb == Verb::learn, probe.reset ? "RST" : "its answer"});
        }
        from = probe.at;
    }
    const auto ending = ending_of(verb, shown.found);
    const bool at_once = ending && *ending != KeepAliveEnding::silent;
    const Instant to = at_once ? last_seen(*shown.session, now) : now;
    row.bars.push_back({from, std::max(from, to), as_end(ending),
                        ending ? fmt::format("in the end: {}", text(*ending))
                               : std::string{"nobody looked any longer"}});
    return row;
}

/// When the next probe was due as the run ended, if its spacing is known.
void add_expected(const KeepAliveShown& shown, Timeline& timeline) {
    const LearnResult& learnt = shown.found.learnt;
    if (learnt.probes.empty() || learnt.ending || !learnt.interval) {
        return;
    }
    timeline.lines.push_back({learnt.probes.back().at + *learnt.interval, "next one expected"});
    const LearnProgress progress = learn_progress(shown.session->connection().sightings());
    if (progress.ends_at != never) {
        timeline.lines.push_back(
            {progress.ends_at, fmt::format("gives up, after {} probes", progress.expected)});
    }
}

Timeline timeline_of(Verb verb, const std::vector<KeepAliveShown>& all, Instant now) {
    Timeline made{.title =
                      verb == Verb::learn ? "The peer's probes over time" : "Our probes over time"};
    made.about = verb == Verb::learn
                     ? "Each bar is a silence; a mark on it is a probe of the peer's."
                     : "Each bar is a silence; a mark on it is a probe of ours, or its answer.";
    for (const KeepAliveShown& one : all) {
        if (made.rows.size() == most_timeline_rows) {
            ++made.left_out;
            continue;
        }
        made.rows.push_back(row_of(verb, one, now));
    }
    if (verb == Verb::learn && all.size() == 1) {
        add_expected(all.front(), made);
    }
    return made;
}

/// The same without the long silence before: two hours leave no room for what comes behind them.
Timeline from_first_probe(const Timeline& whole) {
    Timeline made = whole;
    made.title += ", from the first one on";
    made.about.clear();
    std::vector<TimelineBar>& bars = made.rows.front().bars;
    bars.erase(bars.begin());
    return made;
}

std::string form_of(const KeepAliveProbe& probe) {
    return fmt::format("{} octet{} at SND.NXT{:+d}, {} timestamps", probe.len,
                       probe.len == 1 ? "" : "s", probe.seq_offset,
                       probe.timestamps ? "with" : "without");
}

std::vector<RunFact> learnt_facts(const LearnResult& learnt) {
    Facts facts;
    facts.add("Idle", learnt.idle)
        .add("Interval", learnt.interval)
        .add("Probes before the end", learnt.count)
        .add("Probes seen", fmt::format("{}", learnt.probes.size()));
    if (learnt.ending) {
        facts.add("Ending", std::string{text(*learnt.ending)});
    }
    if (!learnt.profile.empty()) {
        facts.add("Profile", learnt.profile);
    }
    if (!learnt.probes.empty()) {
        facts.add("Form of a probe", form_of(learnt.probes.front()));
    }
    return facts.take();
}

std::vector<RunFact> probe_facts(const KeepAliveProbeResult& probe) {
    Facts facts;
    facts.add("Probes sent", fmt::format("{}", probe.sent))
        .add("Answered", fmt::format("{}", probe.answered))
        .add("The peer's TCP is alive", probe.alive);
    if (probe.ending) {
        facts.add("Ending", std::string{text(*probe.ending)});
    }
    facts.add("Silence until it was declared dead", probe.dead_after);
    if (!probe.unreachable.empty()) {
        facts.add("Unreachable", probe.unreachable);
    }
    return facts.take();
}

}  // namespace

RunOutcome keep_alive_outcome(Verb verb, const KeepAliveConclusion& conclusion,
                              const std::vector<KeepAliveShown>& all, Instant now) {
    RunOutcome made{.exit_status = conclusion.exit_status, .summary = conclusion.summary};
    const std::string name = verb == Verb::learn ? "learn" : "probe";
    for (const KeepAliveShown& one : all) {
        const KeepAliveFinding& found = one.found;
        const Judged& verdict = verb == Verb::learn ? found.learnt.verdict : found.probe.verdict;
        made.cases.push_back(case_of(
            all.size() == 1 ? name : fmt::format("{}, connection {}", name, found.connection),
            verdict, found.exit_status, found.summary));
    }
    if (all.empty()) {
        made.cases.push_back(case_of(name, {}, conclusion.exit_status, conclusion.summary));
        return made;
    }
    if (all.size() == 1) {
        made.facts = verb == Verb::learn ? learnt_facts(all.front().found.learnt)
                                         : probe_facts(all.front().found.probe);
    }
    made.timelines.push_back(timeline_of(verb, all, now));
    if (all.size() == 1 && probes_of(verb, all.front().found).size() > 1) {
        made.timelines.push_back(from_first_probe(made.timelines.front()));
    }
    return made;
}

}  // namespace tcpcraft::cli
