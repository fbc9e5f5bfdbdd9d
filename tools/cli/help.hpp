#pragma once

#include <optional>
#include <string>

#include <tools/cli/exit_code.hpp>

namespace CLI {
class App;
}

namespace tcpcraft::cli {

/// Gives an app our help page, -h, --help and --version. On the page an option without description
/// shares the line of the next one; options of one group stand together in the order in which they
/// were added; the app's footer holds the examples.
void dress(CLI::App& app);

/// Reads the command line. Nothing: all is well, go on. Otherwise the tool is to end with this
/// status: after --help and --version, or a usage error that has been explained on stderr.
[[nodiscard]] std::optional<ExitCode> read_command_line(CLI::App& app, int argc,
                                                        const char* const* argv);

/// Explains a usage error on stderr, and where to find help.
ExitCode usage_error(const std::string& tool, const std::string& sentence);

}  // namespace tcpcraft::cli
