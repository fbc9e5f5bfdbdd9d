#pragma once

#include <optional>
#include <string>
#include <vector>

#include <tools/script_options.hpp>

#include <libtcpcraft/script/script.hpp>

namespace tcpcraft::cli {

struct ScriptFile {
    std::string name{};
    Script script{};
};

/// Reads all; what is wrong with any is one sentence each. Nothing is done yet.
struct ScriptFiles {
    std::vector<ScriptFile> files{};
    std::vector<std::string> mistakes{};
};
[[nodiscard]] ScriptFiles read_script_files(const ScriptToolOptions& options);

}  // namespace tcpcraft::cli
