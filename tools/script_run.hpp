#pragma once

#include <memory>
#include <string>
#include <vector>

#include <tools/cli/report.hpp>
#include <tools/cli/world.hpp>
#include <tools/script_files.hpp>
#include <tools/script_options.hpp>
#include <tools/script_sut.hpp>

#include <libtcpcraft/play/player.hpp>

namespace tcpcraft::cli {

/// What came of one file.
struct PlayedScript {
    std::string file{};
    PlayResult result{};
    Duration took{};
};

/// Plays all scripts, one after the other, each on a connection of its own.
class ScriptRun {
public:
    ScriptRun(const ScriptToolOptions& options, const std::vector<ScriptFile>& files, World& world,
              Report& report, TestedNamespace* tested);

    /// The exit status.
    [[nodiscard]] int run();
    /// --dry-run: the first segment that would be sent.
    [[nodiscard]] std::string first_segment() const;

private:
    void play(std::size_t index);
    [[nodiscard]] PlayOptions play_options(std::size_t index) const;
    void tell(const PlayedScript& played);
    void tell_difference(const PlayResult& result);
    [[nodiscard]] int conclude();

    const ScriptToolOptions& options_;
    const std::vector<ScriptFile>& files_;
    World& world_;
    Report& report_;
    TestedNamespace* tested_;
    std::vector<PlayedScript> played_{};
    bool interrupted_{false};
    bool over_time_{false};
};

/// The result's JSON, also for a run that did not begin.
[[nodiscard]] std::string script_json(const std::vector<PlayedScript>& played, int exit_status,
                                      const std::string& summary);

}  // namespace tcpcraft::cli
