#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <tools/cli/exit_code.hpp>
#include <tools/cli/json_values.hpp>
#include <tools/keepalive_json.hpp>

namespace tcpcraft::cli {

namespace {

using Json = nlohmann::ordered_json;

Json ending(const std::optional<KeepAliveEnding>& how) {
    return how ? Json(std::string{text(*how)}) : Json(nullptr);
}

Json answerer(const KeepAliveProbeResult& result) {
    if (result.answered == 0) {
        return nullptr;
    }
    return result.other_answers ? "other" : "peer";
}

Json as_json(const KeepAliveProbeResult& result) {
    return Json{{"answered", result.answered > 0},
                {"sent", result.sent},
                {"answers", result.answered},
                {"alive", or_null(result.alive)},
                {"ending", ending(result.ending)},
                {"dead_after", result.alive ? Json(nullptr) : or_null(result.dead_after)},
                {"answered_by", answerer(result)},
                {"unreachable", or_null(result.unreachable)}};
}

Json form_of(const LearnResult& result) {
    if (result.probes.empty()) {
        return nullptr;
    }
    const KeepAliveProbe& first = result.probes.front();
    return Json{
        {"len", first.len}, {"seq_offset", first.seq_offset}, {"timestamps", first.timestamps}};
}

Json kind_of(const LearnResult& result) {
    const bool undecided = result.verdict.id == "K-20" && result.kind == ProbingKind::keep_alive;
    if (result.probes.empty() || undecided) {
        return nullptr;
    }
    return result.kind == ProbingKind::zero_window ? "zero-window" : "keep-alive";
}

Json as_json(const LearnResult& result) {
    return Json{{"idle", or_null(result.idle)},    {"interval", or_null(result.interval)},
                {"probes", or_null(result.count)}, {"seen", result.probes.size()},
                {"ending", ending(result.ending)}, {"profile", or_null(result.profile)},
                {"probe_form", form_of(result)},   {"kind", kind_of(result)}};
}

Json as_json(KeepAliveOptions::Verb verb, const KeepAliveFinding& found) {
    Json made{{"exit_status", found.exit_status}, {"summary", found.summary}};
    made.update(verb == KeepAliveOptions::Verb::learn ? as_json(found.learnt)
                                                      : as_json(found.probe));
    return made;
}

}  // namespace

std::string keep_alive_json(KeepAliveOptions::Verb verb, const KeepAliveFinding& found) {
    return dumped(as_json(verb, found));
}

std::string failed_keep_alive_json(KeepAliveOptions::Verb verb, int exit_status,
                                   const std::string& summary, bool several) {
    if (several) {
        return dumped(Json{
            {"exit_status", exit_status}, {"summary", summary}, {"connections", Json::array()}});
    }
    return dumped(as_json(verb, KeepAliveFinding{.exit_status = exit_status, .summary = summary}));
}

KeepAliveConclusion conclude_keep_alive(KeepAliveOptions::Verb verb,
                                        const std::vector<KeepAliveFinding>& all, bool several,
                                        bool interrupted, const std::string& nobody) {
    KeepAliveConclusion made{.exit_status = interrupted ? number(ExitCode::interrupted)
                                                        : combined_status(all)};
    if (all.empty()) {
        made.summary = nobody;
        made.json = failed_keep_alive_json(verb, made.exit_status, made.summary, several);
        return made;
    }
    made.summary = all.front().summary;
    if (!several) {
        made.json = dumped(as_json(verb, all.front()));
        return made;
    }
    made.summary = fmt::format("{} connections", all.size());
    Json whole{{"exit_status", made.exit_status},
               {"summary", made.summary},
               {"connections", Json::array()}};
    for (const KeepAliveFinding& found : all) {
        Json one{{"connection", found.connection}, {"peer", found.peer}};
        one.update(as_json(verb, found));
        whole["connections"].push_back(std::move(one));
    }
    made.json = dumped(whole);
    return made;
}

std::string textbook_keep_alive_json(int exit_status, const std::string& summary,
                                     const std::string& scenarios) {
    Json made{{"exit_status", exit_status}, {"summary", summary}};
    made["scenarios"] = Json::parse(scenarios);
    return dumped(made);
}

}  // namespace tcpcraft::cli
