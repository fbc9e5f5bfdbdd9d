#include <algorithm>
#include <chrono>

#include <tools/cli/exit_code.hpp>
#include <tools/cli/target_fleet.hpp>

namespace tcpcraft::cli {

using namespace std::chrono_literals;

namespace {

constexpr Duration between_results = 1s;  ///< at the least, from progress to progress
constexpr Duration without_results = 60s;

}  // namespace

TargetFleet::TargetFleet(const Means& means)
    : options_{means.options},
      world_{means.world},
      play_{means.play},
      output_{means.output},
      places_{means.places},
      pace_{means.list.rate},
      at_once_{means.list.in_flight},
      run_{means.options, means.world, means.output.sink()},
      origins_{means.world.origins()} {}

void TargetFleet::run() {
    for (std::size_t i = 0; i < places_.targets.size(); ++i) {
        if (!places_.targets[i].failure) {
            reachable_.push_back(i);
        }
    }
    run_.fleet().on_finished([this](Session& session) { finished(session); });
    run_.fleet().give_up_ended();
    pace_ = Pace{pace_.rate(), run_.now()};
    schedule();
    if (output_.shows_progress() && !options_.simulate) {
        watch_progress();
    }
    run_.on_turn([this] { output_.flush(); });
    run_.run([this] { return next_ == reachable_.size(); });
    tell_untried();
    run_.tell_evidence();
}

void TargetFleet::conclude(TargetConclusion& conclusion) const {
    conclusion.elapsed = run_.now() - Instant{};
    conclusion.interrupted = run_.interrupted();
}

void TargetFleet::schedule() {
    if (scheduled_ || run_.stopped() || next_ == reachable_.size() || begun_.size() >= at_once_) {
        return;
    }
    scheduled_ = true;
    run_.after(std::max<Duration>(pace_.next() - run_.now(), 0us), [this] {
        scheduled_ = false;
        begin_due();
        schedule();
    });
}

void TargetFleet::begin_due() {
    pace_.catch_up(run_.now());
    while (next_ < reachable_.size() && pace_.due(run_.now()) && begun_.size() < at_once_) {
        pace_.begun();
        begin(reachable_[next_++]);
    }
}

void TargetFleet::begin(std::size_t index) {
    last_begun_ = run_.now();
    first_begun_ = begun_count_ == 0 ? last_begun_ : first_begun_;
    begun_.emplace(++begun_count_, Begun{index, last_begun_});
    run_.fleet().launch(setup(places_.targets[index]), play_.scenario());
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
    const Begun begun = begun_.extract(number).mapped();
    const TargetResult result = play_.judge(session);
    lengths_ += run_.now() - begun.at;
    ++ended_;
    output_.tell(run_.now(), places_.targets[begun.index], number, true, result);
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
        const PlacedTarget& target = places_.targets[reachable_[next_]];
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
    const std::size_t unreachable = places_.targets.size() - reachable_.size();
    progress_told_ = run_.now();
    const Duration beginning = last_begun_ - first_begun_;
    output_.tell(run_.now(),
                 TargetProgress{.done = unreachable + ended_,
                                .total = places_.targets.size(),
                                .in_flight = begun_.size(),
                                .rate = beginning > 0us ? static_cast<double>(begun_count_ - 1) /
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
        return std::max<Duration>(last_begun_ + each - run_.now(), 0us);
    }
    const Duration by_room = each * more / static_cast<std::int64_t>(at_once_);
    const std::chrono::duration<double> by_rate{static_cast<double>(more) / pace_.rate()};
    return std::max(std::chrono::duration_cast<Duration>(by_rate), by_room) + each;
}

int run_targets(const Program& program, WorldRequest request, const TargetListOptions& list,
                const TargetPlay& play) {
    const CommonOptions options = request.options;
    TargetRun tool{.no_result = play.no_result, .word = play.word};
    tool.leader = [&](World& world, TargetOutput& output, const TargetPlaces& places) {
        return std::make_unique<TargetFleet>(
            TargetFleet::Means{options, list, world, output, places, play});
    };
    return run_targets(program, std::move(request), list, tool);
}

}  // namespace tcpcraft::cli
