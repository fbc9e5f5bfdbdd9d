#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <tools/cli/fleet_run.hpp>
#include <tools/cli/program.hpp>
#include <tools/cli/target_list.hpp>
#include <tools/cli/target_output.hpp>
#include <tools/cli/target_places.hpp>
#include <tools/cli/world.hpp>

namespace tcpcraft::cli {

/// What a tool does with each target of a list.
struct TargetPlay {
    std::function<Policy(Family, std::uint32_t mtu)> policy{};
    std::function<Scenario()> scenario{};
    /// Of a session that has ended; its verdict goes into the records.
    std::function<TargetResult(Session&)> judge{};
    /// Members of the JSON of a target that there is no session of.
    std::function<std::string(int exit_status, const std::string& summary)> no_result{};
    /// What an exit status says of so many targets: `answered`, for the summary.
    std::function<std::string(int exit_status)> word{};
};

/// The targets of a list, one connection each, in the list's order: begun at a bounded rate, so
/// many at once, told of as they end. A signal or --deadline ends them all; what had not been begun
/// is named.
class TargetFleet {
public:
    /// All must outlive it.
    TargetFleet(const CommonOptions& options, const TargetListOptions& list, World& world,
                TargetOutput& output, const TargetPlay& play);

    /// Runs until all have ended, or none may be begun any more.
    void run(const TargetPlaces& places);
    [[nodiscard]] Duration elapsed() const { return run_.now() - Instant{}; }
    [[nodiscard]] bool interrupted() const noexcept { return run_.interrupted(); }
    /// What the list's next client begins with, for --dry-run.
    [[nodiscard]] ConnectionSetup setup(const PlacedTarget& target) const;

private:
    struct Begun {
        std::size_t index{0};  ///< of the target
        Instant at{};
    };

    void begin_due();
    void begin(std::size_t index);
    void schedule();
    void finished(Session& session);
    void tell_untried();
    void watch_progress();
    void tell_progress();
    [[nodiscard]] std::optional<Duration> time_left() const;

    const CommonOptions& options_;
    World& world_;
    const TargetPlay& play_;
    TargetOutput& output_;
    Duration gap_;
    std::size_t at_once_;
    FleetRun run_;
    const TargetPlaces* places_{nullptr};
    std::vector<Endpoint> origins_{};
    std::vector<std::size_t> reachable_{};  ///< indices of targets
    std::size_t next_{0};                   ///< of reachable_
    std::vector<Begun> begun_{};            ///< by the connection's number less 1
    std::size_t ended_{0};
    Duration lengths_{};  ///< of all that have ended
    Instant due_{};       ///< the next may be begun
    bool scheduled_{false};
    Instant progress_told_{};
};

/// The whole run: reads and places the list, opens the world (`request` without its origins) and a
/// report, and plays. The exit status.
[[nodiscard]] int run_targets(const Program& program, WorldRequest request,
                              const TargetListOptions& list, const TargetPlay& play);

}  // namespace tcpcraft::cli
