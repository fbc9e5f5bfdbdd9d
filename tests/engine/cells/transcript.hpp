#pragma once

#include <vector>

#include <tests/engine/cells/player.hpp>

namespace tcpcraft::cells {

/// A cell and all that happened in it.
struct Played {
    Place place{};
    const Cell* cell{};
    std::vector<Happened> story{};
};

/// Every cell, played once; origins do not matter for what is written down.
[[nodiscard]] const std::vector<Played>& all_played();
[[nodiscard]] std::vector<Played> play_all(Origins origins);

/// The timer cannot run there: the cell has no event.
[[nodiscard]] bool is_never(const Cell& cell);

/// Whether a rule ends connections at once, whatever their state.
[[nodiscard]] bool is_abrupt(Rule rule);

struct Transition {
    State from{};
    State to{};
    Rule rule{};
};
[[nodiscard]] std::vector<Transition> transitions_of(const Happened& happened);
/// Of all events of all cells.
[[nodiscard]] std::vector<Transition> all_transitions();

}  // namespace tcpcraft::cells
