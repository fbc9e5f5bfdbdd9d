#pragma once

#include <functional>
#include <string>
#include <utility>

#include <tools/cli/options.hpp>
#include <tools/cli/world.hpp>

#include <libtcpcraft/drive/fleet.hpp>
#include <libtcpcraft/trace/sink.hpp>

namespace tcpcraft::cli {

/// What every tool that plays connections does around them: it keeps their fleet, runs the world's
/// loop until there is nothing more to do, and ends all of them early at --deadline or by a signal.
/// Sessions that are ended so are reported as finished like any other, so that a tool has the
/// results of what it has come to.
class FleetRun {
public:
    /// All three must outlive the run.
    FleetRun(const CommonOptions& options, World& world, TraceSink& trace);

    [[nodiscard]] Fleet& fleet() noexcept { return fleet_; }
    /// The run's time.
    [[nodiscard]] Instant now() const { return around_.alarm.now(); }
    /// The time of the connections: the run's less what somebody thought at a prompt.
    [[nodiscard]] Instant engine_now() const { return around_.engine_now(); }

    /// Calls out of the loop when `length` has passed; left out when the run is stopped by then.
    void after(Duration length, std::function<void()> action);
    /// The same as soon as the loop turns.
    void soon(std::function<void()> action) { after({}, std::move(action)); }
    /// As soon as the loop turns: ends the run as a signal does.
    void interrupt_soon(const std::string& explanation);

    /// Runs until every session has ended and `complete` says that no more will be launched, or the
    /// run is stopped. The first connections come from what has been asked of soon() and listen().
    void run(const std::function<bool()>& complete);
    /// Called whenever the loop has turned.
    void on_turn(std::function<void()> handler) { on_turn_ = std::move(handler); }
    /// What guard and capture have to tell, as notes in the trace.
    void tell_evidence();

    /// Nothing is to be launched any more: by --deadline, by a person, by a signal.
    [[nodiscard]] bool stopped() const noexcept { return stopped_; }
    /// By a person or a signal.
    [[nodiscard]] bool interrupted() const noexcept { return interrupted_; }

private:
    void stop(Ending why, const std::string& explanation);
    void interrupt(const std::string& explanation);

    const CommonOptions& options_;
    World& world_;
    Surroundings around_;
    Fleet fleet_;
    std::function<void()> on_turn_{};
    bool stopped_{false};
    bool interrupted_{false};
    Instant quiet_at_{};
};

}  // namespace tcpcraft::cli
