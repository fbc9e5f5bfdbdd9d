#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <tools/cli/options.hpp>
#include <tools/cli/target_list.hpp>

#include <libtcpcraft/drive/handshake.hpp>
#include <libtcpcraft/sim/scenario.hpp>

namespace tcpcraft::cli {

/// What tcp-handshake takes beyond the options that all tools share.
struct HandshakeOptions {
    CommonOptions common{};
    HandshakeScenario scenario{HandshakeScenario::three_way};
    std::string named{};  ///< --scenario, as it was written
    Then then{Then::close};
    std::optional<Duration> hold{};
    std::optional<std::vector<std::byte>> send{};
    Third third{Third::ack};
    Duration late{};
    std::uint32_t syn_data{0};
    bool fast_open{false};
    bool ecn{false};
    std::uint8_t retries{6};
    Duration rto{std::chrono::seconds{1}};
    std::size_t count{1};
    bool step{false};
    bool two_way{false};
    bool mute{false};
    bool list_scenarios{false};  ///< --simulate=list
    std::optional<Duration> time_wait{};
    /// --simulate=SCENARIO, or --simulate --scenario NAME with nothing that would change it: these
    /// are played with both ends in view.
    std::vector<const SimScenario*> played{};
    bool time_wait_full{false};
    TargetListOptions targets{};
    bool fleet{false};  ///< many at once: a list, or --count with --in-flight or --rate
};

/// Whether the result is a list of connections, however many there come to be.
[[nodiscard]] inline bool several_connections(const HandshakeOptions& options) noexcept {
    return options.count > 1 || options.common.peer.accept != 1;
}

/// Parses the command line. A value: the process is to end with it (0 after --help, 2 after a
/// usage error, which has been told).
[[nodiscard]] std::optional<int> parse_handshake(int argc, char** argv, HandshakeOptions& options);

}  // namespace tcpcraft::cli
