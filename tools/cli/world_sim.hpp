#pragma once

#include <cstdint>

#include <libtcpcraft/base/address.hpp>

namespace tcpcraft::cli {

/// This host's address in a simulation.
[[nodiscard]] Address simulated_source(Family family);
/// An address for the `number`-th name of a simulated network; no real host has it.
[[nodiscard]] Address simulated_address(std::uint32_t number, bool v6);

}  // namespace tcpcraft::cli
