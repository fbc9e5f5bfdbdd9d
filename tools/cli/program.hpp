#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <tools/cli/exit_code.hpp>
#include <tools/cli/report.hpp>
#include <tools/cli/world.hpp>

namespace tcpcraft::cli {

/// What is said of a run before it begins, or when it never does.
struct Program {
    std::string name{};
    std::string target{};  ///< as it was typed; the world knows it better
    /// The result's JSON when nothing has come of the run.
    std::function<std::string(int exit_status, const std::string& summary)> no_result{};
    /// Somebody answers what is shown (--step): nothing is shown later than it happened.
    bool converses{false};
};

/// A place to run in, and what tells of it.
struct OpenedRun {
    std::unique_ptr<World> world{};
    std::unique_ptr<Report> report{};
};

/// Why a run does not begin.
struct FailedRun {
    ExitCode code{ExitCode::environment};
    std::string summary{};
};

/// Opens the world, then a report about it. Nothing is left of either after a failure.
[[nodiscard]] tl::expected<OpenedRun, FailedRun> open_run(const Program& program,
                                                          const WorldRequest& request,
                                                          const OutputOptions& output);

/// Tells of it on stderr and, unless the command line is at fault, in JSON where that is asked for.
/// The exit status.
[[nodiscard]] int tell_failure(const Program& program, const OutputOptions& output,
                               const FailedRun& failed);

/// --dry-run: what would be sent first, and what would be done to this host (`plan`). The exit
/// status.
[[nodiscard]] int show_plan(const Program& program, const std::vector<std::string>& plan,
                            Report& report, std::string_view first_segment);

/// One run of `Run`, which is made of options, world and report, in the world that was requested:
/// or why it does not begin, or what it would do. The exit status.
template <class Run, class Options>
[[nodiscard]] int run_program(const Program& program, const WorldRequest& request,
                              const Options& options) {
    const OutputOptions& output = options.common.output;
    const auto opened = open_run(program, request, output);
    if (!opened) {
        return tell_failure(program, output, opened.error());
    }
    const auto& [world, report] = *opened;
    Run run{options, *world, *report};
    return options.common.dry_run ? show_plan(program, world->plan(), *report, run.first_segment())
                                  : run.run();
}

}  // namespace tcpcraft::cli
