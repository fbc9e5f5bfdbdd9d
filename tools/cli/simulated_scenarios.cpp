#include <algorithm>
#include <array>
#include <cctype>
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

bool same(std::string_view a, std::string_view b) {
    const auto lower = [](char c) { return std::tolower(static_cast<unsigned char>(c)); };
    return std::ranges::equal(a, b, {}, lower, lower);
}

/// The scenario and its variants, whose names begin with its own.
std::vector<const SimScenario*> family_of(const SimScenario& first) {
    std::vector<const SimScenario*> made;
    for (const SimScenario* other : scenarios_of(first.tool)) {
        if (other == &first || other->name.rfind(first.name + "-", 0) == 0) {
            made.push_back(other);
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

// Addresses that exist in no network (RFC 5737, RFC 3849); each scenario of a run has its own port.
ConnectionId ends(bool v6, std::size_t index) {
    const auto at = [](std::string_view text) { return Endpoint::read(text).value(); };
    ConnectionId made = v6 ? ConnectionId{at("[2001:db8::1]:40000"), at("[2001:db8::2]:80")}
                           : ConnectionId{at("192.0.2.1:40000"), at("192.0.2.2:80")};
    made.local.port.value = static_cast<std::uint16_t>(made.local.port.value + index);
    return made;
}

/// Into the capture of the run, in which one scenario comes after the other.
class OneAfterTheOther final : public TraceSink {
public:
    explicit OneAfterTheOther(Report& report) : report_{report} {}

    void write(const Record& record) override {
        Record shifted = record;
        shifted.at += start_;
        last_ = shifted.at;
        report_.capture(shifted);
    }
    void begin_next() { start_ = last_ - Instant{} + std::chrono::seconds{1}; }

private:
    Report& report_;
    Duration start_{};
    Instant last_{};
};

bool heeded(const CLI::Option& option) {
    static constexpr std::array names{"simulate", "scenario", "json",    "lines",   "verbose",
                                      "quiet",    "absolute", "symbols", "explain", "show-tcb",
                                      "color",    "write",    "report"};
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
    return fmt::format(
        "{} {}: {}", scenario.id, scenario.name,
        is_judged(scenario) ? "as it has to be" : "shown; it breaks the rules on purpose");
}

std::string summary_of(std::span<const PlayedScenario> played) {
    if (played.size() == 1) {
        return summary_of(played.front());
    }
    std::size_t conform = 0;
    std::size_t shown = 0;
    for (const PlayedScenario& one : played) {
        const bool good = one.outcome.as_expected();
        conform += good && is_judged(*one.scenario) ? 1U : 0U;
        shown += good && !is_judged(*one.scenario) ? 1U : 0U;
    }
    std::string made = fmt::format("{} conform", conform);
    made += shown == 0 ? "" : fmt::format(", {} shown breaking the rules", shown);
    const std::size_t bad = played.size() - conform - shown;
    return bad == 0 ? made : fmt::format("{}, {} went otherwise than they have to", made, bad);
}

std::vector<TestCase> cases_of(std::span<const PlayedScenario> played) {
    std::vector<TestCase> made;
    for (const PlayedScenario& one : played) {
        const SimScenario& scenario = *one.scenario;
        const bool good = one.outcome.as_expected();
        std::string differences;
        for (const std::string& difference : one.outcome.differences) {
            differences += difference + "\n";
        }
        made.push_back({.name = fmt::format("{} {}", scenario.id, scenario.name),
                        .verdict = good ? Verdict::conforms : Verdict::violates,
                        .rule = scenario.rule,
                        .text = scenario.lesson,
                        .word = good && !is_judged(scenario) ? "shown" : "",
                        .details = std::move(differences)});
    }
    return made;
}

}  // namespace

Expected<ScenarioChoice> choose_scenarios(SimTool tool, std::string_view wanted,
                                          std::string_view option) {
    if (wanted == "all" || wanted == "list") {
        return ScenarioChoice{scenarios_of(tool), wanted == "list"};
    }
    const SimScenario* found = find_sim_scenario(wanted);
    if (found == nullptr) {
        return failure({}, fmt::format("{}{}: there is {}all and list; ids and names are taken "
                                       "alike",
                                       option, wanted, ids_of(tool)));
    }
    if (found->tool != tool) {
        return failure({}, fmt::format("{}{}: {} belongs to {}", option, wanted, found->id,
                                       text(found->tool)));
    }
    return ScenarioChoice{same(found->id, wanted) ? std::vector{found} : family_of(*found), false};
}

std::vector<std::string> scenario_words(SimTool tool) {
    std::vector<std::string> words{"all", "list"};
    for (const SimScenario* scenario : scenarios_of(tool)) {
        words.push_back(scenario->id);
        words.push_back(scenario->name);
    }
    return words;
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

int list_scenarios(SimTool tool, const OutputOptions& output) {
    const auto scenarios = scenarios_of(tool);
    const std::string summary = fmt::format("{} scenarios", scenarios.size());
    OutputOptions without_reports = output;
    without_reports.reports.clear();
    print_failed_result(without_reports, text(tool), "", number(ExitCode::met), summary,
                        scenario_list_json(scenarios));
    if (output.json == JsonMode::off) {
        for (const SimScenario* scenario : scenarios) {
            fmt::print("{:<12}  {:<22}  {}\n", scenario->id, scenario->name, scenario->title);
        }
    }
    return number(ExitCode::met);
}

int show_scenarios(const ScenarioShow& show) {
    interrupted = 0;
    for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
        std::signal(signal, on_signal);
    }
    const ConnectionId first = ends(show.v6, 0);
    OutputOptions output = show.output;
    output.symbols = !output.absolute;
    auto report = Report::open(output, {.tool = show.tool,
                                        .target = first.remote.text() + " (simulated)",
                                        .local = first.local,
                                        .remote = first.remote,
                                        .interfaces = {"client", "server"}});
    if (!report) {
        fmt::print(stderr, "{}: {}\n", show.tool, report.error().message());
        return number(ExitCode::environment);
    }
    std::vector<PlayedScenario> played;
    OneAfterTheOther captured{**report};
    std::size_t segments = 0;
    for (const SimScenario* scenario : show.scenarios) {
        if (interrupted != 0) {
            return number(ExitCode::interrupted);
        }
        const ConnectionId id = ends(show.v6, played.size());
        played.push_back({scenario, run_sim_scenario(*scenario, id)});
        const SimOutcome& outcome = played.back().outcome;
        const std::size_t number = 2 * played.size() - 1;
        tell(*scenario, outcome, number, segments, **report);
        capture(*scenario, outcome, number, captured);
        captured.begin_next();
    }
    const bool good = std::ranges::all_of(
        played, [](const PlayedScenario& one) { return one.outcome.as_expected(); });
    const int status = number(good ? ExitCode::met : ExitCode::deviated);
    const std::string summary = summary_of(played);
    (*report)->say(summary);
    (*report)->conclude({.exit_status = status, .summary = summary, .cases = cases_of(played)});
    (*report)->finish(show.result(status, summary, played));
    if (interrupted != 0) {
        return number(ExitCode::interrupted);
    }
    return (*report)->output_failed() ? number(ExitCode::environment) : status;
}

Expected<ScenarioChoice> scenarios_alone(const CLI::App& app, SimTool tool,
                                         const CommonOptions& options) {
    auto chosen = choose_scenarios(tool, options.simulated);
    if (!chosen) {
        return chosen;
    }
    if (!options.peer.target.empty()) {
        return failure({}, "--simulate=SCENARIO plays one of the textbook's, without a target");
    }
    if (auto unheeded = unheeded_beside_scenario(app)) {
        return failure({}, *unheeded);
    }
    return chosen;
}

int play_choice(const ScenarioChoice& choice, SimTool tool, const std::string& name,
                const CommonOptions& options, decltype(ScenarioShow::result) result) {
    if (choice.list) {
        return list_scenarios(tool, options.output);
    }
    return show_scenarios({.tool = name,
                           .scenarios = choice.scenarios,
                           .output = options.output,
                           .v6 = options.peer.only_v6,
                           .result = std::move(result)});
}

}  // namespace tcpcraft::cli
