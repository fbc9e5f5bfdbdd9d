#include <array>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <tools/keepalive_matrix.hpp>

namespace tcpcraft::cli {

void declare_matrix(CLI::App& probe, KeepAliveOptions& options) {
    const char* group = "Keep-alive";
    probe.add_flag("--matrix", options.matrix, "every form, open, closing and after")->group(group);
    probe
        .add_option_function<std::string>(
            "--patience",
            [&options](const std::string& text) {
                const auto read = read_duration(text);
                if (!read) {
                    throw CLI::ValidationError(read.error().message());
                }
                options.close_patience = *read;
            },
            "--matrix: until it closes first (5s)")
        ->type_name("D")
        ->group(group);
}

std::optional<std::string> wrong_with_matrix(const CLI::App& verb, KeepAliveOptions& options) {
    const auto given = [&verb](const char* name) { return verb.count(name) != 0; };
    if (!options.matrix) {
        if (options.verb == KeepAliveOptions::Verb::probe && given("--patience")) {
            return "--patience is for --matrix: how long the peer may take to close first";
        }
        if (!options.common.output.report.empty()) {
            return "-o is for --matrix: a case for each field of its table";
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
