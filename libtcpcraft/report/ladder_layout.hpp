#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <libtcpcraft/report/ladder.hpp>

// Private: where everything of a ladder stands, in numbers. It knows no markup.

namespace tcpcraft {

/// Columns of a drawing, in pixels.
struct LadderGeometry {
    double width{};
    double time_end{};   ///< right edge of the times
    double lanes{};      ///< left edge of the timers' bars
    double lane_step{};  ///< from one bar to the next
    std::size_t lane_count{};
    double us_end{};   ///< right edge of our states' names
    double us_line{};  ///< left edge of our lifeline
    double peer_line{};
    double line_width{};
    double peer_names{};  ///< left edge of the peer's states' names
    double badges{};      ///< left edge of the marks of verdicts
    double texts{};       ///< left edge of what is said across
    double texts_end{};
    std::size_t label_columns{};
    std::size_t more_columns{};
    std::size_t text_columns{};
    bool inside{};  ///< times and states stand between the lifelines
};
[[nodiscard]] const LadderGeometry& wide_ladder() noexcept;
/// For a telephone.
[[nodiscard]] const LadderGeometry& narrow_ladder() noexcept;

enum class Anchor : std::uint8_t { start, middle, end };
enum class Face : std::uint8_t { label, state, small, prose };

struct PlacedText {
    double x{};
    double y{};  ///< of the baseline
    Anchor anchor{};
    Face face{};
    Tone tone{};
    std::string text{};
};

struct PlacedArrow {
    double tail_x{};
    double tail_y{};
    double head_x{};
    double head_y{};
    bool lost{false};  ///< a cross in place of the head
    bool altered{false};
};

struct PlacedRow {
    const LadderRow* row{nullptr};  ///< null: a gap, where rows were left out
    double y{};
    double height{};
    std::vector<PlacedText> texts{};
    std::optional<PlacedArrow> arrow{};
    std::vector<std::size_t> badges{};  ///< verdicts that rest on it
    bool framed{false};                 ///< a sentence, in a frame of its own
    std::size_t verdict{0};             ///< its number from 1, when it is one
    std::optional<double> rests_y{};    ///< of the line that names its segments
};

struct PlacedState {
    bool us{};
    State state{};
    double y{};
    double end{};
};

struct PlacedTimer {
    const LadderTimer* timer{nullptr};
    std::size_t lane{};
    double y{};
    double end{};
};

struct LadderLayout {
    double height{};
    std::vector<PlacedText> heading{};  ///< names, addresses, first states
    std::vector<PlacedRow> rows{};
    std::vector<PlacedState> states{};
    std::vector<PlacedTimer> timers{};
    std::vector<double>
        cuts{};  ///< where a sheet of paper may end: the first is 0, the last `height`
};

/// `first_verdict`: the number of the ladder's first verdict, less one.
[[nodiscard]] LadderLayout lay_out(const Ladder& ladder, const LadderGeometry& geometry,
                                   std::size_t first_verdict);

}  // namespace tcpcraft
