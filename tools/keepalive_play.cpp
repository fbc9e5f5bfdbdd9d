#include <fmt/format.h>
#include <tools/cli/exit_code.hpp>
#include <tools/keepalive_play.hpp>

#include <libtcpcraft/drive/describe.hpp>

namespace tcpcraft::cli {

namespace {

// Timers of peers are about 1 % exact, and ticks are coarse.
bool near(const std::optional<Duration>& measured, const std::optional<Duration>& expected) {
    const Duration grain = std::chrono::milliseconds{250};
    return !expected ||
           (measured && std::chrono::abs(*measured - *expected) <= *expected / 50 + grain);
}

std::string said(const std::optional<Duration>& length) {
    return length ? spoken(*length) : "unknown";
}

/// What was measured otherwise than --expect wants it; empty: nothing.
std::string difference(const LearnResult& learnt, const ExpectedKeepAlive& expected) {
    std::string told;
    const auto add = [&told](const std::string& what) {
        told += (told.empty() ? "not as expected: " : ", ") + what;
    };
    if (!near(learnt.idle, expected.idle)) {
        add(fmt::format("idle {}, not {}", said(learnt.idle), spoken(*expected.idle)));
    }
    if (!near(learnt.interval, expected.interval)) {
        add(fmt::format("interval {}, not {}", said(learnt.interval), spoken(*expected.interval)));
    }
    if (expected.count && learnt.count != expected.count) {
        add(fmt::format("{} probes, not {}",
                        learnt.count ? std::to_string(*learnt.count) : "an unknown number of",
                        *expected.count));
    }
    return told;
}

}  // namespace

KeepAliveProbeRequest probing_request(const KeepAliveOptions& options) {
    return {.server = options.common.peer.listen.has_value(),
            .keep_alive = options.keep_alive,
            .answers = options.answers,
            .send = options.send,
            .timeout = options.common.timeout,
            .linger = options.time_wait,
            .time_wait_full = options.time_wait_full};
}

LearnRequest learning_request(const KeepAliveOptions& options) {
    return {.server = options.common.peer.listen.has_value(),
            .send = options.send,
            .answer = options.answer,
            .patience = options.patience,
            .timeout = options.common.timeout,
            .progress = !options.targets.given(),
            .window_shut = options.common.craft.window == 0};
}

Scenario keep_alive_scenario(const KeepAliveOptions& options) {
    return options.verb == KeepAliveOptions::Verb::learn ? learn_scenario(learning_request(options))
                                                         : probe_scenario(probing_request(options));
}

KeepAliveFinding judge_keep_alive(const KeepAliveOptions& options, const Session& session) {
    KeepAliveFinding found;
    found.connection = session.connection().setup().number;
    found.peer = session.connection().setup().id.remote.text();
    if (options.verb == KeepAliveOptions::Verb::probe) {
        found.probe = judge_probe(session, probing_request(options));
        found.exit_status = found.probe.exit_status;
        found.summary = found.probe.verdict.text;
        return found;
    }
    found.learnt = judge_learn(session, learning_request(options));
    found.exit_status = found.learnt.exit_status;
    found.summary = found.learnt.verdict.text;
    const std::string other = difference(found.learnt, options.expected);
    if (!other.empty() && found.exit_status <= 1) {
        found.exit_status = number(ExitCode::deviated);
        found.summary = other + "; " + found.summary;
    }
    return found;
}

}  // namespace tcpcraft::cli
