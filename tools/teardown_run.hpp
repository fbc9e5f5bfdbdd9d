#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <tools/cli/event_index.hpp>
#include <tools/cli/fleet_run.hpp>
#include <tools/cli/report.hpp>
#include <tools/cli/world.hpp>
#include <tools/teardown_json.hpp>
#include <tools/teardown_options.hpp>

#include <libtcpcraft/drive/teardown.hpp>
#include <libtcpcraft/trace/tee_sink.hpp>

namespace tcpcraft::cli {

/// What is to be played, a connection each.
[[nodiscard]] std::vector<TeardownRequest> teardown_plays(const TeardownOptions& options);

/// One run of tcp-teardown in a world that is open.
class TeardownRun {
public:
    TeardownRun(const TeardownOptions& options, World& world, Report& report);

    /// Runs to the end and reports; the exit status.
    int run();
    /// The first segment in the notation, as --dry-run shows it.
    [[nodiscard]] std::string first_segment() const;

private:
    [[nodiscard]] ConnectionSetup setup(std::size_t index) const;
    void launch_next();
    void may_go_on(std::size_t index);
    void listen();
    void finished(Session& session);
    /// Which play is the next client's: behind the last, they begin again.
    std::size_t play_for_client();
    void pass_over(std::size_t index);
    void pass_over_the_rest();
    [[nodiscard]] TeardownResult not_played(std::size_t index, std::string rule,
                                            const std::string& why) const;
    void tell_row(const TeardownResult& result);
    void tell_ready_rows();
    void tell_what_would_close();
    [[nodiscard]] bool looks(std::size_t index) const;
    [[nodiscard]] bool as_table() const;
    void end_later_looks(std::size_t index);
    /// One for each scenario, in the order in which they were asked for, and, with --accept, for
    /// each further client. What was not come to is among them.
    [[nodiscard]] std::vector<TeardownResult> results() const;
    int conclude();

    const TeardownOptions& options_;
    World& world_;
    Report& report_;
    std::vector<TeardownRequest> plays_;
    std::size_t asked_;  ///< plays, before further clients
    std::vector<std::optional<TeardownResult>> results_;
    std::vector<std::size_t> play_of_session_{};  ///< by the connection's number, from 1
    std::vector<bool> went_on_;
    IsnKey isn_key_{};
    EventIndex index_{};
    TeeSink trace_{};
    std::size_t next_{0};
    std::size_t told_{0};
    bool peer_keeps_open_{false};
    FleetRun run_;
};

}  // namespace tcpcraft::cli
