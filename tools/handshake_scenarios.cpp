#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <tools/cli/exit_code.hpp>
#include <tools/cli/json_values.hpp>
#include <tools/cli/simulated_scenarios.hpp>
#include <tools/handshake_json.hpp>
#include <tools/handshake_scenarios.hpp>

namespace tcpcraft::cli {

namespace {

using Json = nlohmann::ordered_json;

/// The client's first SYN of its last connection, and the answer to it, as the client saw them.
struct Opening {
    std::optional<SegmentSeen> syn{};
    std::optional<SegmentSeen> answer{};
    bool repeated{false};
};

Opening opening_of(const SimOutcome& outcome) {
    Opening made;
    for (const Record& record : outcome.seen[0].all()) {
        const auto* seen = std::get_if<SegmentSeen>(&record.what);
        if (seen == nullptr || !seen->datagram.segment.has(Flag::syn)) {
            continue;
        }
        const Segment& segment = seen->datagram.segment;
        if (seen->direction == Direction::in) {
            const bool to_it = !segment.has(Flag::ack) ||
                               (made.syn && segment.ack == made.syn->datagram.segment.seq + 1);
            made.answer = made.answer || !to_it ? made.answer : *seen;
        } else if (seen->retransmission) {
            made.repeated = true;
        } else if (!made.answer) {
            made.syn = *seen;
        }
    }
    return made;
}

// Both SYNs of a scenario announce an MSS and nothing else.
Negotiated negotiated(const Segment& ours, const Segment& theirs) {
    const auto mss = [](const Segment& syn) {
        const auto announced = syn.options.find<MaximumSegmentSize>();
        return announced ? std::optional<std::uint32_t>{announced->value} : std::nullopt;
    };
    return {.mss_send = mss(theirs),
            .mss_receive = mss(ours),
            .window_scale_send = 0,
            .window_scale_receive = 0,
            .sack = false,
            .timestamps = false,
            .window = theirs.wnd};
}

/// The keys of every result of this tool, for the connection that the scenario is about.
HandshakeResult result_of(const PlayedScenario& played) {
    HandshakeResult made;
    const SimOutcome& outcome = played.outcome;
    const Opening opening = opening_of(outcome);
    made.established = outcome.states[0].find("ESTABLISHED") != std::string::npos &&
                       outcome.states[1].find("ESTABLISHED") != std::string::npos;
    made.state = outcome.end[0];
    if (opening.syn) {
        made.isn = opening.syn->datagram.segment.seq;
    }
    if (opening.answer) {
        made.peer_isn = opening.answer->datagram.segment.seq;
    }
    if (opening.syn && opening.answer) {
        made.negotiated =
            negotiated(opening.syn->datagram.segment, opening.answer->datagram.segment);
        made.rtt =
            opening.repeated ? std::nullopt : std::optional{opening.answer->at - opening.syn->at};
    }
    return made;
}

std::string result_json(int status, const std::string& summary,
                        std::span<const PlayedScenario> played) {
    HandshakeResult made = played.size() == 1 ? result_of(played.front()) : HandshakeResult{};
    made.exit_status = status;
    made.summary = summary;
    Json result = Json::parse(handshake_json(made));
    result["scenarios"] = Json::parse(scenarios_json(played));
    return dumped(result);
}

}  // namespace

int play_handshake_scenarios(const HandshakeOptions& options) {
    if (options.list_scenarios) {
        return list_scenarios(SimTool::handshake, options.common.output);
    }
    return show_scenarios({.tool = "tcp-handshake",
                           .scenarios = options.played,
                           .output = options.common.output,
                           .v6 = options.common.peer.only_v6,
                           .result = result_json});
}

}  // namespace tcpcraft::cli
