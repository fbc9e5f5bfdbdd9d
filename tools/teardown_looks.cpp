#include <algorithm>
#include <array>

#include <fmt/format.h>
#include <tools/cli/exit_code.hpp>
#include <tools/teardown_looks.hpp>

#include <libtcpcraft/drive/describe.hpp>

namespace tcpcraft::cli {

using namespace std::chrono_literals;

namespace {

// Around the values that are known: 30, 60, 120 and 240 s.
constexpr std::array<Duration, 16> looking{500ms, 5s,  15s, 28s,  32s,  45s,  58s,  60s,
                                           62s,   64s, 90s, 118s, 123s, 180s, 238s, 243s};

const Finding* control(const TeardownResult& result) {
    const auto found = std::ranges::find_if(result.findings, [](const Finding& finding) {
        return finding.judged.id == "T-41" || finding.judged.id == "T-43";
    });
    return found == result.findings.end() ? nullptr : &*found;
}

/// It did not wait for the control probe.
bool reset_while_waiting(const TeardownResult& result) {
    return control(result) == nullptr && result.measured.left_by_reset;
}

struct Bracket {
    std::optional<Duration> low{};
    std::optional<Duration> high{};
};

/// When it was gone: as late as we really looked, on a busy machine, in whole seconds.
Duration seen_gone(Duration after, const TeardownResult& result) {
    const Duration really = result.measured.quiet_before_probe.value_or(after);
    while (after + 200ms < really) {
        after += 1s;
    }
    return after;
}

Bracket bracket(Teardown scenario, const std::vector<TeardownRequest>& plays,
                const std::vector<std::optional<TeardownResult>>& seen) {
    Bracket made;
    for (std::size_t i = 0; i < plays.size(); ++i) {
        const bool one = plays[i].scenario == scenario && plays[i].look_after && seen[i];
        if (one && reset_while_waiting(*seen[i])) {
            const Duration gone = *seen[i]->measured.left_by_reset;
            made.high = std::min(made.high.value_or(gone), gone);
            continue;
        }
        const Finding* found = one ? control(*seen[i]) : nullptr;
        if (found == nullptr || found->flags.none()) {
            continue;
        }
        const Duration at = *plays[i].look_after;
        if (has_left(*seen[i])) {
            const Duration gone = seen_gone(at, *seen[i]);
            made.high = std::min(made.high.value_or(gone), gone);
        } else {
            made.low = std::max(made.low.value_or(at), at);
        }
    }
    return made;
}

std::string told(std::string_view state, const Bracket& seen) {
    if (seen.low && seen.high) {
        return fmt::format("{} lasts between {} and {}", state, spoken(*seen.low),
                           spoken(*seen.high));
    }
    return seen.low ? fmt::format("{} lasts longer than {}", state, spoken(*seen.low))
                    : fmt::format("{} is over before {}", state, spoken(*seen.high));
}

void judge(Teardown scenario, const Bracket& seen, TeardownResult& result) {
    const bool time_wait = scenario == Teardown::time_wait;
    result.measured.lasts_at_least = seen.low;
    result.measured.lasts_at_most = seen.high;
    if (!seen.low && !seen.high) {
        return;
    }
    const std::string text = told(time_wait ? "TIME-WAIT" : "FIN-WAIT-2", seen);
    const bool first = result.verdict.text.empty();
    result.verdict.text = first ? text : text + "; " + result.verdict.text;
    if (result.verdict.verdict != Verdict::conforms && !first) {
        return;
    }
    result.exit_status = 0;
    result.verdict.verdict = seen.high ? Verdict::permitted_deviation : Verdict::conforms;
    result.verdict.rule = time_wait ? "RFC 9293 §3.6.1 (MUST-13: 2 MSL, 240 s); §3.4.2"
                                    : "RFC 9293 §3.6.1 (FIN-WAIT-2 has no limit)";
    if (time_wait && seen.high && *seen.high < 1s) {
        result.exit_status = number(ExitCode::deviated);
        result.verdict.verdict = Verdict::violates;
    }
}

}  // namespace

void add_looks(std::vector<TeardownRequest>& plays, Teardown scenario,
               const TeardownOptions& options) {
    const bool asked = (scenario == Teardown::time_wait && options.long_ones) ||
                       scenario == Teardown::fin_wait_2_timeout;
    if (!asked) {
        return;
    }
    for (const Duration after : looking) {
        TeardownRequest request = request_for(scenario, options);
        request.look_after = after;
        if (!request.send && options.common.simulate) {
            request.send.emplace(5, std::byte{'x'});
        }
        plays.push_back(request);
    }
}

bool has_looks(const std::vector<TeardownRequest>& plays, Teardown scenario) {
    return std::ranges::any_of(plays, [scenario](const TeardownRequest& play) {
        return play.scenario == scenario && play.look_after;
    });
}

bool has_left(const TeardownResult& result) {
    const Finding* found = control(result);
    return reset_while_waiting(result) || (found != nullptr && found->flags.has(Flag::rst));
}

void take_looks(const std::vector<TeardownRequest>& plays,
                const std::vector<std::optional<TeardownResult>>& seen,
                std::vector<TeardownResult>& results) {
    for (const Teardown scenario : {Teardown::time_wait, Teardown::fin_wait_2_timeout}) {
        const auto first = std::ranges::find_if(plays, [&](const TeardownRequest& play) {
            return play.scenario == scenario && play.look_after;
        });
        if (first == plays.end()) {
            continue;
        }
        auto into = std::ranges::find(results, text(scenario), &TeardownResult::name);
        if (into == results.end()) {
            const auto& one = seen[static_cast<std::size_t>(first - plays.begin())];
            TeardownResult made = one.value();
            const Bracket found = bracket(scenario, plays, seen);
            if (found.low || found.high) {
                made.verdict.text.clear();
            }
            into = results.insert(results.end(), std::move(made));
        }
        judge(scenario, bracket(scenario, plays, seen), *into);
    }
}

}  // namespace tcpcraft::cli
