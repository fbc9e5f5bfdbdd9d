// tcp-script: options, scripts, a world, an exit status. The work is in the library.
#include <cstdio>

#include <fmt/format.h>
#include <tools/cli/exit_code.hpp>
#include <tools/cli/help.hpp>
#include <tools/cli/report.hpp>
#include <tools/cli/standard_streams.hpp>
#include <tools/cli/world.hpp>
#include <tools/script_files.hpp>
#include <tools/script_options.hpp>
#include <tools/script_run.hpp>
#include <tools/script_sut.hpp>

namespace tcpcraft::cli {

namespace {

constexpr const char* tool = "tcp-script";

std::string target_of(const ScriptToolOptions& options) {
    const PeerOptions& peer = options.common.peer;
    std::string shown = peer.listen ? "listen " + *peer.listen : options.sut_netns;
    for (const std::string& word : peer.target) {
        shown += (shown.empty() ? "" : " ") + word;
    }
    return shown;
}

int fail(const ScriptToolOptions& options, ExitCode code, const std::string& summary) {
    fmt::print(stderr, "{}: {}\n", tool, summary);
    if (code != ExitCode::usage) {
        print_failed_result(options.common.output, tool, target_of(options), number(code), summary,
                            script_json({}, number(code), summary));
    }
    return number(code);
}

ExitCode code_of(const World::Failure& failure) {
    if (failure.interrupted) {
        return ExitCode::interrupted;
    }
    return failure.usage ? ExitCode::usage : ExitCode::environment;
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

int show_plan(const ScriptRun& run, const std::vector<ScriptFile>& files, const World& world,
              Report& report) {
    for (const ScriptFile& file : files) {
        report.say(fmt::format("{}: {} events, no mistake", file.name, file.script.events.size()));
    }
    report.say("first segment: " + run.first_segment());
    for (const std::string& line : world.plan()) {
        report.say(line);
    }
    report.say("dry run: nothing was sent");
    report.finish(script_json({}, 0, "dry run: nothing was sent"));
    return number(ExitCode::met);
}

void take_family(ScriptToolOptions& options, const std::vector<ScriptFile>& files) {
    using Version = ScriptOptions::Version;
    for (const ScriptFile& file : files) {
        options.common.peer.only_v6 |= file.script.options.ip_version == Version::ipv6;
        options.common.peer.only_v4 |= file.script.options.ip_version == Version::ipv4;
    }
}

int run_in_namespace(const ScriptToolOptions& options, const std::vector<ScriptFile>& files) {
    auto tested = TestedNamespace::enter(options);
    if (!tested) {
        return fail(options, ExitCode::environment, tested.error().message());
    }
    auto report = Report::open(
        options.common.output,
        {.tool = tool, .target = (*tested)->target_text(), .started_at = (*tested)->started_at()});
    if (!report) {
        return fail(options, ExitCode::environment, report.error().message());
    }
    ScriptRun script{options, files, **tested, **report, tested->get()};
    return options.common.dry_run ? show_plan(script, files, **tested, **report) : script.run();
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
        return fail(options, ExitCode::usage, "these scripts are for different IP versions");
    }
    if (!options.sut_netns.empty()) {
        return run_in_namespace(options, read.files);
    }
    auto world = World::open(world_request(options));
    if (!world) {
        return fail(options, code_of(world.error()), world.error().error.message());
    }
    auto report = Report::open(options.common.output, {.tool = tool,
                                                       .target = (*world)->target_text(),
                                                       .local = (*world)->local(),
                                                       .remote = (*world)->remote(),
                                                       .started_at = (*world)->started_at()});
    if (!report) {
        return fail(options, ExitCode::environment, report.error().message());
    }
    ScriptRun script{options, read.files, **world, **report, nullptr};
    return options.common.dry_run ? show_plan(script, read.files, **world, **report) : script.run();
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
