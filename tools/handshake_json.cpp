#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <tools/cli/exit_code.hpp>
#include <tools/cli/json_values.hpp>
#include <tools/handshake_json.hpp>

namespace tcpcraft::cli {

namespace {

using Json = nlohmann::ordered_json;

Json as_json(const Negotiated& made) {
    return Json{{"mss_send", or_null(made.mss_send)},
                {"mss_receive", or_null(made.mss_receive)},
                {"window_scale_send", or_null(made.window_scale_send)},
                {"window_scale_receive", or_null(made.window_scale_receive)},
                {"sack", or_null(made.sack)},
                {"timestamps", or_null(made.timestamps)},
                {"window", or_null(made.window)}};
}

Json as_json(const HandshakeResult& result) {
    const auto raw = [](const std::optional<Seq>& seq) {
        return seq ? Json(seq->raw()) : Json(nullptr);
    };
    return Json{{"exit_status", result.exit_status},
                {"summary", result.summary},
                {"established", result.established},
                {"rtt", result.rtt ? Json(seconds(*result.rtt)) : Json(nullptr)},
                {"isn", raw(result.isn)},
                {"peer_isn", raw(result.peer_isn)},
                {"negotiated", as_json(result.negotiated)},
                {"state", std::string{text(result.state)}}};
}

}  // namespace

std::string handshake_json(const HandshakeResult& result) { return dumped(as_json(result)); }

namespace {

template <typename T>
std::string number_or_null(const std::optional<T>& value) {
    return value ? fmt::format("{}", *value) : "null";
}

std::string or_null_text(const std::optional<Duration>& length) {
    return length ? fmt::format("{}", seconds(*length)) : "null";
}

}  // namespace

// Written by hand, as tens of thousands of them may be in a second.
std::string handshake_json(const HandshakeResult& result, const HandshakeReport& report) {
    const Negotiated& made = result.negotiated;
    const bool plain = result.summary.find_first_of("\"\\") == std::string::npos;
    return fmt::format(
        R"({{"outcome":"{}","syns":{},"established":{},"rtt":{},"isn":{},"peer_isn":{},)"
        R"("negotiated":{{"mss_send":{},"mss_receive":{},"window_scale_send":{},)"
        R"("window_scale_receive":{},"sack":{},"timestamps":{},"window":{}}},)"
        R"("state":"{}","exit_status":{},"summary":{}}})",
        text(report.outcome), report.syns, result.established, or_null_text(result.rtt),
        result.isn ? fmt::to_string(result.isn->raw()) : "null",
        result.peer_isn ? fmt::to_string(result.peer_isn->raw()) : "null",
        number_or_null(made.mss_send), number_or_null(made.mss_receive),
        number_or_null(made.window_scale_send), number_or_null(made.window_scale_receive),
        number_or_null(made.sack), number_or_null(made.timestamps), number_or_null(made.window),
        text(result.state), result.exit_status,
        plain ? fmt::format("\"{}\"", result.summary) : dumped(Json(result.summary)));
}

std::string untried_handshake_json(int exit_status, const std::string& summary) {
    Json made{{"outcome", nullptr}, {"syns", 0}};
    made.update(as_json(HandshakeResult{.exit_status = exit_status, .summary = summary}));
    return dumped(made);
}

std::string handshake_counts_json(const HandshakeCounts& counts) {
    std::string outcomes;
    for (std::size_t i = 0; i < handshake_outcomes; ++i) {
        std::string key{text(static_cast<HandshakeOutcome>(i))};
        std::ranges::replace(key, '-', '_');
        outcomes += fmt::format(R"({}"{}":{})", i == 0 ? "" : ",", key, counts.of[i]);
    }
    return fmt::format(R"("counts":{{{}}},"rtt":{{"least":{},"median":{},"p99":{}}},)"
                       R"("rate":{},"syns":{},"late":{},"strays":{},"malformed":{})",
                       outcomes, or_null_text(counts.rtt.least()),
                       or_null_text(counts.rtt.quantile(0.5)),
                       or_null_text(counts.rtt.quantile(0.99)), counts.rate(), counts.syns,
                       counts.late, counts.strays, counts.malformed);
}

std::string failed_handshake_json(int exit_status, const std::string& summary, bool several) {
    if (several) {
        return dumped(Json{
            {"exit_status", exit_status}, {"summary", summary}, {"connections", Json::array()}});
    }
    HandshakeResult nothing;
    nothing.exit_status = exit_status;
    nothing.summary = summary;
    return dumped(as_json(nothing));
}

Conclusion conclude_handshakes(const std::vector<HandshakeResult>& results, bool several,
                               bool interrupted) {
    Conclusion made{.exit_status =
                        interrupted ? number(ExitCode::interrupted) : combined_status(results)};
    if (results.empty()) {
        made.summary =
            interrupted ? "interrupted before any connection came" : "no connection came";
    } else if (!several) {
        made.summary = results.front().summary;
        made.json = dumped(as_json(results.front()));
        return made;
    } else {
        const auto opened = std::ranges::count_if(results, &HandshakeResult::established);
        made.summary = fmt::format("{} of {} connections established", opened, results.size());
    }
    if (!several) {
        made.json = failed_handshake_json(made.exit_status, made.summary, false);
        return made;
    }
    Json all{{"exit_status", made.exit_status},
             {"summary", made.summary},
             {"connections", Json::array()}};
    for (const HandshakeResult& result : results) {
        all["connections"].push_back(as_json(result));
    }
    made.json = dumped(all);
    return made;
}

}  // namespace tcpcraft::cli
