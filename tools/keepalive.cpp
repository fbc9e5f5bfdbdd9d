// tcp-keepalive: options, world, run, exit status. The work is in the library.
#include <tools/cli/program.hpp>
#include <tools/cli/standard_streams.hpp>
#include <tools/cli/target.hpp>
#include <tools/keepalive_idle.hpp>
#include <tools/keepalive_json.hpp>
#include <tools/keepalive_matrix.hpp>
#include <tools/keepalive_options.hpp>
#include <tools/keepalive_run.hpp>
#include <tools/keepalive_serve.hpp>
#include <tools/keepalive_targets.hpp>

#include <libtcpcraft/engine/presets.hpp>

namespace tcpcraft::cli {

namespace {

constexpr const char* tool = "tcp-keepalive";

// To be learnt from, it probes as Linux does unless it is told otherwise.
WorldRequest world_request(const KeepAliveOptions& options) {
    WorldRequest request{.options = options.common};
    if (options.common.simulate) {
        request.simulated_peer.emplace();
        request.simulated_peer->application = SimApplication::discard;
        request.simulated_peer_opens = options.common.peer.listen.has_value();
        request.simulated_clients = simulated_clients_for(options.common.peer);
        if (options.verb == KeepAliveOptions::Verb::learn) {
            request.simulated_peer->policy.keep_alive = linux_keep_alive();
        }
    }
    return request;
}

Program program_of(const KeepAliveOptions& options) {
    const bool several = several_connections(options);
    return {.name = tool,
            .target = options.targets.given() ? "targets of " + options.targets.file
                                              : typed_target(options.common.peer),
            .no_result = [verb = options.verb, several](int status, const std::string& summary) {
                return failed_keep_alive_json(verb, status, summary, several);
            }};
}

int play_textbook(const KeepAliveOptions& options) {
    return play_choice(
        options.textbook, SimTool::keep_alive, tool, options.common,
        [](int status, const std::string& summary, std::span<const PlayedScenario> played) {
            return textbook_keep_alive_json(status, summary, scenarios_json(played));
        });
}

int run(const KeepAliveOptions& options) {
    if (options.matrix) {
        return run_matrix(options);
    }
    if (options.targets.given()) {
        return run_keep_alive_targets(program_of(options), world_request(options), options);
    }
    return run_program<KeepAliveRun>(program_of(options), world_request(options), options);
}

}  // namespace

}  // namespace tcpcraft::cli

int main(int argc, char** argv) {
    using namespace tcpcraft::cli;
    open_standard_streams();
    KeepAliveOptions options;
    if (const auto ended = parse_keep_alive(argc, argv, options)) {
        return *ended;
    }
    switch (options.verb) {
        case KeepAliveOptions::Verb::textbook:
            return play_textbook(options);
        case KeepAliveOptions::Verb::idle:
            return run_idle(options);
        case KeepAliveOptions::Verb::serve:
            return serve(options.common, options.serve);
        default:
            return run(options);
    }
}
