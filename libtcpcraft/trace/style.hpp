#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

// Private: colours, glyphs and the columns that a text takes.

namespace tcpcraft {

/// What a piece of text is; its colour follows.
enum class Tone : std::uint8_t {
    plain,
    faint,    ///< time, fields, lifelines
    strong,   ///< states, headings
    aside,    ///< explanations
    opens,    ///< SYN
    closes,   ///< FIN
    resets,   ///< RST, faults, violations
    unusual,  ///< retransmissions, timers that fire, warnings
    good,     ///< conforms
};

/// Text in its tone, with the colours switched on or off.
[[nodiscard]] std::string painted(Tone tone, std::string_view text, bool colour);

/// Drawing characters, one column each.
struct Glyphs {
    std::string_view lifeline{};
    std::string_view from_us{};    ///< where an arrow leaves our lifeline
    std::string_view from_peer{};  ///< and the peer's
    std::string_view dash{};
    std::string_view to_peer{};
    std::string_view to_us{};
    std::string_view lost{};
    std::string_view again{};  ///< before "retransmission"
    std::string_view timer{};  ///< before a timer
    std::string_view becomes{};
    std::string_view rule{};  ///< horizontal, beside headings
    std::string_view tick{};
    std::string_view cross{};
    std::string_view query{};  ///< neither
    std::string_view warning{};
};
[[nodiscard]] const Glyphs& glyphs(bool unicode) noexcept;

/// Columns that a UTF-8 text takes: one a character.
[[nodiscard]] std::size_t columns(std::string_view text) noexcept;
/// Control characters, which could steer the terminal, become `?`; without Unicode everything
/// beyond ASCII becomes what is nearest to it.
[[nodiscard]] std::string presentable(std::string_view text, bool unicode);

/// One line of output that knows how many columns it has taken.
class StyledLine {
public:
    explicit StyledLine(bool colour) noexcept : colour_{colour} {}
    StyledLine& add(Tone tone, std::string_view text);
    StyledLine& repeat(Tone tone, std::string_view glyph, std::size_t times);
    StyledLine& pad_to(std::size_t column);
    [[nodiscard]] std::size_t column() const noexcept { return column_; }
    /// With its newline, without blanks before it.
    [[nodiscard]] std::string finished() const;

private:
    bool colour_;
    std::size_t column_{0};
    std::string out_{};
};

}  // namespace tcpcraft
