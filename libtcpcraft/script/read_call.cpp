#include <fmt/format.h>

#include <libtcpcraft/script/script_cursor.hpp>

namespace tcpcraft::script {

namespace {

using Kind = ScriptValue::Kind;

constexpr int deepest = 32;
constexpr std::int64_t most_number = 0x7fffffffffffffffLL;

bool begins_with_letter(std::string_view word) noexcept {
    return !word.empty() && (word.front() < '0' || word.front() > '9');
}

class CallReader {
public:
    explicit CallReader(ScriptCursor& cursor) noexcept : cursor_{cursor} {}

    /// `name(arguments) = result ERRNO (text)`, or `result = name(arguments)`.
    ScriptCall read() {
        ScriptCall made;
        const bool result_first = !begins_with_letter(cursor_.next_word());
        if (result_first) {
            made.result = value();
            cursor_.want("=");
        }
        made.name = name();
        made.arguments = sequence("(", ")");
        if (!result_first) {
            cursor_.want("=");
            made.result = result();
            read_error(made);
        }
        return made;
    }

private:
    std::string name() {
        const auto word = cursor_.next_word();
        if (!begins_with_letter(word)) {
            cursor_.fail_wanting("the name of a call");
            return {};
        }
        return std::string{cursor_.word()};
    }
    /// `?` is an old spelling of `...`.
    ScriptValue result() {
        if (cursor_.peek() == '?') {
            const auto at = cursor_.place(cursor_.position());
            cursor_.take("?");
            return {.at = at};
        }
        return value();
    }
    void read_error(ScriptCall& made) {
        const std::size_t behind = cursor_.position();
        const auto word = cursor_.next_word();
        if (word.size() > 1 && word.front() == 'E' && cursor_.take_word(word)) {
            made.error = word;
            if (made.result.kind == Kind::number && made.result.number >= 0) {
                cursor_.fail(behind, "an error belongs to a result of -1");
            }
        }
        if (cursor_.peek() == '(') {
            const std::size_t parenthesis = cursor_.position();
            made.note = cursor_.enclosed("(", ")");
            if (made.note.find('\n') != std::string::npos) {
                cursor_.fail(parenthesis, "this parenthesis has no end on its line: wanted )");
            }
        }
    }

    std::vector<ScriptValue> sequence(std::string_view open, std::string_view close) {
        std::vector<ScriptValue> made;
        cursor_.want(open);
        if (cursor_.take(close)) {
            return made;
        }
        do {
            made.push_back(value());
        } while (cursor_.take(","));
        if (!cursor_.take(close)) {
            cursor_.fail_wanting(fmt::format("',' or '{}'", close));
        }
        return made;
    }

    ScriptValue value() {
        ScriptValue first = single();
        if (cursor_.peek() != '|') {
            return first;
        }
        ScriptValue made{.kind = Kind::either, .at = first.at};
        made.parts.push_back(std::move(first));
        while (cursor_.take("|")) {
            made.parts.push_back(single());
        }
        return made;
    }

    ScriptValue single() {
        ScriptValue made;
        made.at = cursor_.place(cursor_.position());
        if (++depth_ > deepest) {
            cursor_.fail(cursor_.position(), "this is nested too deeply");
        }
        if (cursor_.take("...")) {
            made.kind = Kind::ellipsis;
        } else if (cursor_.peek() == '"') {
            read_string(made);
        } else if (cursor_.number_follows()) {
            read_number(made);
        } else if (cursor_.peek() == '[') {
            made.kind = Kind::list;
            made.parts = sequence("[", "]");
        } else if (cursor_.peek() == '{') {
            made.kind = Kind::structure;
            made.parts = sequence("{", "}");
        } else {
            read_word(made);
        }
        --depth_;
        return made;
    }
    void read_string(ScriptValue& made) {
        made.kind = Kind::string;
        while (cursor_.peek() == '"') {
            made.text += cursor_.quoted();
        }
        made.continued = cursor_.take("...");
    }
    void read_number(ScriptValue& made) {
        made.kind = Kind::number;
        made.hexadecimal = cursor_.next_is("0x");
        made.number = made.hexadecimal ? cursor_.hexadecimal(0xffffffffU)
                                       : cursor_.number(-most_number - 1, most_number);
    }
    void read_word(ScriptValue& made) {
        const auto word = cursor_.word();
        if (word.empty()) {
            cursor_.fail_wanting("a value");
            return;
        }
        made.kind = Kind::symbol;
        made.text = word;
        if (cursor_.peek() == '(') {
            made.kind = Kind::call;
            made.parts = sequence("(", ")");
        }
        if (cursor_.take("=")) {  // the name of a member stands for itself
            ScriptValue whole{.kind = Kind::named, .at = made.at};
            whole.parts.push_back(std::move(made));
            whole.parts.push_back(value());
            made = std::move(whole);
        } else if (const auto found = cursor_.defines().find(made.text);
                   made.kind == Kind::symbol && found != cursor_.defines().end()) {
            replace(made, found->second);
        }
    }
    /// --define NAME=VALUE: a string in quotes, a number, or another word.
    void replace(ScriptValue& made, const std::string& text) {
        ScriptCursor inner{text, {}};
        const ScriptValue read = CallReader{inner}.single();
        if (inner.failed() || !inner.at_end()) {
            cursor_.fail(cursor_.position(), fmt::format("{} is defined as '{}', which is no value",
                                                         made.text, text.substr(0, 20)));
            return;
        }
        const auto at = made.at;
        made = read;
        made.at = at;
    }

    ScriptCursor& cursor_;
    int depth_{0};
};

}  // namespace

ScriptCall read_call(ScriptCursor& cursor) { return CallReader{cursor}.read(); }

}  // namespace tcpcraft::script
