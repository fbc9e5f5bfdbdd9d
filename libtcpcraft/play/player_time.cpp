#include <fmt/format.h>

#include <libtcpcraft/play/player_state.hpp>

namespace tcpcraft {

namespace {

constexpr Duration usual_tolerance{4000};
constexpr double usual_percent = 12.5;
constexpr std::size_t patience_with_a_call = 3;

std::string time_text(Duration time) { return fmt::format("+{:.6f}", seconds(time)); }

}  // namespace

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

}  // namespace tcpcraft
