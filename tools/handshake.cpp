// tcp-handshake: options, world, run, exit status. The work is in the library.
#include <cstdio>

#include <fmt/format.h>
#include <tools/cli/exit_code.hpp>
#include <tools/cli/report.hpp>
#include <tools/cli/standard_streams.hpp>
#include <tools/cli/world.hpp>
#include <tools/handshake_json.hpp>
#include <tools/handshake_options.hpp>
#include <tools/handshake_run.hpp>
#include <tools/handshake_scenarios.hpp>

namespace tcpcraft::cli {

namespace {

constexpr const char* tool = "tcp-handshake";

std::string target_of(const PeerOptions& peer) {
    std::string shown = peer.listen ? "listen " + *peer.listen : "";
    for (const std::string& word : peer.target) {
        shown += (shown.empty() ? "" : " ") + word;
    }
    return shown;
}

WorldRequest world_request(const HandshakeOptions& options) {
    WorldRequest request{.options = options.common, .ports = options.count};
    if (options.common.simulate) {
        request.simulated_peer.emplace();
        SimHostOptions& peer = *request.simulated_peer;
        peer.policy.deviations.two_way_handshake =
            options.two_way || options.scenario == HandshakeScenario::two_way;
        peer.application = options.send ? SimApplication::echo : SimApplication::close_on_fin;
        request.simulated_peer_refuses = options.scenario == HandshakeScenario::refused;
        request.simulated_peer_opens = options.scenario == HandshakeScenario::simultaneous_open ||
                                       options.common.peer.listen.has_value();
    }
    return request;
}

int fail(const HandshakeOptions& options, ExitCode code, const std::string& summary) {
    fmt::print(stderr, "{}: {}\n", tool, summary);
    if (code != ExitCode::usage) {
        print_failed_result(
            options.common.output, tool, target_of(options.common.peer), number(code), summary,
            failed_handshake_json(number(code), summary, several_connections(options)));
    }
    return number(code);
}

int show_plan(HandshakeRun& run, World& world, Report& report, bool several) {
    report.say("first segment: " + run.first_segment());
    for (const std::string& line : world.plan()) {
        report.say(line);
    }
    report.say("dry run: nothing was sent");
    report.finish(failed_handshake_json(0, "dry run: nothing was sent", several));
    return number(ExitCode::met);
}

ExitCode code_of(const World::Failure& failure) {
    if (failure.interrupted) {
        return ExitCode::interrupted;
    }
    return failure.usage ? ExitCode::usage : ExitCode::environment;
}

int run(const HandshakeOptions& options) {
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
    HandshakeRun handshake{options, **world, **report};
    return options.common.dry_run
               ? show_plan(handshake, **world, **report, several_connections(options))
               : handshake.run();
}

}  // namespace

}  // namespace tcpcraft::cli

int main(int argc, char** argv) {
    tcpcraft::cli::open_standard_streams();
    tcpcraft::cli::HandshakeOptions options;
    if (const auto ended = tcpcraft::cli::parse_handshake(argc, argv, options)) {
        return *ended;
    }
    if (options.list_scenarios || !options.played.empty()) {
        return tcpcraft::cli::play_handshake_scenarios(options);
    }
    return tcpcraft::cli::run(options);
}
