#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include <tools/cli/options.hpp>

#include <libtcpcraft/engine/policy.hpp>

namespace tcpcraft::cli {

/// What `tcp-keepalive serve` takes beyond the options that all tools share.
struct ServeOptions {
    KeepAlive keep_alive{.octet_in_every_second = true};
    bool echo{true};
    std::size_t most_clients{100000};
    std::optional<Duration> runs_for{};  ///< --for
    std::size_t clients{100};            ///< --simulate: so many come
    std::uint64_t seed{1};               ///< --simulate
    bool crowd_chosen{false};            ///< one of these two was given
};

/// Declares all options of the verb, the shared ones included.
void declare_serve(CLI::App& app, CommonOptions& common, ServeOptions& options);
/// What CLI11 cannot see. Makes the positional argument the port to listen on.
[[nodiscard]] std::optional<std::string> wrong_with_serve(CommonOptions& common,
                                                          const ServeOptions& options);

}  // namespace tcpcraft::cli
