#pragma once

#include <fstream>
#include <span>
#include <string>
#include <string_view>

#include <libtcpcraft/base/expected.hpp>
#include <libtcpcraft/trace/test_report.hpp>

namespace tcpcraft::cli {

/// What `-o FILE.xml` (JUnit) or `-o FILE.tap` asks for.
class TestReportFile {
public:
    /// Before the run, so that it does not fail behind it. No name: nothing is written.
    [[nodiscard]] static Expected<TestReportFile> open(const std::string& name);
    /// The tool's exit status: `status`, or environment, with a sentence on stderr that names both,
    /// if the report could not be written to the end.
    [[nodiscard]] int write(std::string_view tool, std::string_view target,
                            std::span<const TestCase> cases, int status);

private:
    std::string name_{};
    std::ofstream file_{};
    bool tap_{false};
};

}  // namespace tcpcraft::cli
