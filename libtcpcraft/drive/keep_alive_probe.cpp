#include <algorithm>

#include <fmt/format.h>

#include <libtcpcraft/drive/describe.hpp>
#include <libtcpcraft/drive/handshake_steps.hpp>
#include <libtcpcraft/drive/judging.hpp>
#include <libtcpcraft/drive/keep_alive.hpp>

namespace tcpcraft {

using namespace std::chrono_literals;

namespace {

constexpr std::string_view rule = "RFC 9293 §3.8.4";

/// It may not acknowledge what lies before its window, or never was sent (K-02).
bool acknowledges_garbage(const Session& session, const KeepAliveProbe& probe) {
    const auto& all = session.connection().sightings();
    const auto find = [&all](std::size_t number) {
        return std::ranges::find(all, number, &Sighting::number);
    };
    const auto asked = find(probe.number);
    const auto answer = find(*probe.answer);
    const Seq snd_nxt = asked->seq + 1;
    return !answer->flags.has(Flag::rst) && before(snd_nxt, answer->ack);
}

void judge_answer(const Session& session, const KeepAliveProbe& probe,
                  KeepAliveProbeResult& result) {
    const std::string id = probe.len == 0 ? "K-01" : "K-02";
    result.ending = KeepAliveEnding::answered;
    result.alive = true;
    if (acknowledges_garbage(session, probe)) {
        return set(result, id, Verdict::violates, rule,
                   "the peer acknowledges more than was ever sent: the octet of a probe is "
                   "garbage, and lies before its window");
    }
    std::string said = fmt::format("alive: its TCP answered after {}{}", spoken(*probe.delay),
                                   probe.len == 0 ? "" : ", and only the probe with an octet");
    if (result.sent > 1) {
        said += fmt::format("; {} of {} probes answered", result.answered, result.sent);
    }
    set(result, id, Verdict::conforms, rule, std::move(said));
}

void judge_silence(const Outcome& outcome, const KeepAliveProbeRequest& request,
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
    if (outcome.ending == Ending::unreachable || outcome.ending == Ending::icmp) {
        said += "; " + outcome.explanation;
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
        judge_silence(outcome, request, result);
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
