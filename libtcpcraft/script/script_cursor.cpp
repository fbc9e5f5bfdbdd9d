#include <algorithm>
#include <array>
#include <charconv>

#include <fmt/format.h>

#include <libtcpcraft/script/script_cursor.hpp>

namespace tcpcraft::script {

namespace {

bool is_blank(char c) noexcept { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }
bool is_control(char c) noexcept { return (c >= 0 && c < 0x20) || c == 0x7f; }
bool is_word(char c) noexcept {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c) || c == '_';
}

/// For a sentence: no control characters, no flood.
std::string shown(std::string_view text) {
    std::string made;
    for (const char c : text.substr(0, 20)) {
        made += c >= 0x20 && c < 0x7f ? c : '?';
    }
    return made;
}

struct Escape {
    char letter{};
    char octet{};
};
constexpr std::array<Escape, 7> escapes{
    {{'n', '\n'}, {'r', '\r'}, {'t', '\t'}, {'0', '\0'}, {'\\', '\\'}, {'"', '"'}, {'`', '`'}}};

}  // namespace

bool ScriptCursor::skip_comment() {
    if (text_[at_] == '#' || rest().starts_with("//")) {
        at_ = std::min(text_.find('\n', at_), text_.size());
        return true;
    }
    if (rest().starts_with("/*")) {
        const std::size_t end = text_.find("*/", at_ + 2);
        if (end == std::string_view::npos) {
            fail(at_, "this comment has no end: wanted */");
            return false;
        }
        at_ = end + 2;
        return true;
    }
    return false;
}

void ScriptCursor::skip() {
    while (at_ < text_.size()) {
        if (is_blank(text_[at_])) {
            ++at_;
        } else if (!skip_comment()) {
            return;
        }
    }
}

bool ScriptCursor::at_end() {
    skip();
    return at_ >= text_.size();
}

void ScriptCursor::begin() {
    skip();
    token_end_ = at_;
}

bool ScriptCursor::follows_directly() {
    skip();
    return at_ == token_end_ && at_ < text_.size();
}

bool ScriptCursor::same_line() {
    skip();
    return at_ < text_.size() &&
           text_.substr(token_end_, at_ - token_end_).find('\n') == std::string_view::npos;
}

char ScriptCursor::peek() { return at_end() ? '\0' : text_[at_]; }

bool ScriptCursor::next_is(std::string_view text) {
    skip();
    return rest().starts_with(text);
}

bool ScriptCursor::take(std::string_view text) {
    if (!next_is(text)) {
        return false;
    }
    taken(text.size());
    return true;
}

bool ScriptCursor::take_word(std::string_view word) {
    if (next_word() != word) {
        return false;
    }
    taken(word.size());
    return true;
}

void ScriptCursor::want(std::string_view text) {
    if (!take(text)) {
        fail_wanting(fmt::format("'{}'", text));
    }
}

std::string_view ScriptCursor::next_word() {
    skip();
    const auto left = rest();
    const auto end = std::find_if_not(left.begin(), left.end(), is_word);
    return left.substr(0, static_cast<std::size_t>(end - left.begin()));
}

std::string_view ScriptCursor::word() {
    const auto found = next_word();
    taken(found.size());
    return found;
}

std::string_view ScriptCursor::token(std::string_view ends) {
    skip();
    const auto left = rest();
    const auto end = std::find_if(left.begin(), left.end(), [ends](char c) {
        return is_blank(c) || ends.find(c) != std::string_view::npos;
    });
    const auto found = left.substr(0, static_cast<std::size_t>(end - left.begin()));
    taken(found.size());
    return found;
}

bool ScriptCursor::number_follows() {
    const char c = peek();
    return is_digit(c) || (c == '-' && at_ + 1 < text_.size() && is_digit(text_[at_ + 1]));
}

std::string_view ScriptCursor::defined(std::string_view word) const {
    const auto found = defines_.find(std::string{word});
    return found == defines_.end() ? std::string_view{} : std::string_view{found->second};
}

std::int64_t ScriptCursor::number(std::int64_t least, std::int64_t most) {
    skip();
    const std::size_t start = at_;
    const auto symbol = defined(next_word());
    const auto source = symbol.empty() ? rest() : symbol;
    std::int64_t value = 0;
    const auto [end, code] = std::from_chars(source.data(), source.data() + source.size(), value);
    const auto used = static_cast<std::size_t>(end - source.data());
    if (code == std::errc::invalid_argument || (!symbol.empty() && used != symbol.size())) {
        fail_wanting("a number");
        return 0;
    }
    if (code != std::errc{} || value < least || value > most) {
        fail(start, fmt::format("wanted a number from {} to {}, got '{}'", least, most,
                                shown(source.substr(0, used))));
        return 0;
    }
    taken(symbol.empty() ? used : next_word().size());
    return value;
}

std::uint32_t ScriptCursor::hexadecimal(std::uint32_t most) {
    skip();
    const auto digits = next_word();
    std::uint32_t value = 0;
    const char* first = digits.data() + std::min<std::size_t>(2, digits.size());
    const char* last = digits.data() + digits.size();
    const auto [end, code] = std::from_chars(first, last, value, 16);
    const bool form = digits.starts_with("0x") && first != last && end == last;
    if (!form || code != std::errc{} || value > most) {
        fail_wanting(fmt::format("a hexadecimal number from 0x0 to {:#x}", most));
        return 0;
    }
    taken(digits.size());
    return value;
}

Duration ScriptCursor::seconds() {
    static constexpr std::int64_t most = 1'000'000'000;  // 31 years
    skip();
    const std::size_t start = at_;
    std::int64_t micros = 0;
    std::size_t at = at_;
    for (; at < text_.size() && is_digit(text_[at]); ++at) {
        micros = std::min(micros * 10 + (text_[at] - '0'), most);
    }
    if (micros == most) {
        fail(start, fmt::format("'{}' is too long a time", shown(text_.substr(start, at - start))));
        return {};
    }
    micros *= 1'000'000;
    bool any = at > start;
    if (at + 1 < text_.size() && text_[at] == '.' && is_digit(text_[at + 1])) {
        any = true;
        std::int64_t unit = 100'000;
        for (++at; at < text_.size() && is_digit(text_[at]); ++at, unit /= 10) {
            micros += unit * (text_[at] - '0');
        }
    }
    if (!any) {
        fail_wanting("a time in seconds");
        return {};
    }
    taken(at - start);
    return Duration{micros};
}

char ScriptCursor::escape() {
    const char letter = ++at_ < text_.size() ? text_[at_] : '\0';
    if (letter == 'x') {
        unsigned value = 0;
        const auto digits = rest().substr(1, 2);
        const auto [end, code] =
            std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
        if (code != std::errc{} || digits.size() != 2 || end != digits.data() + 2) {
            fail(at_, "\\x needs two hexadecimal digits");
            return 0;
        }
        at_ += 2;
        return static_cast<char>(value);
    }
    const auto found = std::ranges::find(escapes, letter, &Escape::letter);
    if (found == escapes.end()) {
        fail(at_, "wanted one of n r t 0 x \\ \" ` behind \\ in a string");
        return 0;
    }
    return found->octet;
}

std::string ScriptCursor::quoted() {
    want("\"");
    const std::size_t start = at_ == 0 ? 0 : at_ - 1;
    std::string made;
    for (; !failed() && at_ < text_.size() && text_[at_] != '"'; ++at_) {
        if (text_[at_] == '\n') {
            break;
        }
        made += text_[at_] == '\\' ? escape() : text_[at_];
    }
    if (at_ >= text_.size() || text_[at_] != '"') {
        fail(start, "this string has no end: wanted \" on the same line");
        return {};
    }
    taken(1);
    return made;
}

std::string ScriptCursor::enclosed(std::string_view open, std::string_view close) {
    skip();
    const std::size_t start = at_;
    want(open);
    if (failed()) {
        return {};
    }
    const std::size_t end = text_.find(close, at_);
    if (end == std::string_view::npos) {
        fail(start, fmt::format("what begins here has no end: wanted {}", close));
        return {};
    }
    std::string made{text_.substr(at_, end - at_)};
    taken(end - at_ + close.size());
    return made;
}

std::size_t ScriptCursor::position() {
    skip();
    return at_;
}

ScriptPlace ScriptCursor::place(std::size_t offset) const noexcept {
    const auto before = text_.substr(0, std::min(offset, text_.size()));
    const auto lines = std::ranges::count(before, '\n');
    const std::size_t line_start = lines == 0 ? 0 : before.rfind('\n') + 1;
    return {static_cast<std::uint32_t>(lines + 1),
            static_cast<std::uint32_t>(before.size() - line_start + 1)};
}

void ScriptCursor::fail(std::size_t offset, std::string sentence) {
    if (!error_) {
        std::ranges::replace_if(sentence, is_control, '?');  // what a define holds may be anything
        error_ = ScriptError{place(offset), std::move(sentence)};
    }
    at_ = text_.size();
}

void ScriptCursor::fail_wanting(std::string_view wanted) {
    skip();
    const auto between = text_.substr(token_end_, at_ - token_end_);
    if (at_ >= text_.size() || between.find('\n') != std::string_view::npos) {
        const bool last = at_ >= text_.size();
        fail(token_end_,
             fmt::format("wanted {}, got the end of the {}", wanted,
                         last && between.find('\n') == std::string_view::npos ? "script" : "line"));
        return;
    }
    const auto word = next_word();
    const auto got = word.empty() ? rest().substr(0, 1) : word;
    fail(at_, fmt::format("wanted {}, got '{}'", wanted, shown(got)));
}

std::string quoted_text(std::string_view text) {
    std::string made = "\"";
    for (const char c : text) {
        const auto escaped = std::ranges::find(escapes, c, &Escape::octet);
        const auto octet = static_cast<unsigned char>(c);
        if (escaped != escapes.end()) {
            made += c == '`' ? "`" : std::string{'\\', escaped->letter};
        } else if (octet < 0x20 || octet >= 0x7f) {
            made += fmt::format("\\x{:02x}", octet);
        } else {
            made += c;
        }
    }
    return made + '"';
}

}  // namespace tcpcraft::script
