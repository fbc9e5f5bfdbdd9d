#include <charconv>

#include <fmt/format.h>

#include <libtcpcraft/wire/notation_cursor.hpp>

namespace tcpcraft::wire {

namespace {

bool is_word(char c) noexcept {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_';
}

std::optional<unsigned> hex_digit(char c) noexcept {
    unsigned value = 0;
    const auto [end, code] = std::from_chars(&c, &c + 1, value, 16);
    return code == std::errc{} ? std::optional{value} : std::nullopt;
}

}  // namespace

void NotationCursor::skip_space() noexcept {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t')) {
        ++at_;
    }
}

bool NotationCursor::at_end() noexcept { return peek() == 0 && at_ == text_.size(); }

char NotationCursor::peek() noexcept {
    skip_space();
    return at_ < text_.size() ? text_[at_] : '\0';
}

bool NotationCursor::take(char c) noexcept {
    if (at_end() || text_[at_] != c) {
        return false;
    }
    ++at_;
    return true;
}

bool NotationCursor::take_word(std::string_view word) noexcept {
    skip_space();
    const auto after = rest().substr(0, word.size() + 1);
    if (!rest().starts_with(word) || (after.size() > word.size() && is_word(after.back()))) {
        return false;
    }
    at_ += word.size();
    return true;
}

std::string_view NotationCursor::token() noexcept {
    skip_space();
    const auto taken = rest().substr(0, rest().find_first_of(" \t,<>"));
    at_ += taken.size();
    return taken;
}

void NotationCursor::want(char c) {
    if (!take(c)) {
        fail(at_, fmt::format("wanted '{}', got {}", c, found()));
    }
}

void NotationCursor::want_word(std::string_view word) {
    if (!take_word(word)) {
        fail(at_, fmt::format("wanted '{}', got {}", word, found()));
    }
}

std::uint32_t NotationCursor::number(std::uint32_t most) {
    skip_space();
    std::uint32_t value = 0;
    const auto left = rest();
    const auto [end, code] = std::from_chars(left.data(), left.data() + left.size(), value);
    if (code == std::errc::invalid_argument) {
        fail(at_, fmt::format("wanted a number, got {}", found()));
        return 0;
    }
    if (code != std::errc{} || value > most) {
        fail(at_, fmt::format("wanted a number from 0 to {}, got {}", most, found()));
        return 0;
    }
    at_ += static_cast<std::size_t>(end - left.data());
    return value;
}

HexOctets NotationCursor::hex() {
    skip_space();
    HexOctets made;
    while (at_ < text_.size()) {
        const auto high = hex_digit(text_[at_]);
        if (!high) {
            break;
        }
        const auto low = at_ + 1 < text_.size() ? hex_digit(text_[at_ + 1]) : std::nullopt;
        if (!low) {
            fail(at_, "wanted hexadecimal digits in pairs, got one alone");
            break;
        }
        if (made.size == made.room.size()) {
            fail(at_, "more octets than an option list holds (40)");
            break;
        }
        made.room[made.size++] = static_cast<std::byte>(*high << 4 | *low);
        at_ += 2;
    }
    return made;
}

void NotationCursor::fail(std::size_t offset, std::string sentence) {
    if (!error_) {
        error_ = NotationError{offset, std::move(sentence)};
    }
    at_ = text_.size();
}

std::string NotationCursor::found() const {
    if (at_ >= text_.size()) {
        return "the end";
    }
    const auto shown = rest().substr(0, rest().find_first_of(" \t,<>", 1));
    return fmt::format("'{}'", shown.substr(0, 20));
}

}  // namespace tcpcraft::wire
