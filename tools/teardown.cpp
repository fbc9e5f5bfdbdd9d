// tcp-teardown: options, world, run, exit status. The work is in the library.
#include <cstdio>
#include <fstream>

#include <fmt/format.h>
#include <tools/cli/exit_code.hpp>
#include <tools/cli/report.hpp>
#include <tools/cli/standard_streams.hpp>
#include <tools/cli/world.hpp>
#include <tools/teardown_json.hpp>
#include <tools/teardown_options.hpp>
#include <tools/teardown_run.hpp>
#include <tools/teardown_show.hpp>

#include <libtcpcraft/trace/test_report.hpp>

namespace tcpcraft::cli {

namespace {

constexpr const char* tool = "tcp-teardown";

std::string target_of(const PeerOptions& peer) {
    std::string shown = peer.listen ? "listen " + *peer.listen : "";
    for (const std::string& word : peer.target) {
        shown += (shown.empty() ? "" : " ") + word;
    }
    return shown;
}

WorldRequest world_request(const TeardownOptions& options, std::size_t plays) {
    WorldRequest request{.options = options.common, .ports = plays};
    if (options.common.simulate) {
        request.simulated_peer = simulated_server();
        request.simulated_peer_opens = options.common.peer.listen.has_value();
    }
    return request;
}

int fail(const TeardownOptions& options, ExitCode code, const std::string& summary) {
    fmt::print(stderr, "{}: {}\n", tool, summary);
    if (code != ExitCode::usage) {
        print_failed_result(options.common.output, tool, target_of(options.common.peer),
                            number(code), summary, teardown_json(number(code), summary, {}));
    }
    return number(code);
}

void write_tests(std::ofstream& file, const std::string& name, const std::string& target,
                 const std::vector<TeardownResult>& results) {
    std::vector<TestCase> cases;
    for (const TeardownResult& result : results) {
        cases.push_back({result.name, result.verdict.verdict, result.verdict.rule,
                         result.verdict.text, result.took});
    }
    const std::string suite = fmt::format("{} {}", tool, target);
    name.ends_with(".tap") ? write_tap(file, suite, cases) : write_junit(file, suite, cases);
    file.flush();
}

int show_plan(TeardownRun& run, World& world, Report& report) {
    report.say("first segment: " + run.first_segment());
    for (const std::string& line : world.plan()) {
        report.say(line);
    }
    report.say("dry run: nothing was sent");
    report.finish(teardown_json(0, "dry run: nothing was sent", {}));
    return number(ExitCode::met);
}

ExitCode code_of(const World::Failure& failure) {
    if (failure.interrupted) {
        return ExitCode::interrupted;
    }
    return failure.usage ? ExitCode::usage : ExitCode::environment;
}

// Of many scenarios a table is wanted, unless somebody asks for the segments.
OutputOptions output_of(const TeardownOptions& options) {
    OutputOptions output = options.common.output;
    const bool several = options.scenarios.size() > 1 || options.long_ones;
    output.quiet |=
        several && output.verbosity == 0 && !output.lines && !output.explain && !output.show_tcb;
    return output;
}

int play_textbook(const TeardownOptions& options) {
    if (options.list_played) {
        return list_scenarios(SimTool::teardown, options.common.output);
    }
    return show_scenarios({.tool = tool,
                           .scenarios = options.played,
                           .output = options.common.output,
                           .v6 = options.common.peer.only_v6,
                           .result = [](int status, const std::string& summary,
                                        std::span<const PlayedScenario> played) {
                               return textbook_json(status, summary, scenarios_json(played));
                           }});
}

int run(const TeardownOptions& options) {
    auto world = World::open(world_request(options, teardown_plays(options).size()));
    if (!world) {
        return fail(options, code_of(world.error()), world.error().error.message());
    }
    std::ofstream tests;
    if (!options.common.output.report.empty()) {
        tests.open(options.common.output.report);
        if (!tests) {
            return fail(options, ExitCode::environment,
                        fmt::format("cannot write '{}'", options.common.output.report));
        }
    }
    auto report = Report::open(output_of(options), {.tool = tool,
                                                    .target = (*world)->target_text(),
                                                    .local = (*world)->local(),
                                                    .remote = (*world)->remote(),
                                                    .started_at = (*world)->started_at()});
    if (!report) {
        return fail(options, ExitCode::environment, report.error().message());
    }
    TeardownRun teardown{options, **world, **report};
    if (options.common.dry_run) {
        return show_plan(teardown, **world, **report);
    }
    const int status = teardown.run();
    if (tests.is_open()) {
        write_tests(tests, options.common.output.report, (*world)->target_text(),
                    teardown.results());
    }
    return tests.good() || !tests.is_open() ? status : number(ExitCode::environment);
}

}  // namespace

}  // namespace tcpcraft::cli

int main(int argc, char** argv) {
    using namespace tcpcraft::cli;
    open_standard_streams();
    TeardownOptions options;
    if (const auto ended = parse_teardown(argc, argv, options)) {
        return *ended;
    }
    switch (options.verb) {
        case TeardownOptions::Verb::list:
            return list_teardowns();
        case TeardownOptions::Verb::show:
            return show_teardowns(options);
        case TeardownOptions::Verb::textbook:
            return play_textbook(options);
        case TeardownOptions::Verb::play:
            break;
    }
    return run(options);
}
