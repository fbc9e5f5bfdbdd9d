#include <algorithm>

#include <fmt/format.h>

#include <libtcpcraft/play/player_state.hpp>

namespace tcpcraft {

namespace {

constexpr Duration usual_tolerance{4000};
constexpr double usual_percent = 12.5;
constexpr std::size_t patience_with_a_call = 3;

std::string time_text(Duration time) { return fmt::format("+{:.6f}", seconds(time)); }

}  // namespace

// --- time --------------------------------------------------------------------------------------

Instant ScriptPlayer::State::counted_from(const ScriptTime& time) const noexcept {
    return time.base == ScriptTime::Base::start ? begun : base;
}

Instant ScriptPlayer::State::due() const noexcept {
    return counted_from(event().time) + event().time.from;
}

Duration ScriptPlayer::State::tolerance(Duration gap) const noexcept {
    const Duration own =
        options.tolerance.value_or(script.options.tolerance.value_or(usual_tolerance));
    const double share = script.options.tolerance_percent.value_or(usual_percent) / 100.0;
    const double round_trips = 2.0 * static_cast<double>(rtt.value_or(Duration{}).count());
    const double sum =
        static_cast<double>(own.count()) + share * static_cast<double>(gap.count()) + round_trips;
    return Duration{static_cast<Duration::rep>(options.slow * sum)};
}

play::Strictness ScriptPlayer::State::strictness() const noexcept {
    return {options.values, script.options.timestamp_tick, tolerance({})};
}

// Before a round trip is known, and where a person has to act, only the timeout counts.
std::vector<FieldDifference> ScriptPlayer::State::time_difference(Instant came) const {
    const ScriptTime& time = event().time;
    const bool first_answer = syn_sent && !rtt && application == nullptr;
    const bool first_of_all = result.matched == 0 && result.sent == 0 && application == nullptr;
    if (time.base == ScriptTime::Base::any || untimed || first_answer || first_of_all) {
        return {};
    }
    const Instant from = due();
    const Instant until = counted_from(time) + time.until.value_or(time.from);
    const Duration allowed = tolerance(until - counted_from(time));
    if (from - allowed <= came && came <= until + allowed) {
        return {};
    }
    const Instant zero = counted_from(time);
    const std::string range = time.until ? time_text(from - zero) + "~" + time_text(until - zero)
                                         : time_text(from - zero);
    return {{"time", fmt::format("{} (tolerance {:.6f})", range, seconds(allowed)),
             came < zero ? fmt::format("-{:.6f}", seconds(zero - came)) : time_text(came - zero)}};
}

Instant ScriptPlayer::State::gives_up() const {
    if (at >= script.events.size()) {
        return base + patience_with_a_call * options.timeout;
    }
    const ScriptTime& time = event().time;
    const Duration last = time.until.value_or(time.from);
    return counted_from(time) + last + options.timeout;
}

// --- the tested host's application -------------------------------------------------------------

ScriptPlayer::State::Progress ScriptPlayer::State::play(const ScriptCall& /*line*/) {
    return perform(event().time.returns.has_value());
}
ScriptPlayer::State::Progress ScriptPlayer::State::play(const ScriptShell& /*line*/) {
    return perform(false);
}
ScriptPlayer::State::Progress ScriptPlayer::State::play(const ScriptCode& /*line*/) {
    return perform(false);
}

ScriptPlayer::State::Progress ScriptPlayer::State::perform(bool blocking) {
    if (alarm.now() < due()) {
        return wait_until(due());
    }
    if (calling) {  // one at a time: the one that blocks has to return first
        if (alarm.now() >= gives_up()) {
            fail(PlayEnding::deviated, "it still blocks", late_call());
            return Progress::waits;
        }
        return wait_until(gives_up());
    }
    if (application == nullptr) {
        if (std::holds_alternative<ScriptCall>(event().what)) {
            note("the peer's application must now: " + script_text(event()));
        } else {
            note("not run: " + script_text(event()));
        }
        untimed = true;
        done_at(alarm.now());
        return Progress::done;
    }
    calling = at;
    calling_blocks = blocking;
    calling_since = alarm.now();
    application->perform(event(), [this, event = at, still = alive](const CallOutcome& outcome) {
        if (*still) {
            performed(event, outcome);
        }
    });
    if (blocking) {
        done_at(calling_since);
        return Progress::done;
    }
    return calling ? wait_until(gives_up()) : Progress::done;
}

void ScriptPlayer::State::performed(std::size_t event_number, const CallOutcome& outcome) {
    calling.reset();
    if (finished) {
        return;
    }
    const ScriptEvent& call = script.events[event_number];
    if (!outcome.note.empty()) {
        note(outcome.note);
    }
    if (std::holds_alternative<ScriptCall>(call.what)) {
        note(fmt::format("{}{}", script_text(call),
                         outcome.as_expected ? "" : ", but it gave " + outcome.got));
    }
    if (!outcome.as_expected) {
        at = event_number;
        fail(PlayEnding::deviated, outcome.got, "the call gave something else");
        return;
    }
    if (calling_blocks) {
        const Duration took = alarm.now() - calling_since;
        const Duration expected = *call.time.returns - call.time.from;
        const Duration off = took > expected ? took - expected : expected - took;
        if (off > tolerance(expected)) {
            at = event_number;
            fail(PlayEnding::deviated, fmt::format("it returned after {:.6f} s", seconds(took)),
                 fmt::format("the call returned after {:.6f} s, not {:.6f} s (tolerance {:.6f})",
                             seconds(took), seconds(expected), seconds(tolerance(expected))));
            return;
        }
    } else {
        done_at(calling_since);
    }
    step();
}

std::string ScriptPlayer::State::late_call() const {
    return fmt::format("the call in line {} does not return",
                       calling ? script.events[*calling].at.line : 0);
}

// --- what is told ------------------------------------------------------------------------------

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

// The number that a RST must bear is what the peer expects next (RFC 9293 §3.10.7.4).
void ScriptPlayer::State::clean_up() {
    const auto state = tested.state();
    if (options.id.remote.port.value == 0 || state == tcpcraft::State::closed ||
        state == tcpcraft::State::listen || state == tcpcraft::State::time_wait) {
        return;
    }
    Datagram datagram;
    datagram.ip = options.ip;
    datagram.ip.source = options.id.local.address;
    datagram.ip.destination = options.id.remote.address;
    datagram.segment.source = options.id.local.port;
    datagram.segment.destination = options.id.remote.port;
    datagram.segment.seq = numbers.wanted_by_peer();
    datagram.segment.ack = numbers.rcv_nxt();
    datagram.segment.flags = {Flag::rst, Flag::ack};
    note("the script is over: the connection is reset");
    static_cast<void>(transmit(datagram));
}

// --- the outside -------------------------------------------------------------------------------

ScriptPlayer::ScriptPlayer(Link& link, Alarm& alarm, TraceSink& trace, Application* application,
                           const Script& script, const PlayOptions& options)
    : state_{std::make_unique<State>(link, alarm, trace, application, script, options)} {}
ScriptPlayer::~ScriptPlayer() = default;

void ScriptPlayer::on_peer(std::function<void(const ConnectionId&)> handler) {
    state_->on_peer = std::move(handler);
}

void ScriptPlayer::start() {
    state_->begun = state_->alarm.now();
    state_->base = state_->begun;
    state_->step();
}

void ScriptPlayer::stop(PlayEnding why, std::string sentence) {
    state_->fail(why, "", std::move(sentence));
}

bool ScriptPlayer::finished() const noexcept { return state_->finished; }
const PlayResult& ScriptPlayer::result() const noexcept { return state_->result; }
std::optional<Duration> ScriptPlayer::rtt() const noexcept { return state_->rtt; }

}  // namespace tcpcraft
