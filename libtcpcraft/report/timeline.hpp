#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <libtcpcraft/base/time.hpp>
#include <libtcpcraft/export.hpp>

namespace tcpcraft {

/// How a length of time on a connection ended. Drawn with a sign and a word of its own; the colour
/// comes on top.
enum class TimelineEnd : std::uint8_t {
    alive,          ///< an answer came
    silent,         ///< none came
    reset,          ///< RST, nobody knows whose
    reset_by_peer,  ///< RST of the peer
    reset_by_path,  ///< RST of somebody else on the way
    fin,            ///< it was closed
    icmp,           ///< an ICMP error ended it
    probe,          ///< a keep-alive probe ended the silence
    ended,          ///< by us
    unseen,         ///< it went on when nobody looked any more
};
/// `alive`, `silent`, `RST by the peer`, …
[[nodiscard]] TCPCRAFT_API std::string_view text(TimelineEnd end) noexcept;

/// A length of time, and how it ended.
struct TimelineBar {
    Instant from{};      ///< its beginning
    Instant to{};        ///< its end
    TimelineEnd end{};   ///< what ended it
    std::string text{};  ///< what is to be known of it
};

/// Something that took no time: a probe, its answer.
struct TimelineMark {
    Instant at{};        ///< when
    bool ours{false};    ///< we sent it
    std::string text{};  ///< what it was
};

/// One connection, or one trial.
struct TimelineRow {
    std::string label{};                ///< its name
    std::vector<TimelineBar> bars{};    ///< in the order of time
    std::vector<TimelineMark> marks{};  ///< upon them
};

/// A time that is of interest in all rows: `expected next`.
struct TimelineLine {
    Instant at{};         ///< when
    std::string label{};  ///< what is to happen then
};

/// What was known at a time: between which silences the path forgets.
struct TimelineBracket {
    Instant at{};                    ///< since when that was known
    Duration low{};                  ///< survived
    std::optional<Duration> high{};  ///< not survived; unset: none yet
};

/// A picture of many trials, or of what comes and goes on one connection, over the run's time.
struct Timeline {
    std::string title{};                      ///< its heading
    std::string about{};                      ///< a sentence that explains the picture
    std::vector<TimelineRow> rows{};          ///< from above
    std::vector<TimelineLine> lines{};        ///< through all rows
    std::vector<TimelineBracket> brackets{};  ///< drawn below, as they become narrower
    /// Rows from here on are above the bracket: a line is drawn before, with `divided_by`.
    std::optional<std::size_t> divided_at{};
    std::string divided_by{};  ///< what the line says
    std::size_t left_out{0};   ///< rows that there is no room for
};

/// More rows are no picture any more: whoever makes one leaves the rest out, and counts it.
inline constexpr std::size_t most_timeline_rows = 300;

}  // namespace tcpcraft
