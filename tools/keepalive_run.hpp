#pragma once

#include <string>
#include <vector>

#include <tools/cli/fleet_run.hpp>
#include <tools/cli/report.hpp>
#include <tools/cli/standing_line.hpp>
#include <tools/cli/world.hpp>
#include <tools/keepalive_json.hpp>
#include <tools/keepalive_options.hpp>

namespace tcpcraft::cli {

/// Whether the result is a list of connections.
[[nodiscard]] inline bool several_connections(const KeepAliveOptions& options) noexcept {
    return options.common.peer.accept != 1 || options.targets.given();
}

/// One run of tcp-keepalive, probe or learn, in a world that is open.
class KeepAliveRun {
public:
    KeepAliveRun(const KeepAliveOptions& options, World& world, Report& report);

    /// Runs to the end and reports; the exit status.
    int run();
    /// The first segment in the notation, as --dry-run shows it.
    [[nodiscard]] std::string first_segment() const;

private:
    [[nodiscard]] ConnectionSetup setup() const;
    void listen();
    void finished(Session& session);
    void tell_plan();
    void watch_progress();
    [[nodiscard]] std::string nobody_came() const;
    int conclude();

    const KeepAliveOptions& options_;
    World& world_;
    Report& report_;
    Policy policy_{};
    bool launched_{false};
    StandingLine line_;
    ClearingSink trace_;
    FleetRun run_;
};

}  // namespace tcpcraft::cli
