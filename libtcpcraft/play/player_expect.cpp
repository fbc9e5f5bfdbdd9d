#include <algorithm>

#include <fmt/format.h>

#include <libtcpcraft/play/player_state.hpp>

namespace tcpcraft {

using play::Arrived;

ScriptPlayer::State::Progress ScriptPlayer::State::expect(const ScriptSegment& line) {
    if (!waiting.empty()) {
        return examine(rest ? *rest : line);
    }
    if (alarm.now() >= gives_up()) {
        fail(PlayEnding::no_answer, "nothing",
             fmt::format("nothing came in {:.3f} s", seconds(alarm.now() - base)));
        return Progress::waits;
    }
    return wait_until(gives_up());
}

// The next segment, when it is this one; another is left for the next line.
ScriptPlayer::State::Progress ScriptPlayer::State::expect_maybe(const ScriptSegment& line) {
    const Duration last = event().time.until.value_or(event().time.from);
    const Instant end = counted_from(event().time) + last + tolerance(last);
    if (waiting.empty() && alarm.now() < end) {
        return wait_until(end);
    }
    if (!waiting.empty() && waiting.front().at <= end &&
        compare(line, waiting.front().datagram, numbers, strictness()).empty()) {
        came_true(line, waiting.front());
        waiting.pop_front();
        return Progress::done;
    }
    compared = 0;
    ++at;
    return Progress::done;
}

ScriptPlayer::State::Progress ScriptPlayer::State::expect_nothing(const ScriptSegment& line) {
    const Duration last = event().time.until.value_or(event().time.from);
    const Instant end = counted_from(event().time) + (last > Duration{} ? last : tolerance(last));
    for (; compared < waiting.size(); ++compared) {
        const Arrived& arrived = waiting[compared];
        if (arrived.at <= end && compare(line, arrived.datagram, numbers, strictness()).empty()) {
            fail(PlayEnding::deviated, notation(arrived.datagram, numbers),
                 "this came although it must not");
            return Progress::waits;
        }
    }
    if (alarm.now() < end) {
        return wait_until(end);
    }
    done_at(end);
    return Progress::done;
}

ScriptPlayer::State::Progress ScriptPlayer::State::examine(const ScriptSegment& expected) {
    ScriptSegment line = expected;
    const Arrived& front = waiting.front();
    numbers.learn(line, front.datagram.segment);
    if (take_part(line, front)) {
        rest = line;
        waiting.pop_front();
        return Progress::done;
    }
    if (take_front(line)) {
        return Progress::done;
    }
    auto differences = compare(line, front.datagram, numbers, strictness());
    if (!differences.empty() && options.ignore_retransmissions && repeats(front.datagram.segment)) {
        note("a repetition of what had come already, not considered");
        waiting.pop_front();
        return Progress::done;
    }
    if (const auto late = time_difference(front.at); !late.empty()) {
        differences.insert(differences.end(), late.begin(), late.end());
    }
    if (!differences.empty()) {
        deviates(differences, front);
        return Progress::waits;
    }
    came_true(line, front);
    waiting.pop_front();
    return Progress::done;
}

void ScriptPlayer::State::came_true(const ScriptSegment& line, const Arrived& arrived) {
    if (last_sent && syn_sent && !rtt && arrived.at >= *last_sent) {
        rtt = arrived.at - *last_sent;
    }
    syn_sent = false;
    numbers.matched(line, arrived.datagram.segment);
    already_matched.push_back(arrived.datagram.segment);
    already_matched.back().payload = {};
    ++result.matched;
    untimed = false;
    done_at(arrived.at);
}

// Several segments may add up to one line: all but the last are compared without PSH and FIN.
bool ScriptPlayer::State::take_part(ScriptSegment& line, const Arrived& arrived) {
    const Segment& got = arrived.datagram.segment;
    const auto size = static_cast<std::uint32_t>(got.payload.size());
    if (script.options.strict_segments || !line.length || size == 0 || size >= *line.length ||
        !line.flags || got.has(Flag::fin)) {
        return false;
    }
    ScriptSegment part = line;
    part.length = size;
    part.flags = line.flags->without(Flag::psh).without(Flag::fin);
    if (part.payload) {
        part.payload = line.payload->substr(0, size);
    }
    Datagram seen = arrived.datagram;
    seen.segment.flags = got.flags.without(Flag::psh);
    if (!compare(part, seen, numbers, strictness()).empty() ||
        !time_difference(arrived.at).empty()) {
        return false;
    }
    *line.length -= size;
    if (line.seq) {
        line.seq->value += size;
    }
    if (line.payload) {
        line.payload->erase(0, size);
    }
    return true;
}

// And one captured segment (offload joins what came in several) may be several lines.
bool ScriptPlayer::State::take_front(const ScriptSegment& line) {
    Arrived& front = waiting.front();
    Segment& got = front.datagram.segment;
    const std::uint32_t wanted = line.length.value_or(0);
    if (script.options.strict_segments || wanted == 0 || wanted >= got.payload.size() ||
        !line.flags || line.flags->has(Flag::fin)) {
        return false;
    }
    Datagram head = front.datagram;
    head.segment.payload = got.payload.first(wanted);
    head.segment.flags = got.flags.without(Flag::fin).without(Flag::psh);
    if (line.flags->has(Flag::psh)) {
        head.segment.flags = head.segment.flags.with(Flag::psh);
    }
    if (!compare(line, head, numbers, strictness()).empty() || !time_difference(front.at).empty()) {
        return false;
    }
    came_true(line, front);
    got.seq = got.seq + wanted;
    got.payload = got.payload.subspan(wanted);
    return true;
}

bool ScriptPlayer::State::repeats(const Segment& segment) const {
    return std::ranges::any_of(already_matched, [&](const Segment& old) {
        return old.seq == segment.seq && old.flags == segment.flags;
    });
}

}  // namespace tcpcraft
