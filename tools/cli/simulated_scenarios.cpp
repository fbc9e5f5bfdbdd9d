#include <algorithm>
#include <array>
#include <csignal>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <tools/cli/exit_code.hpp>
#include <tools/cli/report.hpp>
#include <tools/cli/simulated_scenarios.hpp>

namespace tcpcraft::cli {

namespace {

// What a signal handler may touch.
volatile std::sig_atomic_t interrupted = 0;
void on_signal(int /*signal*/) { interrupted = 1; }

std::vector<const SimScenario*> scenarios_of(SimTool tool) {
    std::vector<const SimScenario*> made;
    for (const SimScenario& scenario : sim_scenarios()) {
        if (scenario.tool == tool) {
            made.push_back(&scenario);
        }
    }
    return made;
}

std::string ids_of(SimTool tool) {
    std::string made;
    for (const SimScenario* scenario : scenarios_of(tool)) {
        made += scenario->id + ", ";
    }
    return made;
}

// Addresses that exist in no network (RFC 5737, RFC 3849).
ConnectionId ends(bool v6) {
    const auto at = [](std::string_view text) { return Endpoint::read(text).value(); };
    return v6 ? ConnectionId{at("[2001:db8::1]:40000"), at("[2001:db8::2]:80")}
              : ConnectionId{at("192.0.2.1:40000"), at("192.0.2.2:80")};
}

bool heeded(const CLI::Option& option) {
    static constexpr std::array names{"simulate", "scenario", "json",    "lines",   "verbose",
                                      "quiet",    "absolute", "symbols", "explain", "show-tcb",
                                      "color",    "write",    "timeout", "deadline"};
    const auto& longs = option.get_lnames();
    const auto& shorts = option.get_snames();
    const bool family = !shorts.empty() && (shorts[0] == "4" || shorts[0] == "6");
    return family || (!longs.empty() && std::ranges::find(names, longs[0]) != names.end());
}

std::string summary_of(const PlayedScenario& played) {
    const SimScenario& scenario = *played.scenario;
    if (!played.outcome.as_expected()) {
        return scenario.id +
               " went otherwise than it has to: " + played.outcome.differences.front();
    }
    const bool deviates = !deviations_of(scenario).empty();
    return fmt::format("{} {}: {}", scenario.id, scenario.name,
                       deviates ? "shown; it breaks the rules on purpose" : "as it has to be");
}

std::string summary_of(std::span<const PlayedScenario> played) {
    if (played.size() == 1) {
        return summary_of(played.front());
    }
    const auto good = std::ranges::count_if(
        played, [](const PlayedScenario& one) { return one.outcome.as_expected(); });
    return fmt::format("{} of {} scenarios went as they have to", good, played.size());
}

}  // namespace

Expected<ScenarioChoice> choose_scenarios(SimTool tool, std::string_view wanted) {
    if (wanted == "all" || wanted == "list") {
        return ScenarioChoice{scenarios_of(tool), wanted == "list"};
    }
    const SimScenario* found = find_sim_scenario(wanted);
    if (found == nullptr) {
        return failure({},
                       fmt::format("--simulate={}: there is {}all and list", wanted, ids_of(tool)));
    }
    if (found->tool != tool) {
        return failure({}, fmt::format("--simulate={}: {} belongs to {}", wanted, found->id,
                                       text(found->tool)));
    }
    return ScenarioChoice{{found}, false};
}

std::optional<std::string> unheeded_beside_scenario(const CLI::App& app) {
    for (const CLI::Option* option : app.parse_order()) {
        if (option->get_positional()) {
            return "a scenario has both its hosts in it, no target";
        }
        if (!heeded(*option)) {
            return fmt::format(
                "a scenario is played as it is written, without {}; --simulate "
                "alone takes it",
                option->get_name());
        }
    }
    return std::nullopt;
}

std::vector<std::string> list_scenarios(SimTool tool) {
    std::vector<std::string> made;
    for (const SimScenario* scenario : scenarios_of(tool)) {
        made.push_back(
            fmt::format("{:<12}  {:<22}  {}", scenario->id, scenario->name, scenario->title));
    }
    return made;
}

int show_scenarios(const ScenarioShow& show) {
    interrupted = 0;
    for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
        std::signal(signal, on_signal);
    }
    const ConnectionId id = ends(show.v6);
    OutputOptions output = show.output;
    output.symbols = !output.absolute;
    auto report = Report::open(output, {.tool = show.tool,
                                        .target = id.remote.text() + " (simulated)",
                                        .local = id.local,
                                        .remote = id.remote});
    if (!report) {
        fmt::print(stderr, "{}: {}\n", show.tool, report.error().message());
        return number(ExitCode::environment);
    }
    std::vector<PlayedScenario> played;
    std::size_t segments = 0;
    for (const SimScenario* scenario : show.scenarios) {
        if (interrupted != 0) {
            return number(ExitCode::interrupted);
        }
        played.push_back({scenario, run_sim_scenario(*scenario, id)});
        tell(*scenario, played.back().outcome, 2 * played.size() - 1, segments, **report);
    }
    const bool good = std::ranges::all_of(
        played, [](const PlayedScenario& one) { return one.outcome.as_expected(); });
    const int status = number(good ? ExitCode::met : ExitCode::deviated);
    const std::string summary = summary_of(played);
    (*report)->say(summary);
    (*report)->finish(show.result(status, summary, played));
    if (interrupted != 0) {
        return number(ExitCode::interrupted);
    }
    return (*report)->output_failed() ? number(ExitCode::environment) : status;
}

}  // namespace tcpcraft::cli
