#pragma once

#include <optional>
#include <string>
#include <vector>

#include <libtcpcraft/sim/explore.hpp>
#include <libtcpcraft/sim/fingerprints.hpp>

// Private: what becomes of a world in which nothing goes wrong any more.

namespace tcpcraft {

/// Plays worlds to their end, in one fixed order each: everything under way arrives, then the users
/// make their calls and close, then a timer fires. Worlds known to end are remembered, whatever
/// their budget.
class Continuation {
public:
    Continuation(const Setting& setting, const std::vector<Law>& laws) noexcept
        : setting_{setting}, laws_{laws} {}

    /// The sentence that is broken on the way; moves() tells the way.
    [[nodiscard]] std::optional<std::string> broken(const World& world,
                                                    std::span<const std::byte> code);
    [[nodiscard]] const std::vector<Move>& moves() const noexcept { return moves_; }
    [[nodiscard]] std::size_t steps() const noexcept { return steps_; }
    [[nodiscard]] std::size_t octets() const noexcept { return known_.octets(); }

private:
    [[nodiscard]] std::optional<std::string> follow(World& world);
    [[nodiscard]] std::optional<Move> next(const World& world) const;
    [[nodiscard]] std::optional<std::string> repetition(Fingerprint seen) const;
    void remember_all();

    const Setting& setting_;
    const std::vector<Law>& laws_;
    Fingerprints known_{};
    std::vector<Move> moves_{};
    std::vector<Fingerprint> way_{};
    std::vector<std::byte> code_{};
    World after_{};
    Actions did_{};
    std::size_t steps_{0};
};

/// The first law that a passage breaks.
[[nodiscard]] std::optional<std::string> first_broken(const std::vector<Law>& laws,
                                                      const Passage& passage);

}  // namespace tcpcraft
