#include <fmt/format.h>
#include <tools/cli/drawn.hpp>
#include <tools/cli/exit_code.hpp>
#include <tools/cli/target_fleet.hpp>
#include <tools/keepalive_json.hpp>
#include <tools/keepalive_play.hpp>
#include <tools/keepalive_targets.hpp>

namespace tcpcraft::cli {

namespace {

using Verb = KeepAliveOptions::Verb;

std::string word(Verb verb, int status) {
    switch (status) {
        case number(ExitCode::met):
            return verb == Verb::learn ? "learnt" : "answered";
        case number(ExitCode::deviated):
            return verb == Verb::learn ? "refused or not as expected" : "reset or refused";
        case number(ExitCode::no_answer):
            return verb == Verb::learn ? "without a keep-alive" : "dead or silent";
        case number(ExitCode::interrupted):
            return "interrupted";
        default:
            return "not to be reached";
    }
}

}  // namespace

int run_keep_alive_targets(const Program& program, const WorldRequest& request,
                           const KeepAliveOptions& options) {
    TargetPlay play;
    const IsnKey key{{drawn<std::uint64_t>(), drawn<std::uint64_t>()}};
    play.policy = [&options, key](Family family, std::uint32_t mtu) {
        Policy policy = policy_of(options.common.craft, family, mtu);
        policy.isn_key = key;
        if (options.verb == Verb::probe) {
            policy.keep_alive = options.keep_alive;
        }
        return policy;
    };
    play.scenario = [&options] { return keep_alive_scenario(options); };
    play.judge = [&options](Session& session) {
        const KeepAliveFinding found = judge_keep_alive(options, session);
        session.connection().write(options.verb == Verb::learn ? found.learnt.verdict
                                                               : found.probe.verdict);
        return TargetResult{found.exit_status, found.summary, keep_alive_json(options.verb, found)};
    };
    play.no_result = [&options](int status, const std::string& summary) {
        return failed_keep_alive_json(options.verb, status, summary, false);
    };
    play.word = [&options](int status) { return word(options.verb, status); };
    return run_targets(program, request, options.targets, play);
}

}  // namespace tcpcraft::cli
