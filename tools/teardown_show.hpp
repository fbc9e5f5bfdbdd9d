#pragma once

#include <tools/teardown_options.hpp>

#include <libtcpcraft/sim/sim_host.hpp>

namespace tcpcraft::cli {

/// The server of --simulate: it answers the first data and closes, or closes when we have.
[[nodiscard]] SimHostOptions simulated_server();

/// `list`: the exit status.
int list_teardowns();
/// `show NAME`: what it does in words, or as a script in packetdrill's notation.
int show_teardowns(const TeardownOptions& options);

}  // namespace tcpcraft::cli
