#pragma once

#include <string>
#include <vector>

#include <tools/script_files.hpp>

#include <libtcpcraft/play/player.hpp>
#include <libtcpcraft/trace/test_report.hpp>

namespace tcpcraft::cli {

/// What came of one file.
struct PlayedScript {
    std::string file{};
    PlayResult result{};
    Duration took{};
};

/// `a.pkt:4: flags: expected F., got R.`
[[nodiscard]] std::string failure_text(const PlayedScript& played);
/// What was expected, what came, and the fields in which they differ, a line each.
[[nodiscard]] std::vector<std::string> difference_lines(const PlayResult& result);

/// --dry-run: the first segment that would be sent.
[[nodiscard]] std::string first_segment(const ScriptFile& file);

/// A test each for what -o writes, also for those that an interrupted run did not come to.
[[nodiscard]] std::vector<TestCase> script_cases(const std::vector<PlayedScript>& played,
                                                 const std::vector<ScriptFile>& files);

/// The result's JSON, also for a run that did not begin.
[[nodiscard]] std::string script_json(const std::vector<PlayedScript>& played, int exit_status,
                                      const std::string& summary);

}  // namespace tcpcraft::cli
