#include <fmt/format.h>
#include <tools/cli/exit_code.hpp>
#include <tools/keepalive_play.hpp>

#include <libtcpcraft/drive/describe.hpp>

namespace tcpcraft::cli {

namespace {

// Timers of peers are about 1 % exact, and ticks are coarse.
bool near(Duration measured, Duration expected) {
    const Duration grain = std::chrono::milliseconds{250};
    return std::chrono::abs(measured - expected) <= expected / 50 + grain;
}

/// What --expect wants, beside what was measured.
struct Comparison {
    std::string other{};    ///< what was measured otherwise; empty: nothing
    std::string unknown{};  ///< what could not be measured

    void compare(const char* what, const std::optional<Duration>& measured,
                 const std::optional<Duration>& expected) {
        if (expected && !measured) {
            add(unknown, what);
        } else if (expected && !near(*measured, *expected)) {
            add(other, fmt::format("{} {}, not {}", what, spoken(*measured), spoken(*expected)));
        }
    }
    void compare(const std::optional<std::size_t>& measured,
                 const std::optional<std::size_t>& expected) {
        if (expected && !measured) {
            add(unknown, "the number of probes");
        } else if (expected && *measured != *expected) {
            add(other, fmt::format("{} probes, not {}", *measured, *expected));
        }
    }

private:
    static void add(std::string& to, const std::string& what) {
        to += (to.empty() ? "" : ", ") + what;
    }
};

// What is not known contradicts nothing, but it has not come true either.
void compare(const ExpectedKeepAlive& expected, KeepAliveFinding& found) {
    Comparison made;
    made.compare("idle", found.learnt.idle, expected.idle);
    made.compare("interval", found.learnt.interval, expected.interval);
    made.compare(found.learnt.count, expected.count);
    const bool judged = found.exit_status == number(ExitCode::met) ||
                        found.exit_status == number(ExitCode::deviated) ||
                        found.exit_status == number(ExitCode::no_answer);
    if (judged && !made.other.empty()) {
        found.exit_status = number(ExitCode::deviated);
        found.summary = "not as expected: " + made.other + "; " + found.summary;
    } else if (found.exit_status == number(ExitCode::met) && !made.unknown.empty()) {
        found.exit_status = number(ExitCode::no_answer);
        found.summary = "not known: " + made.unknown + "; " + found.summary;
    }
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
    compare(options.expected, found);
    return found;
}

}  // namespace tcpcraft::cli
