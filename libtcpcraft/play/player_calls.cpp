#include <utility>

#include <fmt/format.h>

#include <libtcpcraft/play/player_state.hpp>

namespace tcpcraft {

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
    if (calling) {
        return wait_for_the_call();
    }
    return application == nullptr ? ask_somebody() : command(blocking);
}

// One at a time: the one that blocks has to return first.
ScriptPlayer::State::Progress ScriptPlayer::State::wait_for_the_call() {
    if (alarm.now() < gives_up()) {
        return wait_until(gives_up());
    }
    fail_blocked();
    return Progress::waits;
}

ScriptPlayer::State::Progress ScriptPlayer::State::ask_somebody() {
    const bool call = std::holds_alternative<ScriptCall>(event().what);
    note((call ? "the peer's application must now: " : "not run: ") + script_text(event()));
    untimed = true;
    done_at(alarm.now());
    return Progress::done;
}

ScriptPlayer::State::Progress ScriptPlayer::State::command(bool blocking) {
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
    const std::size_t next = std::exchange(at, event_number);
    if (!outcome.as_expected) {
        fail(PlayEnding::deviated, outcome.got, "the call gave something else");
    } else if (!calling_blocks) {
        at = next;
        done_at(calling_since);
    } else if (returned_in_time(call.time, alarm.now() - calling_since)) {
        at = next;
    }
    step();
}

bool ScriptPlayer::State::returned_in_time(const ScriptTime& time, Duration took) {
    const Duration expected = *time.returns - time.from;
    const Duration off = took > expected ? took - expected : expected - took;
    if (off <= tolerance(expected)) {
        return true;
    }
    fail(PlayEnding::deviated, fmt::format("it returned after {:.6f} s", seconds(took)),
         fmt::format("the call returned after {:.6f} s, not {:.6f} s (tolerance {:.6f})",
                     seconds(took), seconds(expected), seconds(tolerance(expected))));
    return false;
}

// Told of the call's own line, however far the script has come since.
void ScriptPlayer::State::fail_blocked() {
    at = calling.value_or(at);
    fail(PlayEnding::deviated, "it still blocks", "the call does not return");
}

}  // namespace tcpcraft
