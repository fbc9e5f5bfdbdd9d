#pragma once

#include <string>

#include <libtcpcraft/export.hpp>
#include <libtcpcraft/sim/explore.hpp>
#include <libtcpcraft/sim/world.hpp>

namespace tcpcraft {

/// The way on which a law breaks, played again from `start`: every move and all that came of it in
/// packetdrill's notation; the ladder, A on the left, each arrow drawn when it arrives or is lost;
/// and what the side did at which the law broke, as the body of a Dialogue test (tests/support).
/// Sequence numbers count from each side's ISS. One second of the ladder is one move.
[[nodiscard]] TCPCRAFT_API std::string retell(const World& start, const Setting& setting,
                                              const Counterexample& found);

}  // namespace tcpcraft
