#include <nlohmann/json.hpp>
#include <tools/cli/json_values.hpp>
#include <tools/keepalive_idle_json.hpp>

namespace tcpcraft::cli {

namespace {

using Json = nlohmann::ordered_json;

Json advice(const IdleConclusion& found) {
    if (!found.advice) {
        return Json{{"text", or_null(found.advised)},
                    {"idle", nullptr},
                    {"interval", nullptr},
                    {"probes", nullptr},
                    {"sysctl", Json::array()}};
    }
    return Json{{"text", found.advised},
                {"idle", seconds(found.advice->idle)},
                {"interval", seconds(found.advice->interval)},
                {"probes", found.advice->probes},
                {"sysctl", found.advice->sysctl()}};
}

Json refreshed(const std::optional<IdleRefreshed>& found) {
    if (!found) {
        return nullptr;
    }
    return Json{{"kind", std::string{text(found->kind)}},
                {"restarts", found->restarts ? Json(*found->restarts) : Json(nullptr)},
                {"text", found->text}};
}

Json trials(const std::vector<IdleTried>& tried) {
    Json made = Json::array();
    for (const IdleTried& one : tried) {
        made.push_back(Json{{"planned", seconds(one.planned)},
                            {"idle", seconds(one.result.idle)},
                            {"found", std::string{text(one.result.kind)}},
                            {"asked", one.result.asked},
                            {"text", one.result.text}});
    }
    return made;
}

}  // namespace

std::string idle_json(const IdleOptions& options, const IdleReport& report) {
    const IdleConclusion& found = report.conclusion;
    Json made{{"exit_status", report.exit_status},
              {"summary", report.summary},
              {"timeout_low", or_null(found.low)},
              {"timeout_high", or_null(found.high)},
              {"classification", found.end ? Json(std::string{text(*found.end)}) : Json(nullptr)},
              {"known_match", or_null(found.known)},
              {"advice", advice(found)}};
    made["evidence"] = or_null(found.why);
    made["state"] = std::string{text(options.state)};
    made["resolution"] = seconds(options.limits.resolution);
    made["refresh"] = refreshed(report.refreshed);
    made["took"] = seconds(report.took);
    made["connections"] = report.connections;
    made["trials"] = trials(report.tried);
    return dumped(made);
}

}  // namespace tcpcraft::cli
