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
    std::string tool{};
    std::string version{};
    std::string target{};
    std::string started_at{};  ///< RFC 3339
};

/// A field of the result: `round trip`, `0.24 ms`.
struct RunFact {
    std::string name{};
    std::string value{};
};

/// What came of it.
struct RunOutcome {
    int exit_status{0};
    std::string summary{};              ///< one sentence
    std::vector<RunFact> facts{};       ///< in the order in which they are read
    std::vector<TestCase> cases{};      ///< the table of verdicts, and the cases of JUnit and TAP
    std::vector<std::string> advice{};  ///< sentences and lines to copy
    std::vector<Timeline> timelines{};
};

struct RunAccount {
    RunAbout about{};
    RunOutcome outcome{};
};

/// `the peer behaved as expected`: what an exit status of the tools says.
[[nodiscard]] TCPCRAFT_API std::string_view status_words(int exit_status) noexcept;

}  // namespace tcpcraft
