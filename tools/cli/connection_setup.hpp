#pragma once

#include <cstddef>
#include <string>

#include <tools/cli/options.hpp>
#include <tools/cli/world.hpp>

#include <libtcpcraft/drive/connection.hpp>

namespace tcpcraft::cli {

/// The run's connection number `index` (from 0) as the common options want it, with this policy:
/// ends, role, initial sequence number (a server's is chosen when the SYN has come), IP header.
/// Each connection of a client has a port of its own.
[[nodiscard]] ConnectionSetup connection_setup(const CommonOptions& options, World& world,
                                               const Policy& policy, std::size_t index);

/// The same for these ends, at this time.
[[nodiscard]] ConnectionSetup connection_setup(const CommonOptions& options, const ConnectionId& id,
                                               const Policy& policy, Instant now);

/// The segment that a client with this setup begins with, in the notation; a sentence for a server.
[[nodiscard]] std::string first_segment_text(const ConnectionSetup& setup, bool absolute);

}  // namespace tcpcraft::cli
