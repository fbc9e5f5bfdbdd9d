#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <tools/cli/options.hpp>
#include <tools/cli/simulated_scenarios.hpp>
#include <tools/cli/target_list.hpp>
#include <tools/keepalive_idle_options.hpp>
#include <tools/keepalive_serve_options.hpp>

#include <libtcpcraft/drive/keep_alive.hpp>

namespace tcpcraft::cli {

/// `--expect idle=2h,interval=75s,count=9`: what the peer's keep-alive is to be.
struct ExpectedKeepAlive {
    std::optional<Duration> idle{};
    std::optional<Duration> interval{};
    std::optional<std::size_t> count{};
};

/// What tcp-keepalive takes beyond the options that all tools share.
struct KeepAliveOptions {
    enum class Verb : std::uint8_t { probe, learn, idle, serve, textbook };
    Verb verb{};
    CommonOptions common{};
    TargetListOptions targets{};
    std::optional<std::vector<std::byte>> send{};
    KeepAlive keep_alive{.octet_in_every_second = true};  ///< probe
    std::size_t answers{1};                               ///< probe
    std::optional<Duration> time_wait{};
    bool time_wait_full{false};
    bool matrix{false};                                ///< probe
    Duration close_patience{std::chrono::seconds{5}};  ///< probe --matrix
    std::size_t answer{0};                             ///< learn
    Duration patience{std::chrono::minutes{130}};
    ExpectedKeepAlive expected{};
    IdleOptions idle{};
    ServeOptions serve{};
    ScenarioChoice textbook{};  ///< --simulate=SCENARIO
};

/// Errors name the word and what would have done.
[[nodiscard]] Expected<ExpectedKeepAlive> read_expected_keep_alive(const std::string& text);

/// Parses the command line. A value: the process is to end with it.
[[nodiscard]] std::optional<int> parse_keep_alive(int argc, char** argv, KeepAliveOptions& options);

}  // namespace tcpcraft::cli
