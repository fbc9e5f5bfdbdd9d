#pragma once

#include <fstream>
#include <span>
#include <string>

#include <libtcpcraft/base/expected.hpp>
#include <libtcpcraft/trace/test_report.hpp>

namespace tcpcraft::cli {

/// What `-o FILE.xml` (JUnit) or `-o FILE.tap` asks for.
class TestReportFile {
public:
    /// Before the run, so that it does not fail behind it. No name: nothing is written.
    [[nodiscard]] static Expected<TestReportFile> open(const std::string& name);
    /// False: it could not be written to the end.
    [[nodiscard]] bool write(const std::string& suite, std::span<const TestCase> cases);

private:
    std::ofstream file_{};
    bool tap_{false};
};

}  // namespace tcpcraft::cli
