#include <algorithm>

#include <fmt/format.h>

#include <libtcpcraft/drive/answer_marks.hpp>
#include <libtcpcraft/drive/describe.hpp>
#include <libtcpcraft/drive/handshake_steps.hpp>
#include <libtcpcraft/drive/judging.hpp>
#include <libtcpcraft/drive/keep_alive.hpp>
#include <libtcpcraft/drive/teardown_steps.hpp>

namespace tcpcraft {

using namespace std::chrono_literals;

namespace {

constexpr std::string_view rule = "RFC 9293 §3.8.4";
/// The row of the question whether a peer that has answered an octet answers nothing else.
constexpr std::string_view only_octet = "K-02";

const Sighting* find(const std::vector<Sighting>& all, std::size_t number) {
    const auto found = std::ranges::find(all, number, &Sighting::number);
    return found == all.end() ? nullptr : &*found;
}

/// What is known of the one that answered.
struct Answerer {
    bool garbage{false};    ///< acknowledged what lies before its window, or never was sent (K-02)
    std::string marks{};    ///< not those of the peer's segments before
    bool fin_sent{false};   ///< ours
    bool fin_heard{false};  ///< and acknowledged: that takes the connection's TCB
    bool fin_by_peer{false};  ///< with the peer's marks
};

Answerer answerer_of(const Session& session, const KeepAliveProbe& probe, std::size_t before_it) {
    const auto& all = session.connection().sightings();
    Answerer made;
    const Sighting& asked = *find(all, probe.number);
    const Sighting& answer = *find(all, *probe.answer);
    made.garbage = before(asked.seq + 1, answer.ack);
    made.marks = foreign_marks(answer, all, before_it);
    std::optional<Seq> fin;
    for (const Sighting& seen : all) {
        if (seen.direction == Direction::out && seen.flags.has(Flag::fin) && !seen.lost) {
            fin = seen.seq + seen.len;
        } else if (fin && seen.direction == Direction::in && !seen.stray && !made.fin_heard &&
                   (seen.flags.has(Flag::rst) || at_or_before(*fin, seen.ack))) {
            made.fin_heard = true;
            made.fin_by_peer = foreign_marks(seen, all, before_it).empty();
        }
    }
    made.fin_sent = fin.has_value();
    return made;
}

/// Somebody answers probes and nothing else: not the one who has the TCB.
bool answers_for_another(const Answerer& who) {
    return who.fin_sent ? !who.fin_heard : !who.marks.empty();
}

void judge_other(const Answerer& who, const KeepAliveProbe& probe, KeepAliveProbeResult& result) {
    result.alive.reset();
    result.other_answers = true;
    std::string said = fmt::format(
        "a probe was answered after {}, but not by the peer, as it seems: ", spoken(*probe.delay));
    if (who.fin_sent) {
        said += "our FIN was never acknowledged; ";
    }
    if (!who.marks.empty()) {
        said += who.marks + "; ";
    }
    if (who.garbage) {
        said += "the answer acknowledges what was never sent; ";
    }
    set(result, "K-01", Verdict::inconclusive, rule,
        said + "a box on the path answers in its place, perhaps for one that is gone");
}

/// Whether the probe without an octet, sent again once the other had been answered, was lost before
/// or is never answered.
bool never_answers_empty(const Session& session) {
    return std::ranges::any_of(session.findings(), [](const Finding& finding) {
        return finding.judged.id == only_octet && finding.flags.none();
    });
}

void judge_answer(const Session& session, const KeepAliveProbe& probe,
                  KeepAliveProbeResult& result) {
    const std::string id = probe.len == 0 ? "K-01" : "K-02";
    const Answerer who = answerer_of(session, probe, result.probes.front().number);
    result.ending = KeepAliveEnding::answered;
    result.alive = true;
    if (answers_for_another(who)) {
        return judge_other(who, probe, result);
    }
    if (who.garbage) {
        return set(result, id, Verdict::violates, rule,
                   "the peer acknowledges more than was ever sent: the octet of a probe is "
                   "garbage, and lies before its window");
    }
    const bool only_with_octet = never_answers_empty(session);
    std::string said = fmt::format("alive: its TCP answered after {}{}", spoken(*probe.delay),
                                   only_with_octet ? ", and only the probe with an octet" : "");
    if (result.sent > 1) {
        said += fmt::format("; {} of {} probes answered", result.answered, result.sent);
    }
    if (!who.marks.empty()) {
        said += who.fin_by_peer ? "; a box on the path answered the probe (" + who.marks +
                                      "), but the peer itself acknowledged our FIN"
                                : "; the path has changed, perhaps: " + who.marks;
    }
    said += "; of its application that says nothing";
    set(result, id, only_with_octet ? Verdict::permitted_deviation : Verdict::conforms,
        only_with_octet ? "RFC 9293 §3.8.4 (MAY-6); RFC 1122 §4.2.3.6" : rule, std::move(said));
}

void judge_silence(const Session& session, const KeepAliveProbeRequest& request,
                   KeepAliveProbeResult& result) {
    result.ending = KeepAliveEnding::silent;
    const KeepAlive& asked = request.keep_alive;
    std::string said =
        fmt::format("dead: {} probes, {} apart, and no answer to any, with an octet or without",
                    result.sent, spoken(asked.interval));
    if (asked.octet || !asked.octet_in_every_second || result.sent < 2) {
        said = fmt::format("dead: {} probes, {} apart, and no answer to any", result.sent,
                           spoken(asked.interval));
    }
    if (result.dead_after) {
        said += fmt::format("; declared dead after {} of silence", spoken(*result.dead_after));
    }
    if (session.reported()) {
        result.unreachable = session.reported()->text;
        said += "; " + result.unreachable;
    }
    set(result, "K-01", Verdict::no_answer, "RFC 9293 §3.8.4 (MUST-29)", std::move(said));
}

void judge_reset(KeepAliveProbeResult& result, bool by_probe) {
    result.ending = KeepAliveEnding::reset;
    result.alive = false;
    set(result, "K-05", Verdict::inconclusive, "RFC 9293 §3.10.7.1; §3.5.2",
        by_probe ? "restarted: the peer knows of no connection, and answered the probe with RST"
                 : "the peer reset the connection before it was probed");
    result.exit_status = 1;
}

std::optional<Duration> silence_before(const Session& session, Instant end) {
    const auto& all = session.connection().sightings();
    const auto last = std::find_if(all.rbegin(), all.rend(), [](const Sighting& seen) {
        return seen.direction == Direction::in && !seen.lost;
    });
    return last == all.rend() ? std::nullopt : std::optional{end - last->at};
}

void collect(const Session& session, const KeepAliveProbeRequest& request,
             KeepAliveProbeResult& result) {
    result.probes = probes_in(session.connection().sightings(), Direction::out);
    result.sent = result.probes.size();
    for (const KeepAliveProbe& probe : result.probes) {
        result.answered += probe.answer && !probe.reset ? 1U : 0U;
        result.verdict.segments.push_back(probe.number);
        if (probe.answer) {
            result.verdict.segments.push_back(*probe.answer);
        }
    }
    if (!result.probes.empty()) {
        result.dead_after =
            silence_before(session, result.probes.back().at + request.keep_alive.interval);
    }
}

}  // namespace

namespace {

// One probe may have been lost: only a second one shows that it takes an octet.
void add_question_without_octet(Steps& steps) {
    const std::size_t from = steps.size();
    steps.push_back({"without octet", Settle{gap}});
    steps.push_back({"without octet", live_probe()});
    steps.push_back(
        {"without octet",
         Ask{.row = std::string{only_octet},
             .answers = {stands(std::string{rule}, "a probe without an octet is answered, too")},
             .silence = nothing(Verdict::permitted_deviation, "RFC 1122 §4.2.3.6",
                                "probes are answered only when they bear an octet"),
             .go_on = true,
             .repeats = 1}});
    only_in(steps, from, {State::established});
    for (std::size_t i = from; i < steps.size(); ++i) {
        steps[i].if_octet_answered = true;
    }
}

}  // namespace

Scenario probe_scenario(const KeepAliveProbeRequest& request) {
    HandshakeRequest as;
    as.server = request.server;
    as.send = request.send;
    as.then = Then::hold;  // what a server waits for before it closes does not concern us
    as.timeout = request.timeout;
    as.linger = request.linger;
    as.time_wait_full = request.time_wait_full;
    Scenario scenario{"probe", {}};
    auto& steps = scenario.steps;
    if (!request.server) {
        steps.push_back({"open", Open{}});
    }
    steps.push_back(
        {"handshake", ExpectState{{State::established, State::close_wait}, request.timeout}});
    add_exchange(steps, as);
    steps.push_back({"idle", AwaitKeepAlive{request.answers}});
    if (!request.keep_alive.octet) {
        add_question_without_octet(steps);
    }
    add_close(steps, as);
    return scenario;
}

KeepAliveProbeResult judge_probe(const Session& session, const KeepAliveProbeRequest& request) {
    KeepAliveProbeResult result;
    collect(session, request, result);
    const Outcome& outcome = *session.outcome();
    const auto answered = std::ranges::find_if(
        result.probes, [](const KeepAliveProbe& probe) { return probe.answer && !probe.reset; });
    const bool gave_up = outcome.ending == Ending::gave_up ||
                         outcome.ending == Ending::unreachable || outcome.ending == Ending::icmp;
    if (outcome.established && outcome.ending == Ending::reset) {
        judge_reset(result, !result.probes.empty());
    } else if (outcome.established && gave_up && !result.probes.empty()) {
        judge_silence(session, request, result);
    } else if (outcome.ending == Ending::completed && answered != result.probes.end()) {
        judge_answer(session, *answered, result);
    } else if (outcome.ending == Ending::completed) {
        result.ending = KeepAliveEnding::fin;
        result.alive = true;
        set(result, "K-01", Verdict::inconclusive, "RFC 9293 §3.6",
            "the peer closed its side before it was probed");
    } else {
        result.dead_after.reset();
        judge_end(outcome, result.verdict, result.exit_status);
        result.verdict.id = "K-01";
    }
    doubt(outcome, result.verdict, result.exit_status);
    return result;
}

std::vector<std::string> readings_of(const KeepAlive& asked) {
    const Duration last = asked.idle + (asked.count - 1) * asked.interval;
    return {fmt::format("{} probes in all: the last at {}, dead at {}", asked.count, spoken(last),
                        spoken(last + asked.interval)),
            fmt::format("one probe and {} more: the last at {}, dead at {}", asked.count,
                        spoken(last + asked.interval), spoken(last + 2 * asked.interval))};
}

}  // namespace tcpcraft
