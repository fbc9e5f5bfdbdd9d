#include <algorithm>
#include <array>
#include <charconv>

#include <fmt/format.h>

#include <libtcpcraft/script/script_cursor.hpp>

// Numbers, times and strings, as a ScriptCursor reads them.

namespace tcpcraft::script {

namespace {

bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

struct Escape {
    char letter{};
    char octet{};
};
constexpr std::array<Escape, 7> escapes{
    {{'n', '\n'}, {'r', '\r'}, {'t', '\t'}, {'0', '\0'}, {'\\', '\\'}, {'"', '"'}, {'`', '`'}}};

}  // namespace

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
