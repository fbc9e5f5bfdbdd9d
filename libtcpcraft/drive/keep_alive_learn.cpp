#include <algorithm>
#include <array>

#include <fmt/format.h>

#include <libtcpcraft/drive/describe.hpp>
#include <libtcpcraft/drive/judging.hpp>
#include <libtcpcraft/drive/keep_alive_profile.hpp>
#include <libtcpcraft/drive/teardown_steps.hpp>

namespace tcpcraft {

using namespace std::chrono_literals;

namespace {

/// The row of the question whether text waited for a window.
constexpr std::string_view window_row = "K-21";

/// What was seen of the pauses.
struct Pauses {
    std::vector<Duration> idle{};      ///< after something of ours
    std::vector<Duration> between{};   ///< after a probe without an answer
    std::size_t unanswered{0};         ///< in a row, at the end
    std::optional<Duration> to_end{};  ///< from the last probe to the RST
};

Duration median(std::vector<Duration> of) {
    std::ranges::sort(of);
    return of[of.size() / 2];
}

// The peer's clock starts when our last segment arrives, and its probe has to travel back.
Pauses pauses_in(const Session& session, const std::vector<KeepAliveProbe>& probes) {
    Pauses made;
    const auto& all = session.connection().sightings();
    const Duration rtt = session.connection().measured().rtt.value_or(0ms);
    std::optional<Instant> last_out;
    std::optional<Instant> last_probe;
    auto probe = probes.begin();
    for (const Sighting& seen : all) {
        if (probe != probes.end() && seen.number == probe->number) {
            if (last_probe) {
                made.between.push_back(seen.at - *last_probe);
            } else if (last_out) {
                made.idle.push_back(seen.at - *last_out - rtt);
            }
            ++made.unanswered;
            last_probe = seen.at;
            ++probe;
        } else if (seen.direction == Direction::out && !seen.lost && !last_probe) {
            last_out = seen.at;
        } else if (seen.direction == Direction::out && !seen.lost && probe != probes.end()) {
            last_out = seen.at;  // an answer: its idle time begins anew
            last_probe.reset();
            made.unanswered = 0;
        } else if (seen.direction == Direction::in && seen.flags.has(Flag::rst) && last_probe) {
            made.to_end = seen.at - *last_probe;
        }
    }
    return made;
}

// §3.8.6.1, SHLD-30: probes of a closed window come at growing intervals, up to a limit. One longer
// pause among equal ones is a probe that got lost.
bool grow(const std::vector<Duration>& between) {
    std::size_t grown = 0;
    for (std::size_t i = 1; i < between.size(); ++i) {
        if (10 * between[i] < 9 * between[i - 1]) {
            return false;
        }
        grown += 2 * between[i] >= 3 * between[i - 1] ? 1U : 0U;
    }
    return grown >= 2;
}

std::string figures(const LearnResult& result) {
    std::string told = "keep-alive";
    if (result.idle) {
        told += " after " + spoken(*result.idle);
    }
    if (result.interval) {
        told += ", every " + spoken(*result.interval);
    }
    told += result.count ? fmt::format(", {} probes, then {}", *result.count,
                                       result.ending ? text(*result.ending) : "an unknown end")
                         : fmt::format(", {} probes seen", result.probes.size());
    if (result.grows) {
        told += ", at growing intervals";
    }
    if (!result.profile.empty()) {
        told += result.profile == "configured"
                    ? ": configured"
                    : fmt::format(": the defaults of {}", result.profile);
    }
    const std::string proportions = proportions_of(result);
    return told + (proportions.empty() ? "" : ", the proportions " + proportions) +
           " (timers of peers are about 1 % exact)";
}

bool text_waited(const Session& session) {
    return std::ranges::any_of(session.findings(), [](const Finding& finding) {
        return finding.judged.id == window_row && finding.judged.verdict == Verdict::conforms;
    });
}

/// Nothing tells the two apart while nobody knows whether text waits.
bool may_be_window_probes(const Session& session) {
    const bool asked = std::ranges::any_of(
        session.findings(), [](const Finding& finding) { return finding.judged.id == window_row; });
    return session.connection().setup().policy.rcv_wnd == 0 && !asked;
}

void judge_window_probes(const Session& session, LearnResult& result) {
    const bool waited = text_waited(session);
    std::string said = "not keep-alive, but probes of the window that we keep shut";
    said += waited ? ": text came as soon as it was opened" : ", at growing intervals";
    if (waited && result.interval && !result.grows) {
        said += fmt::format("; one every {}, as keep-alive has it: the pauses should grow",
                            spoken(*result.interval));
    }
    set(result, "K-20", Verdict::inconclusive, "RFC 9293 §3.8.6.1 (SHLD-30)", std::move(said));
}

void judge_probes(const Session& session, LearnResult& result) {
    const KeepAliveProbe& first = result.probes.front();
    const bool negotiated = session.connection().measured().peer_syn &&
                            session.connection().measured().peer_syn->options.find<Timestamps>() &&
                            session.connection().measured().our_syn &&
                            session.connection().measured().our_syn->options.find<Timestamps>();
    if (result.kind == ProbingKind::zero_window) {
        return judge_window_probes(session, result);
    }
    if (may_be_window_probes(session)) {
        return set(result, "K-20", Verdict::inconclusive, "RFC 9293 §3.8.4; §3.8.6.1",
                   figures(result) +
                       "; or probes of the window that we keep shut, which look the same: with an "
                       "open window (--window) it can be told");
    }
    if (negotiated && !first.timestamps) {
        return set(result, "K-12", Verdict::violates, "RFC 7323 §3.2",
                   figures(result) + "; but without the timestamps that were agreed on");
    }
    if (first.seq_offset != -1) {
        return set(result, "K-12", Verdict::permitted_deviation, "RFC 9293 §3.8.4",
                   fmt::format("{}; its number is SND.NXT{:+}, not SND.NXT-1", figures(result),
                               first.seq_offset));
    }
    if (result.count == 1U) {
        return set(result, "K-14", Verdict::permitted_deviation, "RFC 9293 §3.8.4 (MUST-29)",
                   figures(result) + "; one lost probe is enough to end the connection");
    }
    set(result, "K-12", Verdict::conforms, "RFC 9293 §3.8.4 (MUST-26, SHLD-12)", figures(result));
}

std::optional<KeepAliveEnding> ending_of(const Session& session) {
    const Outcome& outcome = *session.outcome();
    if (outcome.ending == Ending::reset) {
        return KeepAliveEnding::reset;
    }
    const auto told = std::ranges::find_if(
        session.findings(), [](const Finding& finding) { return finding.judged.id == "K-15"; });
    if (told != session.findings().end() && !told->flags.none()) {
        return told->flags.has(Flag::rst) ? KeepAliveEnding::silent : KeepAliveEnding::answered;
    }
    const auto& all = session.connection().sightings();
    const bool closed = std::ranges::any_of(all, [](const Sighting& seen) {
        return seen.direction == Direction::in && seen.flags.has(Flag::fin);
    });
    return closed ? std::optional{KeepAliveEnding::fin} : std::nullopt;
}

void measure(const Session& session, LearnResult& result) {
    result.probes = probes_in(session.connection().sightings(), Direction::in);
    const Pauses pauses = pauses_in(session, result.probes);
    if (!pauses.idle.empty()) {
        result.idle = median(pauses.idle);
    }
    result.ending = ending_of(session);
    if (!pauses.between.empty()) {
        result.interval = median(pauses.between);
    } else if (pauses.to_end) {
        result.interval = pauses.to_end;
    }
    const bool over =
        result.ending == KeepAliveEnding::reset || result.ending == KeepAliveEnding::silent;
    if (over && pauses.unanswered > 0) {
        result.count = pauses.unanswered;
    }
    result.grows = grow(pauses.between);
    // Who finds our window open has no reason to probe it.
    const bool shut = session.connection().setup().policy.rcv_wnd == 0;
    result.kind = shut && (result.grows || text_waited(session)) ? ProbingKind::zero_window
                                                                 : ProbingKind::keep_alive;
    result.profile = profile_of(result);
}

/// The longest time in which nothing came or went.
Duration longest_pause(const Session& session) {
    const auto& all = session.connection().sightings();
    Duration longest{};
    for (std::size_t i = 1; i < all.size(); ++i) {
        longest = std::max<Duration>(longest, all[i].at - all[i - 1].at);
    }
    return longest;
}

// Our probe at the end was not answered either.
bool did_not_answer(const Session& session) {
    return std::ranges::any_of(session.findings(), [](const Finding& finding) {
        return finding.judged.id == "K-15" && finding.flags.none();
    });
}

void judge_without_probes(const Session& session, const LearnRequest& request,
                          LearnResult& result) {
    const auto undecided = [&result](std::string text) {
        set(result, "K-10", Verdict::inconclusive, "RFC 9293 §3.8.4 (MUST-25)", std::move(text));
    };
    const Duration longest = longest_pause(session);
    const std::string patience = spoken(request.patience);
    if (result.ending == KeepAliveEnding::fin) {
        return undecided("the peer closed its side before it sent any keep-alive");
    }
    if (20 * longest < 19 * request.patience) {
        return undecided(
            fmt::format("the connection was never silent for {}, but for {} at most: "
                        "nothing can be said of its keep-alive",
                        patience, spoken(longest)));
    }
    if (did_not_answer(session)) {
        return undecided(
            fmt::format("no keep-alive within {}, and then no answer to a probe of "
                        "ours: off, slower, or the peer is gone",
                        patience));
    }
    undecided(
        fmt::format("no keep-alive within {}: it is off, as by default, or slower", patience));
}

// No probe came any more, and no answer to ours: it has not given up, it is gone.
void judge_vanished(const Session& session, LearnResult& result) {
    if (did_not_answer(session) && !result.ending && result.kind == ProbingKind::keep_alive &&
        rank(result.verdict.verdict) < rank(Verdict::violates)) {
        set(result, "K-15", Verdict::no_answer, "RFC 9293 §3.10.7.4, first",
            figures(result) +
                "; then neither a probe nor an answer to ours: it is gone, or out of "
                "reach, and its count is not known");
    }
}

/// Until the run was cut short: from our last segment but for the RST with which we left.
std::optional<Duration> silence_of(const Session& session) {
    std::optional<Instant> last;
    for (const Sighting& seen : session.connection().sightings()) {
        if (seen.direction == Direction::out && seen.flags.has(Flag::rst)) {
            return last ? std::optional{seen.at - *last} : std::nullopt;
        }
        if (seen.direction == Direction::out && !seen.lost) {
            last = seen.at;
        }
    }
    return std::nullopt;
}

// What is known says nothing of what was still to come.
void cut_short(const Session& session, LearnResult& result) {
    const bool interrupted = session.outcome()->ending == Ending::interrupted;
    const std::string_view by = interrupted ? "interrupted" : "the deadline of the run was over";
    const auto silence = silence_of(session);
    if (!result.probes.empty()) {
        result.verdict.text += fmt::format("; {} before its end", by);
    } else if (silence && session.outcome()->established) {
        result.verdict.text =
            fmt::format("{}: no keep-alive in the {} until then", by, spoken(*silence));
    }
    result.exit_status = interrupted ? 130 : 3;
}

}  // namespace

namespace {

/// Text that waits for a window comes when there is one. The machine's window stays shut.
void add_open_window(Steps& steps) {
    steps.push_back(
        {"window", Probe{ack_flag, snd_nxt, rcv_nxt, 0, "a window for what may wait", {}, 1000}});
    Answer bare = nothing(Verdict::inconclusive, "RFC 9293 §3.8.6.1", "no text was waiting");
    bare.empty = true;
    bare.wait_on = true;
    Answer text = nothing(Verdict::conforms, "RFC 9293 §3.8.6.1", "text waited for a window");
    text.seq = rcv_nxt;
    steps.push_back({"window", Ask{.row = std::string{window_row},
                                   .answers = {bare, std::move(text)},
                                   .silence = bare,
                                   .go_on = true}});
}

}  // namespace

Scenario learn_scenario(const LearnRequest& request) {
    Scenario scenario{"learn", {}};
    auto& steps = scenario.steps;
    if (!request.server) {
        steps.push_back({"open", Open{}});
    }
    steps.push_back(
        {"handshake", ExpectState{{State::established, State::close_wait}, request.timeout}});
    if (request.send) {
        steps.push_back({"request", SendData{*request.send, request.timeout}});
    }
    steps.push_back({"silent", Overhear{request.answer, request.patience, request.progress}});
    const std::size_t from = steps.size();
    if (request.window_shut) {
        add_open_window(steps);
    }
    steps.push_back({"gone?", live_probe()});
    steps.push_back(
        {"gone?", Ask{.row = "K-15",
                      .answers = {stands("RFC 9293 §3.8.4", "it still knows the connection"),
                                  reset_by_peer(Verdict::conforms, "RFC 9293 §3.10.7.1",
                                                "it has ended the connection without a word")},
                      .silence = nothing(Verdict::no_answer, "RFC 9293 §3.10.7.4, first",
                                         "no answer to a probe of ours, three times"),
                      .go_on = true,
                      .repeats = 2}});
    only_in(steps, from, {State::established});
    steps.push_back({"", Told{}});
    steps.push_back({"reset", AbortCall{.if_open = true}});
    steps.push_back({"reset", Settle{20ms}});
    return scenario;
}

LearnResult judge_learn(const Session& session, const LearnRequest& request) {
    LearnResult result;
    measure(session, result);
    const Outcome& outcome = *session.outcome();
    if (!result.probes.empty()) {
        judge_probes(session, result);
        judge_vanished(session, result);
    } else if (outcome.ending == Ending::completed) {
        judge_without_probes(session, request, result);
    } else {
        judge_end(outcome, result.verdict, result.exit_status);
        result.verdict.id = "K-12";
    }
    if (outcome.ending == Ending::interrupted || outcome.ending == Ending::deadline) {
        cut_short(session, result);
    } else if (outcome.ending == Ending::environment) {
        result.exit_status = 4;
    }
    for (const KeepAliveProbe& probe : result.probes) {
        result.verdict.segments.push_back(probe.number);
    }
    doubt(outcome, result.verdict, result.exit_status);
    return result;
}

}  // namespace tcpcraft
