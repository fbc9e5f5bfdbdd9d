#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <tools/cli/fleet_run.hpp>
#include <tools/cli/target_run.hpp>

#include <libtcpcraft/drive/pace.hpp>

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
/// is named. Each has a session, which is given up when it has been told of.
class TargetFleet final : public TargetLeader {
public:
    /// What is led, and where; all must outlive the fleet.
    struct Means {
        const CommonOptions& options;
        const TargetListOptions& list;
        World& world;
        TargetOutput& output;
        const TargetPlaces& places;
        const TargetPlay& play;
    };
    explicit TargetFleet(const Means& means);

    void run() override;
    void conclude(TargetConclusion& conclusion) const override;
    [[nodiscard]] ConnectionSetup setup(const PlacedTarget& target) const override;

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
    const TargetPlaces& places_;
    Pace pace_;
    std::size_t at_once_;
    FleetRun run_;
    std::vector<Endpoint> origins_{};
    std::vector<std::size_t> reachable_{};  ///< indices of targets
    std::size_t next_{0};                   ///< of reachable_
    std::map<std::size_t, Begun> begun_{};  ///< by the connection's number; without the ended
    std::size_t begun_count_{0};
    Instant first_begun_{};
    Instant last_begun_{};
    std::size_t ended_{0};
    Duration lengths_{};  ///< of all that have ended
    bool scheduled_{false};
    Instant progress_told_{};
};

/// The whole run, see target_run.hpp.
[[nodiscard]] int run_targets(const Program& program, WorldRequest request,
                              const TargetListOptions& list, const TargetPlay& play);

}  // namespace tcpcraft::cli
