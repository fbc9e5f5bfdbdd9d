#include <algorithm>
#include <chrono>
#include <cstdio>

#include <fmt/format.h>
#include <tools/cli/connection_setup.hpp>
#include <tools/cli/target_fleet.hpp>

namespace tcpcraft::cli {

using namespace std::chrono_literals;

namespace {

// A late turn of the loop is made up for; a longer pause is not.
constexpr Duration made_up_for = 100ms;
constexpr Duration between_results = 1s;  ///< at the least, from progress to progress
constexpr Duration without_results = 60s;

void tell_unreachable(const TargetPlaces& places, const TargetPlay& play, TargetOutput& output) {
    constexpr int status = number(ExitCode::environment);
    for (const PlacedTarget& target : places.targets) {
        if (target.failure) {
            const std::string why = target.failure->message();
            output.tell({}, target, 0, true, {status, why, play.no_result(status, why)});
        }
    }
}

/// --dry-run: who would be asked from where.
int show_targets(const Program& program, const TargetPlaces& places, const TargetFleet& fleet,
                 const OpenedRun& opened, bool absolute) {
    std::optional<std::string> first;
    for (const PlacedTarget& target : places.targets) {
        if (target.failure) {
            continue;
        }
        const ConnectionSetup setup = fleet.setup(target);
        opened.report->say(fmt::format("{}: {} > {}", target.listed.text, setup.id.local.text(),
                                       setup.id.remote.text()));
        first = first ? first : first_segment_text(setup, absolute);
    }
    return show_plan(program, opened.world->plan(), *opened.report, first.value_or("nothing"));
}

}  // namespace

TargetFleet::TargetFleet(const CommonOptions& options, const TargetListOptions& list, World& world,
                         TargetOutput& output, const TargetPlay& play)
    : options_{options},
      world_{world},
      play_{play},
      output_{output},
      gap_{std::chrono::duration_cast<Duration>(std::chrono::duration<double>{1 / list.rate})},
      at_once_{list.in_flight},
      run_{options, world, output.sink()},
      origins_{world.origins()} {}

void TargetFleet::run(const TargetPlaces& places) {
    places_ = &places;
    for (std::size_t i = 0; i < places.targets.size(); ++i) {
        if (!places.targets[i].failure) {
            reachable_.push_back(i);
        }
    }
    run_.fleet().on_finished([this](Session& session) { finished(session); });
    due_ = run_.now();
    schedule();
    if (output_.shows_progress() && !options_.simulate) {
        watch_progress();
    }
    run_.run([this] { return next_ == reachable_.size(); });
    tell_untried();
    run_.tell_evidence();
}

void TargetFleet::schedule() {
    if (scheduled_ || run_.stopped() || next_ == reachable_.size() ||
        begun_.size() - ended_ >= at_once_) {
        return;
    }
    scheduled_ = true;
    run_.after(std::max<Duration>(due_ - run_.now(), 0us), [this] {
        scheduled_ = false;
        begin_due();
        schedule();
    });
}

void TargetFleet::begin_due() {
    due_ = std::max(due_, run_.now() - made_up_for);
    while (next_ < reachable_.size() && due_ <= run_.now() && begun_.size() - ended_ < at_once_) {
        due_ += gap_;
        begin(reachable_[next_++]);
    }
}

void TargetFleet::begin(std::size_t index) {
    begun_.push_back({index, run_.now()});
    run_.fleet().launch(setup(places_->targets[index]), play_.scenario());
}

ConnectionSetup TargetFleet::setup(const PlacedTarget& target) const {
    Endpoint local = origins_.at(target.origin);
    local.port.value = static_cast<std::uint16_t>(local.port.value + target.port);
    const Policy policy = play_.policy(target.remote.address.family(), target.mtu);
    ConnectionSetup made =
        connection_setup(options_, {local, target.remote}, policy, world_.alarm().now());
    made.keep_sightings = true;
    return made;
}

void TargetFleet::finished(Session& session) {
    const std::size_t number = session.connection().setup().number;
    const Begun& begun = begun_[number - 1];
    const TargetResult result = play_.judge(session);
    lengths_ += run_.now() - begun.at;
    ++ended_;
    output_.tell(run_.now(), places_->targets[begun.index], number, true, result);
    if (output_.shows_progress() && run_.now() - progress_told_ >= between_results) {
        tell_progress();
    }
    schedule();
}

void TargetFleet::tell_untried() {
    const int status = number(run_.interrupted() ? ExitCode::interrupted : ExitCode::no_answer);
    const std::string why = run_.interrupted()
                                ? "not tried: the run was interrupted before"
                                : "not tried: the deadline of the run was over before";
    for (; next_ < reachable_.size(); ++next_) {
        const PlacedTarget& target = places_->targets[reachable_[next_]];
        output_.tell(run_.now(), target, 0, false, {status, why, play_.no_result(status, why)});
    }
}

void TargetFleet::watch_progress() {
    const Duration pause = output_.live() ? between_results : without_results;
    run_.after(pause, [this, pause] {
        if (ended_ == reachable_.size()) {
            return;
        }
        if (run_.now() - progress_told_ >= pause) {
            tell_progress();
        }
        watch_progress();
    });
}

void TargetFleet::tell_progress() {
    const std::size_t unreachable = places_->targets.size() - reachable_.size();
    progress_told_ = run_.now();
    const Duration beginning = begun_.empty() ? Duration{} : begun_.back().at - begun_.front().at;
    output_.tell(run_.now(),
                 TargetProgress{.done = unreachable + ended_,
                                .total = places_->targets.size(),
                                .in_flight = begun_.size() - ended_,
                                .rate = beginning > 0us ? static_cast<double>(begun_.size() - 1) /
                                                              seconds(beginning)
                                                        : 0,
                                .left = time_left()});
}

// From how long the others took: by the rate, or by how many may be there at once.
std::optional<Duration> TargetFleet::time_left() const {
    if (ended_ == 0) {
        return std::nullopt;
    }
    const Duration each = lengths_ / static_cast<std::int64_t>(ended_);
    const auto more = static_cast<std::int64_t>(reachable_.size() - next_);
    if (more == 0) {
        return std::max<Duration>(begun_.back().at + each - run_.now(), 0us);
    }
    const Duration by_room = each * more / static_cast<std::int64_t>(at_once_);
    return std::max<Duration>(gap_ * more, by_room) + each;
}

int run_targets(const Program& program, WorldRequest request, const TargetListOptions& list,
                const TargetPlay& play) {
    const auto loaded = load_target_list(list, request.options.peer);
    if (!loaded) {
        for (const std::string& wrong : loaded.error()) {
            fmt::print(stderr, "{}: {}\n", program.name, wrong);
        }
        return number(ExitCode::usage);
    }
    const TargetPlaces places = place_targets(loaded->targets, request.options);
    const bool dry = request.options.dry_run;
    const OutputOptions output =
        dry ? request.options.output : TargetOutput::for_report(request.options.output);
    request.options.peer.target = {program.target};
    request.origins = places.origins;
    request.many = true;
    request.simulated_peers = places.simulated;
    OpenedRun opened;
    if (!places.origins.empty()) {
        auto ready = open_run(program, request, output);
        if (!ready) {
            return tell_failure(program, request.options.output, ready.error());
        }
        opened = std::move(*ready);
    } else if (auto report = Report::open(output, {.tool = program.name, .target = program.target});
               report) {
        opened.report = std::move(*report);
    } else {
        return tell_failure(program, request.options.output,
                            {ExitCode::environment, report.error().message()});
    }
    TargetOutput told{*opened.report, request.options.output, !request.options.simulate};
    TargetConclusion conclusion{.shard = list.shard, .whole = loaded->whole, .word = play.word};
    tell_unreachable(places, play, told);
    if (opened.world) {
        TargetFleet fleet{request.options, list, *opened.world, told, play};
        if (dry) {
            return show_targets(program, places, fleet, opened, request.options.output.absolute);
        }
        fleet.run(places);
        conclusion.elapsed = fleet.elapsed();
        conclusion.interrupted = fleet.interrupted();
    }
    return told.conclude(conclusion);
}

}  // namespace tcpcraft::cli
