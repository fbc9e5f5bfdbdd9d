#include <algorithm>

#include <fmt/format.h>

#include <libtcpcraft/script/script_cursor.hpp>

namespace tcpcraft {

namespace script {

namespace {

constexpr std::size_t most_events = 100'000;

class ScriptReader {
public:
    ScriptReader(std::string_view text, Defines defines) : cursor_{text, std::move(defines)} {}

    Expected<Script, ScriptError> read() {
        read_options(cursor_, made_.options);
        if (cursor_.peek() == '`') {
            made_.setup = read_command();
        }
        while (!cursor_.failed() && !cursor_.at_end() && !made_.cleanup) {
            read_line();
        }
        if (!cursor_.failed() && made_.events.empty()) {
            cursor_.fail(cursor_.position(), "there is no event in this script");
        }
        if (cursor_.error()) {
            return Unexpected<ScriptError>{*cursor_.error()};
        }
        return std::move(made_);
    }

private:
    void read_line() {
        if (cursor_.peek() == '`' && !made_.events.empty()) {
            made_.cleanup = read_command();
            cursor_.begin();
            if (!cursor_.failed() && !cursor_.at_end()) {
                cursor_.fail_wanting("the end of the script behind a command without a time");
            }
            return;
        }
        if (made_.events.size() == most_events) {
            cursor_.fail(cursor_.position(), fmt::format("more than {} events", most_events));
            return;
        }
        read_event();
    }

    ScriptShell read_command() {
        const ScriptPlace at = cursor_.place(cursor_.position());
        return {at, cursor_.enclosed("`", "`")};
    }

    void read_event() {
        ScriptEvent event;
        cursor_.begin();
        const std::size_t start = cursor_.position();
        event.at = cursor_.place(start);
        event.time = read_time();
        if (cursor_.failed()) {
            return;
        }
        read_action(event);
        check_time(event, start);
        made_.events.push_back(std::move(event));
    }

    ScriptTime read_time() {
        ScriptTime made;
        const std::size_t start = cursor_.position();
        if (cursor_.take("*")) {
            made.base = ScriptTime::Base::any;
            return made;
        }
        const bool relative = cursor_.take("+");
        made.base = relative ? ScriptTime::Base::previous : ScriptTime::Base::start;
        if (cursor_.next_is("--")) {
            cursor_.fail(start, "options stand before the first event");
        } else if (cursor_.peek() == '-') {
            cursor_.fail(start, "a time is not negative");
        } else if (!cursor_.number_follows() && cursor_.peek() != '.') {
            cursor_.fail_wanting("a time (1.5, +1.5, *) at the start of an event");
        }
        made.from = cursor_.seconds();
        if (cursor_.take("...")) {
            read_end(made.returns, relative, start, made.from);
        } else if (!cursor_.next_is("~>") && !cursor_.next_is("~<") && cursor_.take("~")) {
            if (relative && cursor_.peek() != '+') {
                cursor_.fail_wanting("'+': both ends of a range are relative, or none is");
            }
            read_end(made.until, relative, start, made.from);
        }
        return made;
    }
    void read_end(std::optional<Duration>& into, bool relative, std::size_t start, Duration from) {
        if (!relative && cursor_.peek() == '+') {
            cursor_.fail_wanting("a time without '+': both ends are relative, or none is");
        }
        cursor_.take("+");
        into = cursor_.seconds();
        if (!cursor_.failed() && *into < from) {
            cursor_.fail(start, "this range ends before it begins");
        }
    }

    void read_action(ScriptEvent& event) {
        const char next = cursor_.peek();
        if (next == '<' || next == '>' || next == '~' || next == '?') {
            read_packet(cursor_, event);
        } else if (next == '`') {
            event.what = read_command();
        } else if (cursor_.next_is("%{")) {
            event.what = ScriptCode{cursor_.enclosed("%{", "}%")};
        } else if (!cursor_.next_word().empty() || next == '-' || cursor_.next_is("...")) {
            event.what = read_call(cursor_);
        } else {
            cursor_.fail_wanting("< or > and a packet, a call, `command` or %{ code }%");
        }
    }

    void check_time(const ScriptEvent& event, std::size_t start) {
        const auto* segment = std::get_if<ScriptSegment>(&event.what);
        const auto* icmp = std::get_if<ScriptIcmp>(&event.what);
        const bool expected =
            (segment != nullptr && segment->direction == ScriptDirection::outbound) ||
            (icmp != nullptr && icmp->direction == ScriptDirection::outbound);
        if ((event.time.until || event.time.base == ScriptTime::Base::any) && !expected) {
            cursor_.fail(start, "* and T~T are for what is expected (>); this is done at a time");
        }
        if (event.time.base == ScriptTime::Base::any && segment != nullptr &&
            (segment->unwanted || segment->maybe)) {
            cursor_.fail(start, "~> and ?> need a time until which they hold");
        }
        if (event.time.returns && !std::holds_alternative<ScriptCall>(event.what)) {
            cursor_.fail(start, "T...T is for calls that block");
        }
    }

    ScriptCursor cursor_;
    Script made_{};
};

}  // namespace

}  // namespace script

std::string ScriptError::text(std::string_view file) const {
    return fmt::format("{}:{}:{}: {}", file, at.line, at.column, sentence);
}

const ScriptSegment* Script::first_segment() const noexcept {
    for (const ScriptEvent& event : events) {
        if (const auto* segment = std::get_if<ScriptSegment>(&event.what)) {
            return segment;
        }
    }
    return nullptr;
}

const ScriptShell* Script::first_command() const noexcept {
    if (setup) {
        return &*setup;
    }
    for (const ScriptEvent& event : events) {
        if (const auto* command = std::get_if<ScriptShell>(&event.what)) {
            return command;
        }
    }
    return cleanup ? &*cleanup : nullptr;
}

Expected<Script, ScriptError> read_script(std::string_view text,
                                          const std::map<std::string, std::string>& defines) {
    return script::ScriptReader{text, defines}.read();
}

}  // namespace tcpcraft
