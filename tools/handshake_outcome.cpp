#include <algorithm>

#include <fmt/format.h>
#include <tools/cli/outcome.hpp>
#include <tools/handshake_outcome.hpp>

namespace tcpcraft::cli {

namespace {

std::vector<RunFact> facts_of(const HandshakeResult& result) {
    const Negotiated& made = result.negotiated;
    Facts facts;
    facts.add("Established", std::string{result.established ? "yes" : "no"})
        .add("State at the end", std::string{text(result.state)})
        .add("Round trip", result.rtt);
    if (result.isn) {
        facts.add("Our ISN", fmt::format("{}", result.isn->raw()));
    }
    if (result.peer_isn) {
        facts.add("The peer's ISN", fmt::format("{}", result.peer_isn->raw()));
    }
    facts.add("MSS to send", made.mss_send)
        .add("MSS announced", made.mss_receive)
        .add("Window scale to send", made.window_scale_send)
        .add("Window scale to receive", made.window_scale_receive)
        .add("SACK", made.sack)
        .add("Timestamps", made.timestamps)
        .add("The peer's window", made.window);
    return facts.take();
}

}  // namespace

RunOutcome handshake_outcome(const std::vector<HandshakeResult>& results,
                             const Conclusion& conclusion, std::string_view scenario) {
    RunOutcome made{.exit_status = conclusion.exit_status, .summary = conclusion.summary};
    for (std::size_t i = 0; i < results.size(); ++i) {
        const HandshakeResult& result = results[i];
        std::string name{scenario};
        name += results.size() > 1 ? fmt::format(", connection {}", i + 1) : "";
        made.cases.push_back(
            case_of(std::move(name), result.verdict, result.exit_status, result.summary));
        made.cases.back().took = result.rtt.value_or(Duration{});
    }
    if (results.empty()) {
        made.cases.push_back(
            case_of(std::string{scenario}, {}, conclusion.exit_status, conclusion.summary));
    } else if (results.size() == 1) {
        made.facts = facts_of(results.front());
    } else {
        const auto opened = std::ranges::count_if(results, &HandshakeResult::established);
        made.facts =
            Facts{}
                .add("Connections", fmt::format("{}, {} established", results.size(), opened))
                .take();
    }
    return made;
}

}  // namespace tcpcraft::cli
