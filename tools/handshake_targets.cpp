#include <memory>

#include <tools/cli/exit_code.hpp>
#include <tools/cli/target_run.hpp>
#include <tools/handshake_crew.hpp>
#include <tools/handshake_json.hpp>
#include <tools/handshake_targets.hpp>

namespace tcpcraft::cli {

namespace {

std::string word(int status) {
    switch (status) {
        case number(ExitCode::met):
            return "established";
        case number(ExitCode::deviated):
            return "refused or reset";
        case number(ExitCode::no_answer):
            return "without an answer";
        case number(ExitCode::interrupted):
            return "interrupted";
        default:
            return "not to be reached";
    }
}

}  // namespace

int run_handshake_targets(const Program& program, const WorldRequest& request,
                          const HandshakeOptions& options) {
    TargetRun tool{.word = word};
    tool.ports = options.targets.given() ? 1 : ports_for(options.count, options.targets.in_flight);
    tool.no_result = untried_handshake_json;
    tool.leader = [&](World& world, TargetOutput& output, const TargetPlaces& places) {
        return std::make_unique<HandshakeCrew>(
            HandshakeCrew::Means{options, world, output, places, tool.ports});
    };
    return run_targets(program, request, options.targets, tool);
}

}  // namespace tcpcraft::cli
