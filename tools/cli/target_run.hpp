#pragma once

#include <functional>
#include <memory>
#include <string>

#include <tools/cli/connection_setup.hpp>
#include <tools/cli/program.hpp>
#include <tools/cli/target_list.hpp>
#include <tools/cli/target_output.hpp>
#include <tools/cli/target_places.hpp>
#include <tools/cli/world.hpp>

namespace tcpcraft::cli {

/// Who leads the connections to the targets of a list, in a world that is open for them.
class TargetLeader {
public:
    TargetLeader() = default;
    TargetLeader(const TargetLeader&) = delete;
    TargetLeader& operator=(const TargetLeader&) = delete;
    virtual ~TargetLeader() = default;

    /// Runs until all have ended, or none may be begun any more; tells of each.
    virtual void run() = 0;
    /// Interrupted, how long it took, and what is to be said of all together.
    virtual void conclude(TargetConclusion& conclusion) const = 0;
    /// What the connection to it begins with, for --dry-run.
    [[nodiscard]] virtual ConnectionSetup setup(const PlacedTarget& target) const = 0;
};

/// What a tool does with a list of targets.
struct TargetRun {
    /// All arguments outlive the leader.
    std::function<std::unique_ptr<TargetLeader>(World&, TargetOutput&, const TargetPlaces&)>
        leader{};
    /// Members of the JSON of a target that there is no connection to.
    std::function<std::string(int exit_status, const std::string& summary)> no_result{};
    /// What an exit status says of so many targets: `answered`, for the summary.
    std::function<std::string(int exit_status)> word{};
    /// Connections to one target, in place of a list: ports of this host to hold for them.
    std::size_t ports{1};
};

/// The whole run: reads and places the list (without a file it is the one target of the request),
/// opens the world (`request` without its origins) and a report, and lets the leader lead. The exit
/// status.
[[nodiscard]] int run_targets(const Program& program, WorldRequest request,
                              const TargetListOptions& list, const TargetRun& tool);

}  // namespace tcpcraft::cli
