#pragma once

#include <array>
#include <deque>
#include <string>
#include <string_view>

#include <libtcpcraft/sim/explore.hpp>
#include <libtcpcraft/sim/world.hpp>
#include <libtcpcraft/wire/text.hpp>

// Private: a counterexample move by move, and its tellers.

namespace tcpcraft {

/// A move with the worlds on both sides of it.
struct Scene {
    const World& before;
    Move move{};
    World after{};
    Actions did{};
    std::array<Seq, 2> iss{};  ///< last ones of both sides: what numbers count from

    [[nodiscard]] SeqOrigin origin(Side sender) const noexcept {
        return {iss[index(sender)], iss[index(other(sender))]};
    }
    /// What the move delivers, loses or doubles.
    [[nodiscard]] const InFlight& flight() const {
        return before.at(move.side).arriving[move.which];
    }
    [[nodiscard]] std::string flight_text() const;
};

using Replay = std::deque<Scene>;

[[nodiscard]] Replay replay(const World& start, const Setting& setting,
                            const std::vector<Move>& path);

[[nodiscard]] constexpr std::string_view name(Side side) noexcept {
    return side == Side::a ? "A" : "B";
}

[[nodiscard]] std::string notation_of(const Replay& scenes, const Setting& setting,
                                      std::size_t faults_end_after);
[[nodiscard]] std::string ladder_of(const Replay& scenes);
[[nodiscard]] std::string dialogue_of(const Replay& scenes, const Setting& setting, Side side);

}  // namespace tcpcraft
