#pragma once

#include <memory>
#include <string>
#include <vector>

#include <tools/cli/report.hpp>
#include <tools/cli/world.hpp>
#include <tools/script_files.hpp>
#include <tools/script_options.hpp>
#include <tools/script_results.hpp>
#include <tools/script_sut.hpp>

#include <libtcpcraft/play/player.hpp>

namespace tcpcraft::cli {

/// Plays all scripts, one after the other, each on a connection of its own.
class ScriptRun {
public:
    ScriptRun(const ScriptToolOptions& options, const std::vector<ScriptFile>& files, World& world,
              Report& report, TestedNamespace* tested);

    /// The exit status.
    [[nodiscard]] int run();

private:
    void play(std::size_t index);
    [[nodiscard]] PlayOptions play_options(std::size_t index) const;
    void play_on(const ScriptFile& file, const PlayOptions& how);
    void tell_unprepared(const ScriptFile& file, const Error& why);
    void tell(const PlayedScript& played);
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

}  // namespace tcpcraft::cli
