#include <array>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <tools/cli/option_group.hpp>
#include <tools/keepalive_matrix.hpp>

namespace tcpcraft::cli {

void declare_matrix(CLI::App& probe, KeepAliveOptions& options) {
    OptionGroup group{probe, "Keep-alive"};
    group.flag("--matrix", options.matrix, "every form, open, closing and after");
    group.duration(
        "--patience", [&options](Duration length) { options.close_patience = length; },
        "--matrix: until it closes first (5s)");
}

std::optional<std::string> wrong_with_matrix(const CLI::App& verb, KeepAliveOptions& options) {
    const auto given = [&verb](const char* name) { return verb.count(name) != 0; };
    if (!options.matrix) {
        if (options.verb == KeepAliveOptions::Verb::probe && given("--patience")) {
            return "--patience is for --matrix: how long the peer may take to close first";
        }
        return std::nullopt;
    }
    if (options.targets.given()) {
        return "--matrix is for one target";
    }
    static constexpr std::array unheeded{"--idle",    "--interval", "--count",
                                         "--answers", "--octet",    "--time-wait"};
    for (const char* name : unheeded) {
        if (given(name)) {
            return fmt::format("{} has no meaning beside --matrix, which does not wait for silence",
                               name);
        }
    }
    return std::nullopt;
}

}  // namespace tcpcraft::cli
