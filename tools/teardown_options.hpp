#pragma once

#include <optional>
#include <string>
#include <vector>

#include <tools/cli/options.hpp>
#include <tools/cli/simulated_scenarios.hpp>

#include <libtcpcraft/drive/teardown.hpp>

namespace tcpcraft::cli {

/// What tcp-teardown takes beyond the options that all tools share.
struct TeardownOptions {
    CommonOptions common{};
    enum class Verb : std::uint8_t { play, list, show, textbook };
    Verb verb{Verb::play};
    std::vector<Teardown> scenarios{};
    bool all{false};
    ScenarioChoice textbook{};  ///< --simulate=SCENARIO
    bool script{false};         ///< show: in the notation
    bool long_ones{false};      ///< --long
    bool mute{false};
    std::optional<Closer> first{};
    std::optional<std::vector<std::byte>> send{};
    Duration patience{std::chrono::seconds{5}};
    std::optional<Duration> time_wait{};
    bool time_wait_full{false};
};

/// Parses the command line. A value: the process is to end with it (0 after --help, 2 after a
/// usage error, which has been told).
[[nodiscard]] std::optional<int> parse_teardown(int argc, char** argv, TeardownOptions& options);

/// What has to be known of one scenario to play it with these options.
[[nodiscard]] TeardownRequest request_for(Teardown scenario, const TeardownOptions& options);

}  // namespace tcpcraft::cli
