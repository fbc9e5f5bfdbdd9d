#include <algorithm>
#include <array>

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <tools/cli/json_values.hpp>
#include <tools/teardown_json.hpp>

namespace tcpcraft::cli {

namespace {

using Json = nlohmann::ordered_json;

Json list(const std::vector<Duration>& lengths) {
    Json made = Json::array();
    for (const Duration length : lengths) {
        made.push_back(seconds(length));
    }
    return made;
}

Json measured_json(const TeardownResult& result) {
    const TeardownMeasurements& made = result.measured;
    return Json{{"name", result.name},
                {"ack_delay", or_null(made.ack_delay)},
                {"close_segments", made.segments ? Json(*made.segments) : Json(nullptr)},
                {"peer_fin_spacing", list(made.fin_spacing)},
                {"peer_gave_up", or_null(made.gave_up)},
                {"fin_spacing", list(made.our_fin_spacing)},
                {"half_closed", or_null(made.half_closed)},
                {"half_closed_octets", made.half_closed_octets},
                {"lasts_at_least", or_null(made.lasts_at_least)},
                {"lasts_at_most", or_null(made.lasts_at_most)}};
}

}  // namespace

std::string summary_of(const std::vector<TeardownResult>& results) {
    static constexpr std::array verdicts{Verdict::conforms, Verdict::permitted_deviation,
                                         Verdict::violates, Verdict::no_answer,
                                         Verdict::inconclusive};
    std::string told;
    for (const Verdict verdict : verdicts) {
        const auto count = std::ranges::count_if(
            results, [verdict](const TeardownResult& r) { return r.verdict.verdict == verdict; });
        if (count != 0) {
            told += fmt::format("{}{} {}", told.empty() ? "" : ", ", count, text(verdict));
        }
    }
    return told.empty() ? "no connection came" : told;
}

std::string teardown_json(int exit_status, const std::string& summary,
                          const std::vector<TeardownResult>& results) {
    Json made{{"exit_status", exit_status},
              {"summary", summary},
              {"scenarios", Json::array()},
              {"measurements", Json::array()}};
    for (const TeardownResult& result : results) {
        made["scenarios"].push_back(Json{{"name", result.name},
                                         {"verdict", std::string{text(result.verdict.verdict)}},
                                         {"rule", result.verdict.rule},
                                         {"text", result.verdict.text},
                                         {"segments", result.verdict.segments}});
        made["measurements"].push_back(measured_json(result));
    }
    return dumped(made);
}

std::string textbook_json(int exit_status, const std::string& summary,
                          const std::string& scenarios) {
    Json made = Json::parse(teardown_json(exit_status, summary, {}));
    made["scenarios"] = Json::parse(scenarios);
    for (Json& scenario : made["scenarios"]) {
        scenario["segments"] = Json::array();  // no events here: `wire` has them
    }
    return dumped(made);
}

}  // namespace tcpcraft::cli
