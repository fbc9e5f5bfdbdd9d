#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>
#include <tools/cli/options.hpp>
#include <tools/cli/read_number.hpp>
#include <tools/cli/step_command.hpp>

namespace tcpcraft::cli {

namespace {

using Refusal = Unexpected<NotationError>;

enum class Takes : std::uint8_t { leaving, arriving, both };

struct VerbName {
    StepVerb verb{};
    Takes takes{};
    std::array<std::string_view, 3> names{};  // the whole word first
    std::string_view help{};
};

constexpr std::array<VerbName, 13> verbs{{
    {StepVerb::send, Takes::leaving, {"send", "s", ""}, "let it go as shown (also: empty line)"},
    {StepVerb::edit, Takes::leaving, {"edit", "e", ""}, "FIELD...  change it, then show it again"},
    {StepVerb::drop, Takes::leaving, {"drop", "d", ""}, "it is lost on the way"},
    {StepVerb::twice, Takes::leaving, {"double", "2", "twice"}, "send it two times"},
    {StepVerb::wait, Takes::leaving, {"wait", "w", "delay"}, "TIME  send it later: w 200ms"},
    {StepVerb::accept, Takes::arriving, {"accept", "a", ""}, "our TCP sees it (also: empty line)"},
    {StepVerb::ignore, Takes::arriving, {"ignore", "i", "lost"}, "it was lost: ours never saw it"},
    {StepVerb::run, Takes::both, {"run", "r", ""}, "[N]  ask no more; or not for the next N"},
    {StepVerb::show, Takes::both, {"show", "f", "fields"}, "every field, and the octets"},
    {StepVerb::tcb, Takes::both, {"tcb", "t", ""}, "our TCB"},
    {StepVerb::save, Takes::both, {"save", "v", ""}, "FILE  all that happens as a script"},
    {StepVerb::help, Takes::both, {"help", "h", "?"}, "this"},
    {StepVerb::quit, Takes::both, {"quit", "q", "exit"}, "end the run as Ctrl-C does"},
}};

bool fits(Takes takes, StepSide side) {
    return takes == Takes::both || (takes == Takes::leaving) == (side == StepSide::leaving);
}

const VerbName* named(std::string_view word) {
    for (const VerbName& verb : verbs) {
        if (!word.empty() && std::ranges::find(verb.names, word) != verb.names.end()) {
            return &verb;
        }
    }
    return nullptr;
}

Refusal refuse(std::size_t offset, std::string sentence) {
    return Refusal{NotationError{offset, std::move(sentence)}};
}

bool blank(char c) { return c == ' ' || c == '\t'; }

/// The words of a line and where they stand.
struct Words {
    std::string_view line{};
    std::size_t begin{0};  // of the first word
    std::size_t end{0};
    std::size_t rest{0};  // of what follows, to `stop`
    std::size_t stop{0};

    explicit Words(std::string_view text) : line{text}, stop{text.size()} {
        while (stop > 0 && blank(line[stop - 1])) {
            --stop;
        }
        while (begin < stop && blank(line[begin])) {
            ++begin;
        }
        end = begin;
        while (end < stop && !blank(line[end])) {
            ++end;
        }
        rest = end;
        while (rest < stop && blank(line[rest])) {
            ++rest;
        }
    }
    [[nodiscard]] std::string_view verb() const { return line.substr(begin, end - begin); }
    [[nodiscard]] std::string_view argument() const { return line.substr(rest, stop - rest); }
};

Expected<StepCommand, NotationError> with_edits(const Words& words, std::size_t from,
                                                StepSide side) {
    if (side == StepSide::arriving) {
        return refuse(words.begin, "an arrival can be accepted or ignored, not edited");
    }
    auto edits = read_step_edits(words.line.substr(0, words.stop), from);
    if (!edits) {
        return Refusal{edits.error()};
    }
    return StepCommand{.verb = StepVerb::edit, .edits = *std::move(edits)};
}

Expected<StepCommand, NotationError> with_delay(const Words& words) {
    if (words.argument().empty()) {
        return refuse(words.stop, "for how long? as in: w 200ms");
    }
    const auto delay = read_duration(words.argument());
    if (!delay) {
        return refuse(words.rest, delay.error().message());
    }
    return StepCommand{.verb = StepVerb::wait, .delay = *delay};
}

Expected<StepCommand, NotationError> with_count(const Words& words) {
    if (words.argument().empty()) {
        return StepCommand{.verb = StepVerb::run};
    }
    const auto count = read_number(words.argument());
    if (!count || *count == 0) {
        return refuse(words.rest,
                      fmt::format("'{}' is no number of segments, from 1", words.argument()));
    }
    return StepCommand{.verb = StepVerb::run, .count = static_cast<std::size_t>(*count)};
}

Expected<StepCommand, NotationError> with_file(const Words& words) {
    if (words.argument().empty()) {
        return refuse(words.stop, "into which file? as in: save story.pkt");
    }
    return StepCommand{.verb = StepVerb::save, .file = std::string{words.argument()}};
}

Expected<StepCommand, NotationError> alone(StepVerb verb, const Words& words) {
    if (!words.argument().empty()) {
        return refuse(words.rest, fmt::format("nothing may follow '{}'", words.verb()));
    }
    return StepCommand{.verb = verb};
}

Refusal unknown(const Words& words, StepSide side) {
    return refuse(words.begin,
                  fmt::format("'{}' is no command; {}, or ? for all of them", words.verb(),
                              side == StepSide::leaving ? "s sends, d drops, e seq+1 edits"
                                                        : "a accepts it, i ignores it"));
}

}  // namespace

Expected<StepCommand, NotationError> read_step_command(std::string_view line, StepSide side) {
    const Words words{line};
    if (words.verb().empty()) {
        return StepCommand{.verb = side == StepSide::leaving ? StepVerb::send : StepVerb::accept};
    }
    if (begins_step_edit(words.verb())) {
        return with_edits(words, words.begin, side);
    }
    const VerbName* verb = named(words.verb());
    if (verb == nullptr) {
        return unknown(words, side);
    }
    if (verb->verb == StepVerb::edit) {
        return with_edits(words, words.rest, side);
    }
    if (!fits(verb->takes, side)) {
        return refuse(words.begin, side == StepSide::arriving
                                       ? "this one has arrived: a accepts it, i ignores it"
                                       : "this one is ours: s sends it, d drops it");
    }
    switch (verb->verb) {
        case StepVerb::wait:
            return with_delay(words);
        case StepVerb::run:
            return with_count(words);
        case StepVerb::save:
            return with_file(words);
        default:
            return alone(verb->verb, words);
    }
}

std::vector<std::string> step_completions(std::string_view line, StepSide side) {
    static constexpr std::array<std::string_view, 14> edits{
        "seq+",   "seq=", "ack+",     "ack=",  "isn=", "flags=",    "flags+",
        "flags-", "win=", "options=", "data=", "ttl=", "checksum=", "badsum"};
    const std::size_t last = line.find_last_of(" \t");
    const std::string_view word = last == std::string_view::npos ? line : line.substr(last + 1);
    const Words words{line};
    const bool first = words.begin >= line.size() - word.size();
    std::vector<std::string> found;
    for (const VerbName& verb : verbs) {
        if (first && fits(verb.takes, side) && verb.names[0].starts_with(word)) {
            found.emplace_back(verb.names[0]);
        }
    }
    const VerbName* verb = named(words.verb());
    const bool editing =
        begins_step_edit(words.verb()) || (verb != nullptr && verb->verb == StepVerb::edit);
    for (const std::string_view edit : edits) {
        if (side == StepSide::leaving && edit.starts_with(word) &&
            (first ? !word.empty() : editing)) {
            found.emplace_back(edit);
        }
    }
    return found;
}

std::vector<std::string> step_help(StepSide side) {
    std::vector<std::string> lines;
    for (const VerbName& verb : verbs) {
        if (fits(verb.takes, side)) {
            lines.push_back(
                fmt::format("  {:<2} {:<7} {}", verb.names[1], verb.names[0], verb.help));
        }
    }
    if (side == StepSide::leaving) {
        for (const char* line :
             {"fields:", "  seq=5 ack=5 (as shown)  seq=!5 (absolute)  seq+1 seq-1  isn=5",
              "  flags=S. flags+P flags-P  win=0  urg=1  ttl=1  checksum=0x1234  badsum",
              "  options=mss 1460,nop,wscale 7  options=020405b4  data=text\\r\\n  data=@FILE",
              "ISN, window, options of a SYN and data are chosen as an honest TCP could have: TCB",
              "and wire agree. All else, and FIELD!=VALUE, is laid over the segment only."}) {
            lines.emplace_back(line);
        }
    }
    return lines;
}

}  // namespace tcpcraft::cli
