#pragma once

#include <array>
#include <set>
#include <string>
#include <vector>

#include <tests/kernel/differences/dialogue_run.hpp>

namespace tcpcraft::test {

/// What many dialogues have shown.
struct Tally {
    struct Seen {
        std::size_t times{0};
        std::string example{};
    };

    std::uint64_t seed{0};
    std::size_t dialogues{0};  ///< of at least five segments
    std::size_t segments{0};
    std::size_t repetitions{0};
    std::size_t stalled{0};  ///< unexplained, but so slow that timers of the kernel had their say
    std::vector<Seen> differences{};  ///< as known_differences() has them
    std::vector<std::string> unexplained{};
    std::vector<bool> flags_seen = std::vector<bool>(256);
    std::set<State> states{};  ///< in which segments arrived
};

inline constexpr unsigned least_segments = 5;

/// Until so many dialogues count, or so many differences are unexplained.
[[nodiscard]] Tally compare(PeerWire& wire, std::uint64_t seed, std::size_t dialogues,
                            const Step& step, std::size_t unexplained_enough);

/// docs/differences-from-linux.md
[[nodiscard]] std::string page(const Tally& tally);
/// The page as the list alone decides it: counts and examples left out.
[[nodiscard]] std::string without_figures(const std::string& page);

}  // namespace tcpcraft::test
