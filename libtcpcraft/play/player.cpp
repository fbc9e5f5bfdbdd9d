#include <algorithm>

#include <libtcpcraft/play/player_state.hpp>

namespace tcpcraft {

ScriptPlayer::State::State(Link& to, Alarm& clock, TraceSink& sink, Application* commanded,
                           const Script& what, const PlayOptions& how)
    : link{to},
      alarm{clock},
      trace{sink},
      application{commanded},
      script{what},
      options{how},
      server{what.first_segment() != nullptr &&
             what.first_segment()->direction == ScriptDirection::outbound},
      numbers{how.iss},
      tested{server ? tcpcraft::State::closed : tcpcraft::State::listen},
      us{server ? tcpcraft::State::listen : tcpcraft::State::closed} {
    link.on_arrivals([this](std::span<const Arrival> arrivals) { take(arrivals); });
    link.on_sent([](const Sent&) {});
    link.on_icmp([this](const IcmpError& error) { take_icmp(error); });
    link.on_fault([this](const FaultReport& report) { take_fault(report); });
}

ScriptPlayer::State::~State() {
    *alive = false;
    alarm.cancel(wake);
    link.on_arrivals([](std::span<const Arrival>) {});
    link.on_icmp([](const IcmpError&) {});
    link.on_fault([](const FaultReport&) {});
}

void ScriptPlayer::State::step() {
    if (!started || stepping) {
        return;
    }
    stepping = true;
    Progress progress = Progress::done;
    while (!finished && progress == Progress::done) {
        if (at < script.events.size()) {
            progress = std::visit([this](const auto& line) { return play(line); }, event().what);
        } else if (calling) {
            progress = wait_for_the_call();
        } else {
            finish(PlayEnding::passed, {});
        }
    }
    stepping = false;
}

ScriptPlayer::State::Progress ScriptPlayer::State::wait_until(Instant when) {
    alarm.cancel(wake);
    wake = alarm.call_at(when, [this, still = alive] {
        if (*still) {
            wake = AlarmId::none;
            step();
        }
    });
    return Progress::waits;
}

void ScriptPlayer::State::done_at(Instant when) {
    base = std::max(base, when);
    rest.reset();
    compared = 0;
    ++at;
}

ScriptPlayer::State::Progress ScriptPlayer::State::play(const ScriptSegment& line) {
    if (line.direction == ScriptDirection::inbound) {
        return send(line);
    }
    if (line.maybe) {
        return expect_maybe(line);
    }
    return line.unwanted ? expect_nothing(line) : expect(line);
}

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
    state_->started = true;
    state_->step();
}

void ScriptPlayer::stop(PlayEnding why, std::string sentence) {
    state_->fail(why, "", std::move(sentence));
}

bool ScriptPlayer::finished() const noexcept { return state_->finished; }
const PlayResult& ScriptPlayer::result() const noexcept { return state_->result; }
std::optional<Duration> ScriptPlayer::rtt() const noexcept { return state_->rtt; }

}  // namespace tcpcraft
