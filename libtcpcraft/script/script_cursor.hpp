#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include <libtcpcraft/script/script.hpp>

// Private: reads the text of a script from left to right.

namespace tcpcraft::script {

using Defines = std::map<std::string, std::string>;

/// The first thing that is wrong stays as error(); from then on every reader gives a harmless
/// value, so that a caller may ask once, at the end. Blanks, line ends and comments are skipped
/// before everything that is read.
class ScriptCursor {
public:
    ScriptCursor(std::string_view text, Defines defines) noexcept
        : text_{text}, defines_{std::move(defines)} {}

    [[nodiscard]] bool at_end();
    /// Something new begins: what is wrong here is not missing on the line before.
    void begin();
    /// Does the next token stand right behind the last one?
    [[nodiscard]] bool follows_directly();
    /// Does it stand on the same line as the last one?
    [[nodiscard]] bool same_line();
    /// The next character, 0 at the end.
    [[nodiscard]] char peek();
    /// Is this next, whatever follows it?
    [[nodiscard]] bool next_is(std::string_view text);
    bool take(std::string_view text);
    /// Takes a word of letters, digits and `_` when it is exactly this one.
    bool take_word(std::string_view word);
    void want(std::string_view text);
    /// The word of letters, digits and `_` that is next, without taking it; may be empty.
    [[nodiscard]] std::string_view next_word();
    std::string_view word();
    /// Up to the next blank, line end or one of `ends`; may be empty.
    std::string_view token(std::string_view ends = {});
    [[nodiscard]] bool number_follows();

    /// Decimal from `least` to `most`; a defined symbol stands for its number.
    std::int64_t number(std::int64_t least, std::int64_t most);
    std::uint32_t number32() { return static_cast<std::uint32_t>(number(0, 0xffffffffLL)); }
    /// 0x..., at most `most`.
    std::uint32_t hexadecimal(std::uint32_t most);
    /// Seconds with decimals, not negative.
    Duration seconds();
    /// "...": escapes resolved.
    std::string quoted();
    /// Everything between two delimiters; the first is next.
    std::string enclosed(std::string_view open, std::string_view close);

    [[nodiscard]] const Defines& defines() const noexcept { return defines_; }
    void define(std::string name, std::string value) {
        defines_.insert({std::move(name), std::move(value)});
    }

    /// Where the next token stands.
    [[nodiscard]] std::size_t position();
    [[nodiscard]] ScriptPlace place(std::size_t offset) const noexcept;
    [[nodiscard]] bool failed() const noexcept { return error_.has_value(); }
    void fail(std::size_t offset, std::string sentence);
    /// "wanted ..., got ...": at the next token, or behind the last one where its line ends.
    void fail_wanting(std::string_view wanted);
    [[nodiscard]] const std::optional<ScriptError>& error() const noexcept { return error_; }

private:
    void skip();
    bool skip_comment();
    [[nodiscard]] std::string_view rest() const noexcept { return text_.substr(at_); }
    [[nodiscard]] std::string_view defined(std::string_view word) const;
    void taken(std::size_t count) noexcept {
        at_ += count;
        token_end_ = count > 0 ? at_ : token_end_;
    }
    char escape();

    std::string_view text_;
    Defines defines_;
    std::size_t at_{0};
    std::size_t token_end_{0};
    std::optional<ScriptError> error_{};
};

void read_options(ScriptCursor& cursor, ScriptOptions& options);
/// From the direction sign on.
void read_packet(ScriptCursor& cursor, ScriptEvent& event);
/// From the call's name on, or from its result where that stands first.
ScriptCall read_call(ScriptCursor& cursor);

/// For a sentence: no control characters, no flood.
[[nodiscard]] std::string shown(std::string_view text);
/// A string's octets between quotes, so that quoted() reads them.
[[nodiscard]] std::string quoted_text(std::string_view text);

}  // namespace tcpcraft::script
