#include <fmt/format.h>
#include <tools/cli/outcome.hpp>
#include <tools/teardown_outcome.hpp>

namespace tcpcraft::cli {

namespace {

std::string listed(const std::vector<Duration>& lengths) {
    std::string made;
    for (const Duration length : lengths) {
        made += fmt::format("{}{}", made.empty() ? "" : ", ", spoken(length));
    }
    return made;
}

std::vector<RunFact> facts_of(const TeardownResult& result) {
    const TeardownMeasurements& made = result.measured;
    Facts facts;
    facts.add("ACK of our FIN after", made.ack_delay).add("Segments to close", made.segments);
    if (!made.fin_spacing.empty()) {
        facts.add("Pauses between the peer's FINs", listed(made.fin_spacing));
    }
    if (!made.our_fin_spacing.empty()) {
        facts.add("Pauses between our FINs", listed(made.our_fin_spacing));
    }
    facts.add("The peer gave up after", made.gave_up)
        .add("Half-closed for", made.half_closed)
        .add("It lasts at least", made.lasts_at_least)
        .add("It lasts at most", made.lasts_at_most)
        .add("Took", spoken(result.took));
    return facts.take();
}

}  // namespace

RunOutcome teardown_outcome(int exit_status, const std::string& summary,
                            const std::vector<TeardownResult>& results) {
    RunOutcome made{.exit_status = exit_status, .summary = summary};
    for (const TeardownResult& result : results) {
        made.cases.push_back({.name = result.name,
                              .verdict = result.verdict.verdict,
                              .rule = result.verdict.rule,
                              .text = result.verdict.text,
                              .took = result.took,
                              .segments = result.verdict.segments});
    }
    if (results.size() == 1) {
        made.facts = facts_of(results.front());
    } else {
        made.facts = Facts{}.add("Scenarios", fmt::format("{}", results.size())).take();
    }
    return made;
}

}  // namespace tcpcraft::cli
