#include <tools/cli/program.hpp>
#include <tools/cli/target.hpp>
#include <tools/keepalive_idle.hpp>
#include <tools/keepalive_idle_run.hpp>

namespace tcpcraft::cli {

namespace {

constexpr const char* tool = "tcp-keepalive";

/// Hundreds of ladders beside each other help nobody: a line for each trial, unless somebody asks
/// for what only a ladder shows.
KeepAliveOptions without_ladders(const KeepAliveOptions& given) {
    KeepAliveOptions made = given;
    OutputOptions& output = made.common.output;
    made.idle.quiet = output.quiet;
    output.quiet |= output.verbosity == 0 && !output.lines && !output.explain && !output.show_tcb &&
                    !output.symbols;
    return made;
}

WorldRequest world_request(const CommonOptions& common, const IdleOptions& options) {
    WorldRequest request{.options = common, .ports = ports_for(options.limits)};
    if (common.simulate) {
        const bool closing = options.state == IdleState::time_wait;
        request.simulated_peer.emplace();
        request.simulated_peer->application =
            closing ? SimApplication::close_on_fin : SimApplication::discard;
        request.simulated_path = options.simulated_path.value_or(ForgetfulPathOptions{});
    }
    return request;
}

Program program_of(const CommonOptions& common, const IdleOptions& options) {
    return {.name = tool,
            .target = typed_target(common.peer),
            .no_result = [&options](int status, const std::string& summary) {
                return idle_json(options, {.exit_status = status, .summary = summary});
            }};
}

/// The way that is searched: a checkpoint of another one is not this one's.
std::string way_of(const CommonOptions& common) {
    const PeerOptions& peer = common.peer;
    std::string way = common.simulate ? "simulated " : "";
    way += typed_target(peer);
    way += peer.only_v4 ? " by IPv4" : peer.only_v6 ? " by IPv6" : "";
    way += peer.source.empty() ? "" : " from " + peer.source;
    return way + (peer.interface.empty() ? "" : " over " + peer.interface);
}

Expected<std::vector<IdleTried>> earlier_trials(const IdleCheckpoint& checkpoint,
                                                const IdleOptions& options) {
    if (options.resume) {
        return checkpoint.read();
    }
    if (checkpoint.exists()) {
        return failure({}, "'" + options.checkpoint +
                               "' exists: --resume goes on from there; remove it to begin anew");
    }
    return std::vector<IdleTried>{};
}

}  // namespace

int run_idle(const KeepAliveOptions& given) {
    const KeepAliveOptions all = without_ladders(given);
    const CommonOptions& common = all.common;
    const Program program = program_of(common, all.idle);
    const IdleCheckpoint checkpoint{way_of(common), all.idle};
    auto earlier = earlier_trials(checkpoint, all.idle);
    if (!earlier) {
        return tell_failure(program, common.output, {ExitCode::usage, earlier.error().message()});
    }
    const auto opened = open_run(program, world_request(common, all.idle), common.output);
    if (!opened) {
        return tell_failure(program, common.output, opened.error());
    }
    const auto& [world, report] = *opened;
    IdleRun run{common, all.idle, *world, *report, checkpoint};
    if (common.dry_run) {
        std::vector<std::string> plan = world->plan();
        const auto trials = run.plan();
        plan.insert(plan.end(), trials.begin(), trials.end());
        return show_plan(program, plan, *report, run.first_segment());
    }
    run.take(std::move(*earlier));
    return run.run();
}

}  // namespace tcpcraft::cli
