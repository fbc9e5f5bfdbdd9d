#include <algorithm>
#include <array>
#include <utility>

#include <libtcpcraft/trace/style.hpp>
#include <libtcpcraft/trace/wrapped.hpp>

namespace tcpcraft {

namespace {

constexpr Glyphs unicode_glyphs{.lifeline = "│",
                                .from_us = "├",
                                .from_peer = "┤",
                                .dash = "─",
                                .to_peer = "►",
                                .to_us = "◄",
                                .lost = "✗",
                                .again = "↻",
                                .timer = "⏱",
                                .becomes = "→",
                                .rule = "─",
                                .tick = "✓",
                                .cross = "✗",
                                .query = "?",
                                .warning = "⚠"};
constexpr Glyphs ascii_glyphs{.lifeline = "|",
                              .from_us = "+",
                              .from_peer = "+",
                              .dash = "-",
                              .to_peer = ">",
                              .to_us = "<",
                              .lost = "X",
                              .again = "*",
                              .timer = "@",
                              .becomes = "->",
                              .rule = "-",
                              .tick = "+",
                              .cross = "!",
                              .query = "?",
                              .warning = "!"};

std::string_view code(Tone tone) noexcept {
    switch (tone) {
        case Tone::plain:
            return "";
        case Tone::faint:
            return "\033[2m";
        case Tone::strong:
            return "\033[1m";
        case Tone::aside:
            return "\033[2;3m";
        case Tone::opens:
            return "\033[1;36m";
        case Tone::closes:
            return "\033[1;34m";
        case Tone::resets:
            return "\033[1;31m";
        case Tone::unusual:
            return "\033[33m";
        case Tone::good:
            return "\033[32m";
    }
    return "";
}

bool continues(char c) noexcept { return (static_cast<unsigned char>(c) & 0xc0U) == 0x80U; }

constexpr std::array<std::pair<std::string_view, std::string_view>, 16> nearest{{
    {"§", "section "},
    {"→", "->"},
    {"←", "<-"},
    {"…", "..."},
    {"–", "-"},
    {"—", "-"},
    {"·", "-"},
    {"×", "x"},
    {"≤", "<="},
    {"≥", ">="},
    {"≠", "!="},
    {"µ", "u"},
    {"“", "\""},
    {"”", "\""},
    {"’", "'"},
    {"↔", "<->"},
}};

/// Octets of the character at the start of a text.
std::size_t character(std::string_view text) noexcept {
    std::size_t octets = 1;
    while (octets < text.size() && continues(text[octets])) {
        ++octets;
    }
    return octets;
}

std::string_view in_ascii(std::string_view one) noexcept {
    const auto* const found = std::find_if(nearest.begin(), nearest.end(),
                                           [&](const auto& pair) { return pair.first == one; });
    return found == nearest.end() ? "?" : found->second;
}

/// Octets of the longest beginning that fits and ends behind a blank, in a list behind a comma; if
/// there is none, anywhere.
std::size_t fitting(std::string_view text, std::size_t width, bool is_list) noexcept {
    std::size_t octets = 0;
    std::size_t good = 0;
    for (std::size_t taken = 0; octets < text.size() && taken < width; ++taken) {
        if (!is_list && text[octets] == ' ') {
            good = octets;
        }
        const std::size_t size = character(text.substr(octets));
        octets += size;
        if (is_list && text[octets - size] == ',') {
            good = octets;
        }
    }
    const bool whole = octets == text.size() || (!is_list && text[octets] == ' ');
    return whole || good == 0 ? octets : good;
}

}  // namespace

const Glyphs& glyphs(bool unicode) noexcept { return unicode ? unicode_glyphs : ascii_glyphs; }

std::string painted(Tone tone, std::string_view text, bool colour) {
    const std::string_view start = code(tone);
    if (!colour || start.empty() || text.empty()) {
        return std::string{text};
    }
    return std::string{start}.append(text).append("\033[0m");
}

std::size_t columns(std::string_view text) noexcept {
    return static_cast<std::size_t>(
        std::count_if(text.begin(), text.end(), [](char c) { return !continues(c); }));
}

std::string presentable(std::string_view text, bool unicode) {
    std::string made;
    made.reserve(text.size());
    while (!text.empty()) {
        const std::string_view one = text.substr(0, character(text));
        const auto first = static_cast<unsigned char>(one[0]);
        if (first >= 0x80U) {
            // U+0080 to U+009F are controls as well.
            const bool control =
                first == 0xc2U && one.size() == 2 && static_cast<unsigned char>(one[1]) < 0xa0U;
            made += control || one.size() == 1 ? "?" : unicode ? one : in_ascii(one);
        } else {
            made += first == '\n' || (first >= 0x20U && first != 0x7fU) ? one[0] : '?';
        }
        text.remove_prefix(one.size());
    }
    return made;
}

std::vector<std::string> wrapped(std::string_view text, std::size_t width) {
    std::vector<std::string> lines;
    while (true) {
        const std::size_t newline = text.find('\n');
        std::string_view paragraph = text.substr(0, newline);
        const bool is_list = !paragraph.empty() && paragraph.front() == '<';
        do {
            const std::size_t taken = fitting(paragraph, std::max<std::size_t>(width, 1), is_list);
            lines.emplace_back(paragraph.substr(0, taken));
            paragraph.remove_prefix(taken);
            paragraph.remove_prefix(std::min(paragraph.find_first_not_of(' '), paragraph.size()));
        } while (!paragraph.empty());
        if (newline == std::string_view::npos) {
            return lines;
        }
        text.remove_prefix(newline + 1);
    }
}

StyledLine& StyledLine::add(Tone tone, std::string_view text) {
    out_ += painted(tone, text, colour_);
    column_ += columns(text);
    return *this;
}

StyledLine& StyledLine::repeat(Tone tone, std::string_view glyph, std::size_t times) {
    std::string run;
    for (std::size_t i = 0; i < times; ++i) {
        run += glyph;
    }
    return add(tone, run);
}

StyledLine& StyledLine::pad_to(std::size_t column) {
    if (column > column_) {
        out_.append(column - column_, ' ');
        column_ = column;
    }
    return *this;
}

std::string StyledLine::finished() const {
    std::string line = out_.substr(0, out_.find_last_not_of(' ') + 1);
    return line + "\n";
}

}  // namespace tcpcraft
