#include <algorithm>
#include <chrono>
#include <utility>

#include <tools/cli/fleet_run.hpp>

namespace tcpcraft::cli {

FleetRun::FleetRun(const CommonOptions& options, World& world, TraceSink& trace)
    : options_{options},
      world_{world},
      around_{.link = world.link(), .alarm = world.alarm(), .trace = trace},
      fleet_{around_} {}

void FleetRun::after(Duration length, std::function<void()> action) {
    (void)around_.alarm.call_at(now() + length, [this, action = std::move(action)] {
        if (!stopped_) {
            action();
        }
    });
}

void FleetRun::interrupt_soon(const std::string& explanation) {
    (void)around_.alarm.call_at(now(), [this, explanation] { interrupt(explanation); });
}

void FleetRun::run(const std::function<bool()>& complete) {
    if (options_.deadline) {
        after(*options_.deadline,
              [this] { stop(Ending::deadline, "the deadline of the run was over"); });
    }
    world_.run(
        [this, &complete] {
            if (on_turn_) {
                on_turn_();
            }
            const bool quiet = !stopped_ || now() >= quiet_at_;
            return quiet && fleet_.finished() && (stopped_ || complete());
        },
        [this] { interrupt("stopped by a signal"); });
}

void FleetRun::tell_evidence() {
    for (const Note& note : world_.evidence()) {
        around_.trace.write(Record{.at = now(), .what = note});
    }
}

void FleetRun::interrupt(const std::string& explanation) {
    interrupted_ = true;
    stop(Ending::interrupted, explanation);
}

// What is on its way when a run is stopped still finds the guard up.
void FleetRun::stop(Ending why, const std::string& explanation) {
    Duration quiet = std::chrono::milliseconds{50};
    for (const auto& session : fleet_.sessions()) {
        if (session) {
            quiet = std::max(quiet, 2 * session->connection().measured().rtt.value_or(quiet / 2));
        }
    }
    stopped_ = true;
    quiet_at_ = now() + quiet;
    (void)around_.alarm.call_at(quiet_at_, [] {});
    fleet_.stop(why, explanation);
}

}  // namespace tcpcraft::cli
