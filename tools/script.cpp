// tcp-script: options, scripts, a world, an exit status. The work is in the library.
#include <cstdio>

#include <fmt/format.h>
#include <tools/cli/exit_code.hpp>
#include <tools/cli/program.hpp>
#include <tools/cli/standard_streams.hpp>
#include <tools/cli/target.hpp>
#include <tools/script_files.hpp>
#include <tools/script_options.hpp>
#include <tools/script_run.hpp>
#include <tools/script_sut.hpp>

namespace tcpcraft::cli {

namespace {

constexpr const char* tool = "tcp-script";

Program program_of(const ScriptToolOptions& options) {
    return {
        .name = tool,
        .target = options.sut_netns.empty() ? typed_target(options.common.peer) : options.sut_netns,
        .no_result = [](int status, const std::string& summary) {
            return script_json({}, status, summary);
        }};
}

int fail(const ScriptToolOptions& options, const FailedRun& failed) {
    return tell_failure(program_of(options), options.common.output, failed);
}

WorldRequest world_request(const ScriptToolOptions& options) {
    WorldRequest request{.options = options.common, .ports = options.files.size()};
    request.options.peer.accept = options.files.size();
    if (options.common.simulate) {
        request.simulated_peer.emplace();
        request.simulated_peer->application = SimApplication::close_on_fin;
        request.simulated_peer_opens = options.common.peer.listen.has_value();
    }
    return request;
}

int plan_only(const ScriptToolOptions& options, const std::vector<ScriptFile>& files,
              const std::vector<std::string>& plan, Report& report) {
    for (const ScriptFile& file : files) {
        report.say(fmt::format("{}: {} events, no mistake", file.name, file.script.events.size()));
    }
    return show_plan(program_of(options), plan, report, first_segment(files.front()));
}

int play(const ScriptToolOptions& options, const std::vector<ScriptFile>& files, World& world,
         Report& report, TestedNamespace* tested) {
    return ScriptRun{options, files, world, report, tested}.run();
}

void take_family(ScriptToolOptions& options, const std::vector<ScriptFile>& files) {
    using Version = ScriptOptions::Version;
    for (const ScriptFile& file : files) {
        options.common.peer.only_v6 |= file.script.options.ip_version == Version::ipv6;
        options.common.peer.only_v4 |= file.script.options.ip_version == Version::ipv4;
    }
}

// A dry run does not go there.
int plan_in_namespace(const ScriptToolOptions& options, const std::vector<ScriptFile>& files) {
    auto report = Report::open(options.common.output,
                               {.tool = tool, .target = "namespace " + options.sut_netns});
    if (!report) {
        return fail(options, {.summary = report.error().message()});
    }
    return plan_only(options, files, TestedNamespace::planned(options, files), **report);
}

int run_in_namespace(const ScriptToolOptions& options, const std::vector<ScriptFile>& files) {
    auto tested = TestedNamespace::enter(options);
    if (!tested) {
        return fail(options, {.summary = tested.error().message()});
    }
    auto report = Report::open(
        options.common.output,
        {.tool = tool, .target = (*tested)->target_text(), .started_at = (*tested)->started_at()});
    if (!report) {
        return fail(options, {.summary = report.error().message()});
    }
    return play(options, files, **tested, **report, tested->get());
}

int run(ScriptToolOptions options) {
    const ScriptFiles read = read_script_files(options);
    if (!read.mistakes.empty()) {
        for (const std::string& mistake : read.mistakes) {
            fmt::print(stderr, "{}\n", mistake);
        }
        return number(ExitCode::usage);
    }
    take_family(options, read.files);
    if (options.common.peer.only_v4 && options.common.peer.only_v6) {
        return fail(options, {ExitCode::usage, "these scripts are for different IP versions"});
    }
    if (!options.sut_netns.empty()) {
        return options.common.dry_run ? plan_in_namespace(options, read.files)
                                      : run_in_namespace(options, read.files);
    }
    const auto opened =
        open_run(program_of(options), world_request(options), options.common.output);
    if (!opened) {
        return fail(options, opened.error());
    }
    const auto& [world, report] = *opened;
    return options.common.dry_run ? plan_only(options, read.files, world->plan(), *report)
                                  : play(options, read.files, *world, *report, nullptr);
}

}  // namespace

}  // namespace tcpcraft::cli

int main(int argc, char** argv) {
    tcpcraft::cli::open_standard_streams();
    tcpcraft::cli::ScriptToolOptions options;
    if (const auto ended = tcpcraft::cli::parse_script_options(argc, argv, options)) {
        return *ended;
    }
    return tcpcraft::cli::run(std::move(options));
}
