#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include <tools/cli/options.hpp>

#include <libtcpcraft/drive/idle_search.hpp>
#include <libtcpcraft/drive/idle_trial.hpp>
#include <libtcpcraft/sim/forgetful_path.hpp>

namespace CLI {
class App;
}

namespace tcpcraft::cli {

/// What `tcp-keepalive idle` takes beyond the options that all tools share.
struct IdleOptions {
    IdleLimits limits{};
    std::size_t rate{50};  ///< connections that are opened in a second
    IdleState state{};
    IdleRefresh refresh{};
    std::optional<std::vector<std::byte>> send{};
    std::string checkpoint{};  ///< empty: none
    bool resume{false};
    std::optional<ForgetfulPathOptions> simulated_path{};
    bool quiet{false};  ///< not even a line for each trial
};

void declare_idle(CLI::App& app, IdleOptions& options);
/// A contradiction in them, or nothing.
[[nodiscard]] std::optional<std::string> wrong_with_idle(const CommonOptions& common,
                                                         const IdleOptions& options);
/// `D[,reset|reset-at-once][,half-open=D][,half-closed=D][,time-wait=D][,data-only][,outbound-only]`
[[nodiscard]] Expected<ForgetfulPathOptions> read_simulated_path(const std::string& text);

}  // namespace tcpcraft::cli
