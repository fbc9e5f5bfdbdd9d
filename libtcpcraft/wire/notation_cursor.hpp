#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <libtcpcraft/wire/text.hpp>

namespace tcpcraft::wire {

/// Octets that stood in a text as hexadecimal digits; no more than an option list holds.
struct HexOctets {
    std::array<std::byte, Options::capacity> room{};
    std::size_t size{0};
    [[nodiscard]] std::span<const std::byte> octets() const noexcept {
        return std::span{room}.first(size);
    }
};

/// Reads a text from left to right. The first thing that is wrong stays as error(); from then on
/// every reader gives a harmless value, so that a caller may ask once, at the end.
class NotationCursor {
public:
    explicit NotationCursor(std::string_view text) noexcept : text_{text} {}

    void skip_space() noexcept;
    [[nodiscard]] bool at_end() noexcept;
    /// The next character behind spaces, 0 at the end.
    [[nodiscard]] char peek() noexcept;
    /// Takes `c` when it is next (spaces before it are skipped).
    bool take(char c) noexcept;
    /// Takes `word` when it is next and no letter, digit, `-` or `_` follows.
    bool take_word(std::string_view word) noexcept;
    /// Up to the next space, comma, `<` or `>`; may be empty.
    std::string_view token() noexcept;

    void want(char c);
    void want_word(std::string_view word);
    /// A decimal number, 0 to `most`.
    std::uint32_t number(std::uint32_t most = 0xffffffffU);
    /// Pairs of hexadecimal digits, as many as there are, none too.
    HexOctets hex();

    [[nodiscard]] bool failed() const noexcept { return error_.has_value(); }
    [[nodiscard]] std::size_t position() const noexcept { return at_; }
    /// Keeps the first error only, and ends the reading.
    void fail(std::size_t offset, std::string sentence);
    [[nodiscard]] const std::optional<NotationError>& error() const noexcept { return error_; }

private:
    [[nodiscard]] std::string_view rest() const noexcept { return text_.substr(at_); }
    [[nodiscard]] std::string found() const;

    std::string_view text_;
    std::size_t at_{0};
    std::optional<NotationError> error_{};
};

/// Options up to `>` or the end of the text; what is wrong is left in the cursor.
[[nodiscard]] Options read_option_list(NotationCursor& cursor, Seq sack_origin);

}  // namespace tcpcraft::wire
