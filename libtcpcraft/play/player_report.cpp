#include <fmt/format.h>

#include <libtcpcraft/play/player_state.hpp>

namespace tcpcraft {

void ScriptPlayer::State::record(Direction direction, const Datagram& datagram,
                                 std::span<const std::byte> octets, Instant at_time,
                                 const std::string& text) {
    const bool out = direction == Direction::out;
    const tcpcraft::State us_before = us.state();
    const tcpcraft::State tested_before = tested.state();
    if (datagram.checksum != Checksum::bad) {
        out ? us.arrived(datagram.segment) : us.sent(datagram.segment);
        out ? tested.sent(datagram.segment) : tested.arrived(datagram.segment);
    }
    const auto write = [&](auto what) {
        trace.write(Record{at_time, options.number, options.id, std::move(what)});
    };
    const std::size_t line = at < script.events.size() ? event().at.line : 0;
    write(SegmentSeen{.number = segments++,
                      .direction = direction,
                      .datagram = datagram,
                      .octets = octets,
                      .origin = out ? numbers.outgoing() : numbers.incoming(),
                      .state = us.state(),
                      .peer_state = tested.state(),
                      .at = at_time,
                      .step = line == 0 ? "" : fmt::format("line {}", line),
                      .note = text});
    const std::string cause = flags_text(datagram.segment.flags) + (out ? " sent" : " arrived");
    if (us.state() != us_before) {
        write(StateChanged{Who::us, us_before, us.state(), cause, Rule::none});
    }
    if (tested.state() != tested_before) {
        write(StateChanged{Who::peer, tested_before, tested.state(), cause, Rule::none});
    }
}

void ScriptPlayer::State::note(std::string text, Note::Kind kind) {
    trace.write(Record{alarm.now(), options.number, options.id, Note{std::move(text), kind}});
}

void ScriptPlayer::State::deviates(const std::vector<FieldDifference>& differences,
                                   const play::Arrived& arrived) {
    result.differences = differences;
    std::string fields;
    for (const FieldDifference& one : differences) {
        fields += fmt::format("{}{}: expected {}, got {}", fields.empty() ? "" : "; ", one.field,
                              one.expected, one.got);
    }
    fail(PlayEnding::deviated, notation(arrived.datagram, numbers), fields);
}

void ScriptPlayer::State::fail(PlayEnding why, std::string got, std::string sentence) {
    if (finished) {
        return;
    }
    if (at < script.events.size()) {
        result.failed_line = event().at.line;
        result.expected = script_text(event());
    }
    result.got = std::move(got);
    finish(why, std::move(sentence));
}

void ScriptPlayer::State::finish(PlayEnding why, std::string sentence) {
    finished = true;
    alarm.cancel(wake);
    wake = AlarmId::none;
    result.ending = why;
    result.sentence = std::move(sentence);
    if (!waiting.empty() && why == PlayEnding::passed) {
        note(fmt::format("{} came beyond what the script expects",
                         notation(waiting.front().datagram, numbers)));
    }
    if (options.clean_up && why != PlayEnding::environment) {
        clean_up();
    }
}

}  // namespace tcpcraft
