#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <tools/cli/options.hpp>

#include <libtcpcraft/sim/scenario_run.hpp>

namespace tcpcraft::cli {

/// What `--simulate=SCENARIO`, or `--simulate --scenario SCENARIO`, asks for.
struct ScenarioChoice {
    std::vector<const SimScenario*> scenarios{};
    bool list{false};  ///< only say which there are
};
/// An id (one scenario), a name (with its variants, whose names begin with it), `all` or `list`.
/// The error begins with `option` as it was written (`--simulate=`) and names what this tool has,
/// or the tool that has it.
[[nodiscard]] Expected<ScenarioChoice> choose_scenarios(SimTool tool, std::string_view wanted,
                                                        std::string_view option = "--simulate=");
/// What `--simulate=SCENARIO` asks for of a tool that plays a textbook's scenario only by itself:
/// without a target, and without an option that would change nothing. The error's attempt says why.
[[nodiscard]] Expected<ScenarioChoice> scenarios_alone(const CLI::App& app, SimTool tool,
                                                       const CommonOptions& options);
/// What choose_scenarios() takes, as words that a shell offers: `all`, `list`, ids, names.
[[nodiscard]] std::vector<std::string> scenario_words(SimTool tool);
/// Why this command line cannot have a scenario played: an option that would change nothing.
[[nodiscard]] std::optional<std::string> unheeded_beside_scenario(const CLI::App& app);
/// Prints id, name and title, one a line, or with --json as the result's `scenarios`.
int list_scenarios(SimTool tool, const OutputOptions& output);
[[nodiscard]] std::string scenario_list_json(std::span<const SimScenario* const> scenarios);

struct PlayedScenario {
    const SimScenario* scenario{nullptr};
    SimOutcome outcome{};
};
/// Played scenarios as a JSON array: for each `id`, `name`, `title`, `story`, `verdict`, `rule`,
/// `text`, `deviations`, `differences`, `wire`, `states` of both ends, `symbols`, `times`, `tcbs`.
[[nodiscard]] std::string scenarios_json(std::span<const PlayedScenario> played);

struct ScenarioShow {
    std::string tool{};
    std::vector<const SimScenario*> scenarios{};
    OutputOptions output{};
    bool v6{false};
    /// The tool's `result`, an object as text, from exit status, summary and what was played.
    std::function<std::string(int, const std::string&, std::span<const PlayedScenario>)> result{};
};
/// Plays and reports them; the exit status: 0, or 1 when one went otherwise than it has to.
[[nodiscard]] int show_scenarios(const ScenarioShow& show);

/// Lists, or plays and reports, what was chosen with these options; `result` is as in ScenarioShow.
[[nodiscard]] int play_choice(const ScenarioChoice& choice, SimTool tool, const std::string& name,
                              const CommonOptions& options, decltype(ScenarioShow::result) result);

}  // namespace tcpcraft::cli
