#pragma once

#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <tools/cli/fleet_run.hpp>
#include <tools/cli/report.hpp>
#include <tools/cli/world.hpp>
#include <tools/keepalive_idle_checkpoint.hpp>
#include <tools/keepalive_idle_json.hpp>
#include <tools/keepalive_idle_outcome.hpp>

#include <libtcpcraft/drive/idle_conclusion.hpp>

namespace tcpcraft::cli {

/// Local ports that a search may use up: one for each connection, none twice, as a path may
/// remember what it is said to have forgotten.
[[nodiscard]] std::size_t ports_for(const IdleLimits& limits);

/// One run of the search: a first trial without silence shows by what the peer can be asked, then
/// the trials of the search, then those with traffic in between, if they are asked for.
class IdleRun {
public:
    IdleRun(const CommonOptions& common, const IdleOptions& options, World& world, Report& report,
            IdleCheckpoint checkpoint);

    /// What an earlier run has learnt; before run().
    void take(std::vector<IdleTried> earlier);
    /// Runs to the end and reports; the exit status.
    int run();
    /// What --dry-run shows.
    [[nodiscard]] std::string first_segment() const;
    [[nodiscard]] std::vector<std::string> plan() const;

private:
    enum class Phase : std::uint8_t { young, search, control, refresh, done };
    struct Trial {
        Duration planned{};
        Phase phase{};
        IdleTrialRequest request{};
        bool unneeded{false};
    };

    void begin();
    void finished(Session& session);
    void take_young(const IdleTrialResult& result);
    void ask_young();
    void take_searched(const Trial& trial, const IdleTrialResult& result);
    void ask_control();
    void take_control(const IdleTrialResult& result);
    void believe(const IdleTried& tried);
    void go_on();
    [[nodiscard]] bool lives(const IdleTrialResult& result) const;
    void take_refreshed(const IdleTrialResult& result);
    void feed();
    void pump();
    void launch(const Trial& trial);
    void drop_unneeded();
    void begin_refresh();
    void conclude_refresh();
    void give_up(int exit_status, std::string why);
    [[nodiscard]] static std::string name_of(const Trial& trial);
    void tell(const Trial& trial, const IdleTrialResult& result);
    void tell_progress();
    void save();
    [[nodiscard]] Duration left();
    [[nodiscard]] IdleTrialRequest request_for(Duration idle) const;
    [[nodiscard]] IdleReport reported();
    [[nodiscard]] std::vector<IdleTrialResult> results() const;
    void tell_result(const IdleReport& made);

    const CommonOptions& common_;
    const IdleOptions& options_;
    World& world_;
    Report& report_;
    IdleCheckpoint checkpoint_;
    Policy policy_{};
    IdleSearch search_;
    std::vector<IdleTried> tried_{};
    Phase phase_{};
    IdleTrialRequest asking_{};               ///< what the first trial has shown to work
    std::map<std::size_t, Trial> running_{};  ///< by the connection's number
    std::deque<Duration> queue_{};
    bool pumping_{false};
    Instant next_open_{};
    std::size_t ports_{0};
    std::size_t ports_used_{0};
    unsigned young_tries_{0};
    unsigned unopened_{0};
    unsigned turned_away_{0};
    std::vector<IdleTried> unheard_{};  ///< dead, if the path is not down for all
    bool controlling_{false};
    std::size_t refreshing_{0};  ///< trials with traffic in between
    std::vector<IdleTrialResult> with_refresh_{};
    std::optional<IdleRefreshed> refreshed_{};
    std::optional<std::pair<int, std::string>> given_up_{};
    Instant told_progress_{};
    IdlePicture picture_{};
    FleetRun run_;
};

}  // namespace tcpcraft::cli
