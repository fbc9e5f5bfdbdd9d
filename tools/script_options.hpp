#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include <tools/cli/options.hpp>

namespace tcpcraft::cli {

struct ScriptToolOptions {
    CommonOptions common{};
    std::vector<std::string> files{};
    std::optional<Duration> tolerance{};
    double slow{1.0};
    bool values{false};
    bool ignore_retransmissions{false};
    bool no_reset{false};
    std::map<std::string, std::string> defines{};
    std::string sut_netns{};  ///< a name or a process; empty: the tested host is elsewhere
    bool allow_code{false};
};

/// Reads the command line. A number: the tool is to end with this status.
[[nodiscard]] std::optional<int> parse_script_options(int argc, char** argv,
                                                      ScriptToolOptions& options);

}  // namespace tcpcraft::cli
