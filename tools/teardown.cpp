// tcp-teardown: options, world, run, exit status. The work is in the library.
#include <cstdio>

#include <fmt/format.h>
#include <tools/cli/exit_code.hpp>
#include <tools/cli/program.hpp>
#include <tools/cli/standard_streams.hpp>
#include <tools/cli/target.hpp>
#include <tools/teardown_json.hpp>
#include <tools/teardown_options.hpp>
#include <tools/teardown_run.hpp>
#include <tools/teardown_show.hpp>

namespace tcpcraft::cli {

namespace {

constexpr const char* tool = "tcp-teardown";

WorldRequest world_request(const TeardownOptions& options, std::size_t plays) {
    WorldRequest request{.options = options.common, .ports = plays};
    if (options.common.simulate) {
        request.simulated_peer = simulated_server();
        request.simulated_peer_opens = options.common.peer.listen.has_value();
    }
    return request;
}

Program program_of(const TeardownOptions& options) {
    return {.name = tool,
            .target = typed_target(options.common.peer),
            .no_result = [](int status, const std::string& summary) {
                return teardown_json(status, summary, {});
            }};
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
    return play_choice(
        options.textbook, SimTool::teardown, tool, options.common,
        [](int status, const std::string& summary, std::span<const PlayedScenario> played) {
            return textbook_json(status, summary, scenarios_json(played));
        });
}

int run(const TeardownOptions& options) {
    const Program program = program_of(options);
    const OutputOptions& output = options.common.output;
    const auto opened = open_run(program, world_request(options, teardown_plays(options).size()),
                                 output_of(options));
    if (!opened) {
        return tell_failure(program, output, opened.error());
    }
    const auto& [world, report] = *opened;
    TeardownRun teardown{options, *world, *report};
    if (options.common.dry_run) {
        return show_plan(program, world->plan(), *report, teardown.first_segment());
    }
    return teardown.run();
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
