#include <algorithm>
#include <cstdio>

#include <fmt/format.h>
#include <tools/cli/exit_code.hpp>
#include <tools/cli/target_run.hpp>

namespace tcpcraft::cli {

namespace {

void tell_unreachable(const TargetPlaces& places, const TargetRun& tool, TargetOutput& output) {
    constexpr int status = number(ExitCode::environment);
    for (const PlacedTarget& target : places.targets) {
        if (target.failure) {
            const std::string why = target.failure->message();
            output.tell({}, target, 0, true, {status, why, tool.no_result(status, why)});
        }
    }
}

/// --dry-run: who would be asked from where.
int show_targets(const Program& program, const TargetPlaces& places, const TargetLeader& leader,
                 const OpenedRun& opened, bool absolute) {
    std::optional<std::string> first;
    for (const PlacedTarget& target : places.targets) {
        if (target.failure) {
            continue;
        }
        const ConnectionSetup setup = leader.setup(target);
        opened.report->say(fmt::format("{}: {} > {}", target.listed.text, setup.id.local.text(),
                                       setup.id.remote.text()));
        first = first ? first : first_segment_text(setup, absolute);
    }
    return show_plan(program, opened.world->plan(), *opened.report, first.value_or("nothing"));
}

tl::expected<TargetList, std::vector<std::string>> list_of(const TargetListOptions& list,
                                                           const PeerOptions& peer) {
    if (list.given()) {
        return load_target_list(list, peer);
    }
    auto target = read_target(peer);
    if (!target) {
        return tl::unexpected<std::vector<std::string>>{{target.error().attempt}};
    }
    return TargetList{{{.text = typed_target(peer), .target = std::move(*target)}}, 1};
}

/// A world, unless nothing can be reached; a report in any case.
tl::expected<OpenedRun, FailedRun> open_for(const Program& program, const WorldRequest& request,
                                            const OutputOptions& output) {
    if (!request.origins.empty()) {
        return open_run(program, request, output);
    }
    auto report = Report::open(output, {.tool = program.name, .target = program.target});
    if (!report) {
        return tl::unexpected<FailedRun>{
            FailedRun{ExitCode::environment, report.error().message()}};
    }
    OpenedRun opened;
    opened.report = std::move(*report);
    return opened;
}

}  // namespace

int run_targets(const Program& program, WorldRequest request, const TargetListOptions& list,
                const TargetRun& tool) {
    const auto loaded = list_of(list, request.options.peer);
    if (!loaded) {
        for (const std::string& wrong : loaded.error()) {
            fmt::print(stderr, "{}: {}\n", program.name, wrong);
        }
        return number(ExitCode::usage);
    }
    TargetPlaces places = place_targets(loaded->targets, request.options);
    for (Origin& origin : places.origins) {
        origin.ports = std::max(origin.ports, tool.ports);
    }
    const bool dry = request.options.dry_run;
    const OutputOptions output =
        dry ? request.options.output : TargetOutput::for_report(request.options.output);
    request.options.peer.target = {program.target};
    request.origins = places.origins;
    request.many = true;
    request.simulated_peers = places.simulated;
    const auto opened = open_for(program, request, output);
    if (!opened) {
        return tell_failure(program, request.options.output, opened.error());
    }
    TargetOutput told{*opened->report, request.options.output, !request.options.simulate};
    TargetConclusion conclusion{.shard = list.shard, .whole = loaded->whole, .word = tool.word};
    tell_unreachable(places, tool, told);
    if (opened->world) {
        const auto leader = tool.leader(*opened->world, told, places);
        if (dry) {
            return show_targets(program, places, *leader, *opened, request.options.output.absolute);
        }
        leader->run();
        leader->conclude(conclusion);
    }
    return told.conclude(conclusion);
}

}  // namespace tcpcraft::cli
