#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include <libtcpcraft/sim/scenario_end.hpp>
#include <libtcpcraft/trace/symbols.hpp>

// Private: what was on the wire, in the textbook's letters and in seconds.

namespace tcpcraft {

class WireText {
public:
    explicit WireText(std::optional<Seq> old_iss)
        : letters_{KnownSymbols{.old_iss = old_iss, .opener = Direction::out}} {}

    /// Each segment as SimScenario::segments has it.
    [[nodiscard]] std::vector<std::string> read(const std::vector<OnWire>& wire);
    /// What each letter stands for, in the order of appearance.
    [[nodiscard]] const std::vector<std::string>& symbols() const noexcept { return symbols_; }

    /// Who sent the first FIN.
    [[nodiscard]] std::optional<SimSide> first_closer() const noexcept { return first_closer_; }

private:
    [[nodiscard]] std::string read(const OnWire& one);

    Symbols letters_;
    std::vector<std::string> symbols_{};
    std::optional<SimSide> first_closer_{};
};

/// Retransmissions, TIME-WAIT, keep-alive probes: how long after what.
[[nodiscard]] std::vector<std::string> times_of(const std::vector<OnWire>& wire,
                                                const std::array<SimEnd*, 2>& ends);

}  // namespace tcpcraft
