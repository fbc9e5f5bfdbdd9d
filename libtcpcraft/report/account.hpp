#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <libtcpcraft/export.hpp>
#include <libtcpcraft/report/timeline.hpp>
#include <libtcpcraft/trace/test_report.hpp>

namespace tcpcraft {

/// What was run, as a report's heading has it.
struct RunAbout {
    std::string tool{};        ///< its name
    std::string version{};     ///< of it
    std::string target{};      ///< who was talked to
    std::string started_at{};  ///< RFC 3339
};

/// A field of the result: `round trip`, `0.24 ms`.
struct RunFact {
    std::string name{};   ///< what it is
    std::string value{};  ///< with its unit
};

/// What came of it.
struct RunOutcome {
    int exit_status{0};                 ///< of the tool
    std::string summary{};              ///< one sentence
    std::vector<RunFact> facts{};       ///< in the order in which they are read
    std::vector<TestCase> cases{};      ///< the table of verdicts, and the cases of JUnit and TAP
    std::vector<std::string> advice{};  ///< sentences and lines to copy
    std::vector<Timeline> timelines{};  ///< pictures over time
};

/// A run as its reports tell of it, but for what happened on its connections.
struct RunAccount {
    RunAbout about{};      ///< what was run
    RunOutcome outcome{};  ///< what came of it
};

/// `the peer behaved as expected`: what an exit status of the tools says.
[[nodiscard]] TCPCRAFT_API std::string_view status_words(int exit_status) noexcept;

}  // namespace tcpcraft
