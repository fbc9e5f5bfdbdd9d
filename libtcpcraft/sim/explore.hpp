#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include <libtcpcraft/export.hpp>
#include <libtcpcraft/sim/laws.hpp>
#include <libtcpcraft/sim/world.hpp>

namespace tcpcraft {

/// A way on which a law breaks: its last move does it.
struct Counterexample {
    std::string broken{};             ///< the law's name, and how
    std::vector<Move> path{};         ///< the way to it, step by step
    std::size_t faults_end_after{0};  ///< as many moves; in what follows nothing more goes wrong
};

/// What an exploration has seen.
struct Exploration {
    std::size_t worlds{0};       ///< different ones that were seen
    std::size_t transitions{0};  ///< moves tried, those to worlds known already included
    std::size_t endings{0};      ///< moves of the runs that look whether all comes to an end
    std::size_t octets{0};       ///< of memory at the widest
    bool complete{false};        ///< every world within the budget was seen
    std::optional<Counterexample> found{};  ///< the first that breaks a law
};

/// How far to go.
struct Bounds {
    std::size_t worlds{50'000'000};  ///< then it stops, and is not complete
    bool look_for_ends{true};        ///< the last two laws below
};

/// Walks all interleavings from `start` breadth first, so that the first way found on which a law
/// breaks is a shortest one. Beside `laws`, from every world, once nothing goes wrong any more and
/// both users call CLOSE: the exchange of segments ends without any timer, and with timers both
/// sides reach CLOSED or TIME-WAIT.
[[nodiscard]] TCPCRAFT_API Exploration explore(const World& start, const Setting& setting,
                                               const std::vector<Law>& laws,
                                               const Bounds& bounds = {});

}  // namespace tcpcraft
