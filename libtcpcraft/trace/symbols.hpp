#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <libtcpcraft/base/direction.hpp>
#include <libtcpcraft/export.hpp>
#include <libtcpcraft/wire/segment.hpp>

namespace tcpcraft {

/// What is known beforehand about a connection's letters, when somebody knows it.
struct KnownSymbols {
    std::optional<Seq> old_iss{};       ///< of a connection that was given up before: written x0
    std::optional<Direction> opener{};  ///< else whoever is seen to send the first SYN
    std::optional<Direction> first_closer{};  ///< else whoever is seen to send the first FIN
};

/// The textbook's letters for sequence numbers (--symbols): x and y are the ISNs of the side that
/// opens and of the other, u is the number of the first FIN, v what its sender expected then, w the
/// number of the second FIN. Another ISN of the same side gets a prime: x'.
class TCPCRAFT_API Symbols {
public:
    Symbols() = default;
    /// Made of these.
    explicit Symbols(const KnownSymbols& known) : known_{known}, opener_{known.opener} {}

    /// Every segment, before its numbers are printed.
    void see(Direction direction, const Segment& segment);

    /// A number of the side that sends in this direction: `x`, `u+1`, `y-1`; digits where no letter
    /// is near.
    [[nodiscard]] std::string seq(Direction sender, Seq number) const;
    /// What a letter that has become known since the last call stands for: `x = 305419896`.
    [[nodiscard]] std::vector<std::string> take_learnt();

private:
    struct Mark {
        std::string name{};
        Seq at{};
    };
    struct Side {
        std::vector<Mark> opening{};
        std::vector<Mark> closing{};
    };

    void see_syn(Direction direction, const Segment& segment);
    void see_fin(Direction direction, const Segment& segment);
    void add(std::vector<Mark>& marks, std::string name, Seq at);
    [[nodiscard]] Side& side(Direction d) noexcept { return sides_[d == Direction::out ? 0 : 1]; }
    [[nodiscard]] const Side& side(Direction d) const noexcept {
        return sides_[d == Direction::out ? 0 : 1];
    }

    KnownSymbols known_{};
    std::array<Side, 2> sides_{};
    std::optional<Direction> opener_{};
    std::optional<Direction> first_closer_{};
    std::vector<std::string> learnt_{};
};

/// The other way.
[[nodiscard]] constexpr Direction reverse(Direction d) noexcept {
    return d == Direction::out ? Direction::in : Direction::out;
}

}  // namespace tcpcraft
