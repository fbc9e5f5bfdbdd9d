#include <algorithm>

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

}  // namespace

std::string shown(std::string_view text) {
    std::string made;
    for (const char c : text.substr(0, 20)) {
        made += c >= 0x20 && c < 0x7f ? c : '?';
    }
    return made;
}

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

}  // namespace tcpcraft::script
