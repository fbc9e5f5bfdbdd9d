#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <libtcpcraft/base/address.hpp>
#include <libtcpcraft/base/direction.hpp>
#include <libtcpcraft/trace/style.hpp>
#include <libtcpcraft/trace/text_options.hpp>

// Private: where things stand on the ladder. It knows columns, not TCP.

namespace tcpcraft {

/// What stands outside the lifelines of one line; empty where nothing does.
struct Margins {
    std::string time{};
    std::string us{};
    std::string peer{};
};

/// An arrow between the lifelines, with its label in pieces that must not be broken.
struct Arrow {
    Direction direction{};
    bool lost{false};  ///< ends in a cross before the other lifeline
    Tone tone{};       ///< of the first piece, the flags
    std::vector<std::string> label{};
};

class LadderDrawing {
public:
    /// Narrower than this it cannot be drawn.
    static constexpr std::size_t least_width = 72;

    explicit LadderDrawing(const TextOptions& options) noexcept;

    /// Columns for text between the lifelines.
    [[nodiscard]] std::size_t inner() const noexcept { return peer_line_ - us_line_ - 1; }
    [[nodiscard]] std::size_t width() const noexcept { return width_; }

    /// Who stands where; `title` in the middle.
    [[nodiscard]] std::string header(const ConnectionId& id, std::string_view title,
                                     std::string_view us, std::string_view peer) const;
    /// A line with text between the lifelines. What is too long is broken into several.
    [[nodiscard]] std::string between(const Margins& margins, Tone tone,
                                      std::string_view text) const;
    /// The arrow's line; takes from its label what fits and leaves the rest.
    [[nodiscard]] std::string arrow(const Margins& margins, Arrow& arrow) const;
    /// A line across, with a title.
    [[nodiscard]] std::string across(Tone tone, std::string_view title) const;
    /// A paragraph under the ladder, indented behind the times.
    [[nodiscard]] std::string under(std::string_view time, Tone tone, std::string_view text) const;

private:
    void left(StyledLine& line, const Margins& margins) const;
    void right(StyledLine& line, const Margins& margins) const;
    void shaft(StyledLine& line, const Arrow& arrow, const std::vector<std::string>& label) const;
    [[nodiscard]] std::size_t shaft_length(const Arrow& arrow) const noexcept;

    std::size_t width_;
    std::size_t us_line_;
    std::size_t peer_line_;
    bool colour_;
    bool unicode_;
};

}  // namespace tcpcraft
