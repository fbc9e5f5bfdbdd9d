#include <algorithm>

#include <fmt/format.h>
#include <tools/cli/drawn.hpp>
#include <tools/cli/exit_code.hpp>
#include <tools/handshake_crew.hpp>
#include <tools/handshake_json.hpp>
#include <tools/handshake_run.hpp>

#include <libtcpcraft/drive/describe.hpp>

namespace tcpcraft::cli {

using namespace std::chrono_literals;

namespace {

constexpr Duration between_progress = 1s;
constexpr std::size_t least_ports = 16;
constexpr std::size_t most_ports = 16'384;
/// What is on its way when a run is stopped still finds the guard up.
constexpr Duration until_quiet = 50ms;
/// Unless --time-wait says otherwise a repeated FIN is answered for so long.
constexpr Duration usual_time_wait = 1s;

std::string counted(std::uint64_t count, std::string_view one, std::string_view many) {
    return fmt::format("{} {}", count, count == 1 ? one : many);
}

}  // namespace

std::size_t ports_for(std::size_t count, std::size_t in_flight) noexcept {
    return std::min({count, std::max(least_ports, 2 * in_flight), most_ports});
}

HandshakeCrew::HandshakeCrew(const Means& means)
    : options_{means.options},
      world_{means.world},
      output_{means.output},
      places_{means.places},
      ports_{means.ports},
      origins_{means.world.origins()},
      around_{
          .link = means.world.link(), .alarm = means.world.alarm(), .trace = means.output.sink()} {
    for (std::size_t i = 0; i < places_.targets.size(); ++i) {
        if (!places_.targets[i].failure) {
            reachable_.push_back(i);
            const PlacedTarget& target = places_.targets[i];
            (void)policy_for(target.remote.address.family(), target.mtu);
        }
    }
    const IsnKey key{{drawn<std::uint64_t>(), drawn<std::uint64_t>()}};
    for (Policy& policy : policies_) {
        policy.isn_key = key;
    }
}

std::size_t HandshakeCrew::policy_for(Family family, std::uint32_t mtu) {
    const auto [entry, made] = policy_of_.try_emplace({family, mtu}, policies_.size());
    if (made) {
        Policy policy = handshake_policy(options_, family, mtu);
        if (!options_.time_wait_full) {
            policy.time_wait = options_.time_wait.value_or(usual_time_wait);
        }
        policies_.push_back(std::move(policy));
    }
    return entry->second;
}

HandshakeFleetSetup HandshakeCrew::fleet_setup() {
    HandshakeFleetSetup made;
    made.policies = policies_;
    made.then = options_.then;
    made.third = options_.third;
    made.rate = options_.targets.rate;
    made.in_flight =
        single() ? std::min(options_.targets.in_flight, ports_) : options_.targets.in_flight;
    made.timeout = options_.common.timeout;
    made.ip.hop_limit = options_.common.craft.ttl;
    made.ip.traffic_class = static_cast<std::uint8_t>((options_.common.craft.dscp << 2U) |
                                                      options_.common.craft.ecn_codepoint);
    made.timestamp_offset = drawn<std::uint32_t>();
    made.trace = output_.shows_segments();
    made.batch = options_.common.faults.empty() ? made.batch : 1;
    return made;
}

std::size_t HandshakeCrew::total() const noexcept {
    return single() ? (reachable_.empty() ? 0 : options_.count) : reachable_.size();
}

void HandshakeCrew::run() {
    started_ = now();
    fleet_.emplace(around_, fleet_setup());
    fleet_->on_report([this](const HandshakeReport& report) { reported(report); });
    if (options_.common.deadline) {
        (void)around_.alarm.call_at(now() + *options_.common.deadline, [this] {
            if (!stopped_ && !fleet_->finished()) {
                stop(HandshakeOutcome::deadline);
            }
        });
    }
    if (output_.shows_progress()) {
        watch_progress();
    }
    fleet_->start([this] { return next(); });
    world_.run(
        [this] {
            output_.flush();
            return stopped_ ? now() >= quiet_at_ : fleet_->quiet();
        },
        [this] {
            interrupted_ = true;
            stop(HandshakeOutcome::interrupted);
        });
    tell_untried();
    tell_evidence();
}

void HandshakeCrew::stop(HandshakeOutcome why) {
    stopped_ = true;
    quiet_at_ = now() + std::max(until_quiet, 2 * fleet_->counts().rtt.most().value_or(0s));
    (void)around_.alarm.call_at(quiet_at_, [] {});
    fleet_->stop(why);
}

ConnectionId HandshakeCrew::id_of(const PlacedTarget& target) const {
    Endpoint local = origins_.at(target.origin);
    local.port.value = static_cast<std::uint16_t>(local.port.value + target.port);
    return {local, target.remote};
}

// One after the other, so that each rests as long as it can; there are more than may be under way.
ConnectionId HandshakeCrew::free_id() {
    ConnectionId id = id_of(places_.targets[reachable_.front()]);
    const std::uint16_t first = id.local.port.value;
    do {
        id.local.port.value = static_cast<std::uint16_t>(first + next_port_);
        next_port_ = (next_port_ + 1) % ports_;
    } while (fleet_->under_way(id));
    return id;
}

std::optional<HandshakeOrder> HandshakeCrew::next() {
    if (next_ == total()) {
        return std::nullopt;
    }
    const std::size_t index = reachable_[single() ? 0 : next_];
    ++next_;
    const PlacedTarget& target = places_.targets[index];
    return HandshakeOrder{index, single() ? free_id() : id_of(target),
                          policy_of_.at({target.remote.address.family(), target.mtu})};
}

ConnectionSetup HandshakeCrew::setup(const PlacedTarget& target) const {
    const std::size_t policy = policy_of_.at({target.remote.address.family(), target.mtu});
    return connection_setup(options_.common, id_of(target), policies_[policy], now());
}

void HandshakeCrew::reported(const HandshakeReport& report) {
    const HandshakeResult result = result_of(report);
    output_.tell(
        now(), places_.targets[report.number], report.connection, true,
        {result.exit_status, result.summary, handshake_json(result, report), text(report.outcome)});
}

void HandshakeCrew::tell_untried() {
    if (single()) {
        return output_.tell_untried(total() - next_);
    }
    const int status = number(interrupted_ ? ExitCode::interrupted : ExitCode::no_answer);
    const std::string why = interrupted_ ? "not tried: the run was interrupted before"
                                         : "not tried: the deadline of the run was over before";
    for (; next_ < total(); ++next_) {
        output_.tell(now(), places_.targets[reachable_[next_]], 0, false,
                     {status, why, untried_handshake_json(status, why)});
    }
}

void HandshakeCrew::tell_evidence() {
    for (const Note& note : world_.evidence()) {
        around_.trace.write(Record{.at = now(), .what = note});
    }
}

void HandshakeCrew::watch_progress() {
    (void)around_.alarm.call_at(now() + between_progress, [this] {
        if (!stopped_ && !fleet_->finished()) {
            tell_progress();
            watch_progress();
        }
    });
}

void HandshakeCrew::tell_progress() {
    const std::size_t unreachable = single() ? 0 : places_.targets.size() - reachable_.size();
    output_.tell(now(), TargetProgress{.done = unreachable + fleet_->counts().done,
                                       .total = unreachable + total(),
                                       .in_flight = fleet_->in_flight(),
                                       .rate = fleet_->counts().rate(),
                                       .left = time_left()});
}

// As fast as it has gone so far.
std::optional<Duration> HandshakeCrew::time_left() const {
    const std::uint64_t done = fleet_->counts().done;
    if (done == 0) {
        return std::nullopt;
    }
    const double each = seconds(now() - started_) / static_cast<double>(done);
    const auto more = static_cast<double>(total() - done);
    return std::chrono::duration_cast<Duration>(std::chrono::duration<double>{each * more});
}

void HandshakeCrew::conclude(TargetConclusion& conclusion) const {
    const HandshakeCounts& counts = fleet_->counts();
    conclusion.elapsed = now() - started_;
    conclusion.interrupted = interrupted_;
    if (const auto least = counts.rtt.least()) {
        conclusion.more.push_back(fmt::format("round trips from {}, median {}, 99 % within {}",
                                              spoken(*least), spoken(*counts.rtt.quantile(0.5)),
                                              spoken(*counts.rtt.quantile(0.99))));
    }
    if (counts.begun > 1) {
        conclusion.more.push_back(counts.rate() < 1000
                                      ? fmt::format("{:.4g}/s begun", counts.rate())
                                      : fmt::format("{:.0f}/s begun", counts.rate()));
    }
    if (counts.late != 0) {
        conclusion.more.push_back(counted(counts.late, "answer came late", "answers came late"));
    }
    if (counts.malformed != 0) {
        conclusion.more.push_back(counted(counts.malformed, "packet was", "packets were") +
                                  " no TCP segment");
    }
    conclusion.more_json = handshake_counts_json(counts);
}

}  // namespace tcpcraft::cli
