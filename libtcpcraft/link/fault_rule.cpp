#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <utility>
#include <vector>

#include <libtcpcraft/link/fault_rule.hpp>
#include <libtcpcraft/wire/text.hpp>

namespace tcpcraft {

namespace {

constexpr std::array<std::pair<std::string_view, FaultKind>, 5> kinds{{
    {"drop", FaultKind::drop},
    {"delay", FaultKind::delay},
    {"duplicate", FaultKind::duplicate},
    {"reorder", FaultKind::reorder},
    {"corrupt", FaultKind::corrupt},
}};

Unexpected<Error> refuse(std::string_view word, std::string_view wanted) {
    return failure({}, "fault rule: '" + std::string{word} + "' is not " + std::string{wanted});
}

std::vector<std::string_view> words_of(std::string_view text) {
    constexpr std::string_view separators = " \t,:";
    std::vector<std::string_view> words;
    for (auto at = text.find_first_not_of(separators); at != std::string_view::npos;
         at = text.find_first_not_of(separators, at)) {
        const auto end = std::min(text.find_first_of(separators, at), text.size());
        words.push_back(text.substr(at, end - at));
        at = end;
    }
    return words;
}

/// Microseconds; at most a day.
Expected<Duration> read_time(std::string_view text) {
    constexpr std::array<std::pair<std::string_view, double>, 3> units{
        {{"us", 1.0}, {"ms", 1e3}, {"s", 1e6}}};
    constexpr double day = 86'400e6;
    double number = 0;
    const auto [end, code] =
        std::from_chars(text.data(), text.data() + text.size(), number, std::chars_format::fixed);
    const std::string_view name = text.substr(static_cast<std::size_t>(end - text.data()));
    const auto* unit = std::ranges::find(units, name, [](const auto& u) { return u.first; });
    if (code != std::errc{} || unit == units.end() || !(number > 0) ||
        number * unit->second > day) {
        return refuse(text, "a time: wanted for example 300ms, 1.5s or 50us, up to a day");
    }
    return Duration{std::llround(number * unit->second)};
}

Expected<void> read_kind(FaultRule& rule, std::string_view word) {
    const auto equals = word.find('=');
    const auto name = word.substr(0, equals);
    const auto* known = std::ranges::find(kinds, name, [](const auto& k) { return k.first; });
    if (known == kinds.end()) {
        return refuse(name, "a kind of fault: wanted drop, delay, duplicate, reorder or corrupt");
    }
    rule.kind = known->second;
    const bool timed = rule.kind == FaultKind::delay || rule.kind == FaultKind::reorder;
    if (equals == std::string_view::npos) {
        return rule.kind != FaultKind::delay
                   ? Expected<void>{}
                   : refuse(word, "complete: wanted the time too, as in delay=300ms");
    }
    if (!timed) {
        return refuse(word, "timed: only delay and reorder take a time");
    }
    return read_time(word.substr(equals + 1)).map([&rule](Duration delay) { rule.delay = delay; });
}

Expected<void> read_direction(FaultRule& rule, std::string_view word) {
    if (word != "in" && word != "out") {
        return refuse(word, "a direction: wanted out (from us) or in (to us)");
    }
    rule.direction = word == "in" ? Direction::in : Direction::out;
    return {};
}

std::optional<std::uint32_t> read_count(std::string_view text) {
    std::uint32_t count = 0;
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), count);
    const bool whole = code == std::errc{} && end == text.data() + text.size();
    return whole && count != 0 ? std::optional{count} : std::nullopt;
}

/// What follows `#`.
Expected<void> read_which(FaultRule& rule, std::string_view which) {
    if (which == "*") {
        rule.last = 0;
        return {};
    }
    const auto dash = which.find('-');
    const bool open = !which.empty() && which.back() == '+';
    const auto first = read_count(open ? which.substr(0, which.size() - 1) : which.substr(0, dash));
    const auto last = open                             ? std::optional<std::uint32_t>{0}
                      : dash == std::string_view::npos ? first
                                                       : read_count(which.substr(dash + 1));
    if (!first || !last || (!open && *last < *first)) {
        return refuse("#" + std::string{which}, "a choice: wanted #2, #2-4, #2+ or #*, from 1 on");
    }
    rule.first = *first;
    rule.last = *last;
    return {};
}

Expected<void> read_flags_or_which(FaultRule& rule, std::string_view word, bool last_word) {
    if (word.front() == '#') {
        return last_word ? read_which(rule, word.substr(1))
                         : refuse(word, "at its place: # comes last");
    }
    const auto flags = read_flags(word);
    if (!flags || rule.flags) {
        return refuse(word, "a set of flags: wanted letters of FSRP.UEWA once, or - for none");
    }
    rule.flags = *flags;
    return {};
}

std::string time_text(Duration delay) {
    const auto us = delay.count();
    if (us % 1'000'000 == 0) {
        return std::to_string(us / 1'000'000) + "s";
    }
    return us % 1000 == 0 ? std::to_string(us / 1000) + "ms" : std::to_string(us) + "us";
}

std::string which_text(const FaultRule& rule) {
    if (rule.last == 0) {
        return rule.first == 1 ? " #*" : " #" + std::to_string(rule.first) + "+";
    }
    if (rule.first == rule.last) {
        return rule.first == 1 ? "" : " #" + std::to_string(rule.first);
    }
    return " #" + std::to_string(rule.first) + "-" + std::to_string(rule.last);
}

}  // namespace

std::string FaultRule::text() const {
    const auto* known = std::ranges::find(kinds, kind, [](const auto& k) { return k.second; });
    std::string text{known->first};
    if (delay != Duration{}) {
        text += "=" + time_text(delay);
    }
    text += direction == Direction::in ? " in" : " out";
    if (flags) {
        text += " " + flags_text(*flags);
    }
    return text + which_text(*this);
}

Expected<FaultRule> read_fault_rule(std::string_view text) {
    const auto words = words_of(text);
    if (words.size() < 2 || words.size() > 4) {
        return refuse(text, "complete: wanted KIND[=TIME] in|out [FLAGS] [#WHICH]");
    }
    FaultRule rule;
    auto done = read_kind(rule, words[0]).and_then([&] { return read_direction(rule, words[1]); });
    for (std::size_t i = 2; done && i < words.size(); ++i) {
        done = read_flags_or_which(rule, words[i], i + 1 == words.size());
    }
    return done.map([&rule] { return rule; });
}

}  // namespace tcpcraft
