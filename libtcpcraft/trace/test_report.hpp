#pragma once

#include <cstddef>
#include <iosfwd>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <libtcpcraft/base/time.hpp>
#include <libtcpcraft/export.hpp>
#include <libtcpcraft/trace/record.hpp>

namespace tcpcraft {

/// One verdict as a test case.
struct TestCase {
    std::string name{};                   ///< what it is called
    Verdict verdict{};                    ///< what is thought of it
    std::string rule{};                   ///< empty: nothing is said of it
    std::string text{};                   ///< one sentence
    Duration took{};                      ///< so long
    std::string word{};                   ///< what came of it, where that is no verdict by a rule
    std::string details{};                ///< of a failure: several lines
    std::vector<std::size_t> segments{};  ///< numbers of those it rests on
};

/// JUnit's XML, as CI servers read it: `violates` is a failure, `no-answer` and `inconclusive` are
/// errors (the test could not be made), the rest has passed. Characters that XML cannot hold are
/// replaced.
TCPCRAFT_API void write_junit(std::ostream& out, std::string_view suite,
                              std::span<const TestCase> cases);
/// TAP version 13, with a YAML block below each line.
TCPCRAFT_API void write_tap(std::ostream& out, std::string_view suite,
                            std::span<const TestCase> cases);

}  // namespace tcpcraft
