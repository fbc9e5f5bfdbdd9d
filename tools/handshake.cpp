// tcp-handshake: options, world, run, exit status. The work is in the library.
#include <tools/cli/program.hpp>
#include <tools/cli/standard_streams.hpp>
#include <tools/cli/target.hpp>
#include <tools/handshake_json.hpp>
#include <tools/handshake_options.hpp>
#include <tools/handshake_run.hpp>
#include <tools/handshake_scenarios.hpp>
#include <tools/handshake_targets.hpp>

namespace tcpcraft::cli {

namespace {

constexpr const char* tool = "tcp-handshake";

WorldRequest world_request(const HandshakeOptions& options) {
    WorldRequest request{.options = options.common, .ports = options.count, .wakeful = true};
    if (options.common.simulate) {
        request.simulated_peer.emplace();
        SimHostOptions& peer = *request.simulated_peer;
        peer.policy.deviations.two_way_handshake =
            options.two_way || options.scenario == HandshakeScenario::two_way;
        peer.application = options.send ? SimApplication::echo : SimApplication::close_on_fin;
        request.simulated_peer_refuses = options.scenario == HandshakeScenario::refused;
        request.simulated_peer_opens = options.scenario == HandshakeScenario::simultaneous_open ||
                                       options.common.peer.listen.has_value();
        request.simulated_clients = simulated_clients_for(options.common.peer);
    }
    return request;
}

Program program_of(const HandshakeOptions& options) {
    const bool several = several_connections(options);
    return {.name = tool,
            .target = typed_target(options.common.peer),
            .no_result =
                [several](int status, const std::string& summary) {
                    return failed_handshake_json(status, summary, several);
                },
            .converses = options.step};
}

int run(const HandshakeOptions& options) {
    if (options.fleet) {
        Program program = program_of(options);
        program.target = options.targets.given() ? options.targets.file : program.target;
        return run_handshake_targets(program, world_request(options), options);
    }
    return run_program<HandshakeRun>(program_of(options), world_request(options), options);
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
