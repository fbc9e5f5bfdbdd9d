#include <algorithm>
#include <charconv>

#include <fmt/core.h>
#include <tests/engine/cells/player.hpp>

#include <libtcpcraft/wire/text.hpp>

namespace tcpcraft::cells {
namespace {

using namespace std::chrono_literals;

constexpr std::array<Timer, timer_count> timers{
    Timer::retransmission, Timer::zero_window, Timer::keep_alive,  Timer::time_wait,
    Timer::fin_wait_2,     Timer::user,        Timer::delayed_ack,
};

std::optional<Timer> timer_named(std::string_view name) {
    const auto* found = std::find_if(timers.begin(), timers.end(),
                                     [&](Timer timer) { return text(timer) == name; });
    return found != timers.end() ? std::optional{*found} : std::nullopt;
}

std::optional<Place> place_named(std::string_view name) {
    for (std::size_t i = 0; i < place_count; ++i) {
        if (title(static_cast<Place>(i)) == name) {
            return static_cast<Place>(i);
        }
    }
    return std::nullopt;
}

/// Takes `start` off; false when it is not there.
bool take(std::string_view& text, std::string_view start) {
    if (text.substr(0, start.size()) != start) {
        return false;
    }
    text.remove_prefix(start.size());
    return true;
}

std::uint32_t number(std::string_view text) {
    std::uint32_t value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

}  // namespace

Player::Player(Origins origins, const Policy& policy) : origins_{origins}, policy_{policy} {
    id_ = {Endpoint::read("192.0.2.1:40000").value(), Endpoint::read("192.0.2.2:80").value()};
    tcb_.id = id_;
}

void Player::play(Place place, const Cell& cell) {
    std::size_t first = 0;
    bool passively = false;
    for (; first < cell.lines.size(); ++first) {
        std::string_view words = cell.lines[first];
        if (take(words, "from ")) {
            place = place_named(words).value_or(place);
            continue;
        }
        if (!take(words, "with ")) {
            break;
        }
        passively = passively || words == "passive OPEN";
        choose(words);
    }
    for (const std::string_view step : way_to(place, passively)) {
        line(step);
    }
    for (; first < cell.lines.size(); ++first) {
        line(cell.lines[first]);
    }
    settle();
}

void Player::line(std::string_view words) {
    if (!expects(words) && !happens(words)) {
        fault(fmt::format("cannot read the line '{}'", words));
    }
}

bool Player::expects(std::string_view words) {
    std::string_view rest = words;
    if (take(rest, "runs ")) {
        runs(rest, true);
    } else if (take(rest, "never ")) {
        runs(rest, false);
    } else if (take(rest, "restarts ")) {
        moves(rest, true);
    } else if (take(rest, "keeps ")) {
        moves(rest, false);
    } else if (take(rest, "> ") || take(rest, "enters ") || take(rest, "delivers ") ||
               take(rest, "drops ") || take(rest, "tells ")) {
        expect_words(words);
    } else {
        return false;
    }
    return true;
}

bool Player::happens(std::string_view words) {
    std::string_view rest = words;
    if (take(rest, "< ")) {
        arrives(rest);
    } else if (take(rest, "TIMER ")) {
        fire(rest);
    } else if (take(rest, "AFTER ")) {
        now_ += std::chrono::seconds{number(rest)};
        step(TimePasses{}, words);
    } else if (take(rest, "ICMP ")) {
        icmp(rest);
    } else if (take(rest, "now with ")) {
        choose(rest);
    } else {
        return user_calls(words);
    }
    return true;
}

bool Player::user_calls(std::string_view words) {
    std::string_view rest = words;
    if (words == "OPEN active") {
        step(ActiveOpen{.id = id_, .iss = origins_.iss}, words);
    } else if (words == "OPEN passive") {
        step(PassiveOpen{.local = id_.local, .iss = origins_.iss}, words);
    } else if (take(rest, "SEND ")) {
        octets_.emplace_back(number(rest));
        step(Send{octets_.back()}, words);
    } else if (words == "CLOSE") {
        step(Close{}, words);
    } else if (words == "ABORT") {
        step(Abort{}, words);
    } else if (words == "PROBE") {
        step(ProbeKeepAlive{}, words);
    } else {
        return false;
    }
    return true;
}

void Player::arrives(std::string_view notation) {
    const auto pattern =
        read_segment(with_negative_numbers(notation), {origins_.irs, origins_.iss});
    if (!pattern) {
        return fault(fmt::format("cannot read '{}': {}", notation, pattern.error().sentence));
    }
    Segment honest;
    honest.source = id_.remote.port;
    honest.destination = id_.local.port;
    honest.wnd = 1000;
    SegmentArrives event{pattern->laid_over(honest), id_.remote.address, id_.local.address};
    octets_.push_back(pattern->payload.value_or(std::vector<std::byte>{}));
    event.segment.payload = octets_.back();
    step(event, fmt::format("< {}", notation));
}

void Player::icmp(std::string_view what) {
    std::string_view rest = what;
    const bool hard = take(rest, "hard ");
    if (!hard && !take(rest, "soft ")) {
        return fault(fmt::format("ICMP is hard or soft, not '{}'", what));
    }
    step(IcmpArrives{hard, origins_.iss + number(rest)}, fmt::format("ICMP {}", what));
}

void Player::fire(std::string_view name) {
    const auto timer = timer_named(name);
    const auto deadline = timer ? tcb_.timers.at(*timer) : std::nullopt;
    if (!deadline) {
        return fault(fmt::format("the timer {} does not run", name));
    }
    now_ = std::max(now_, *deadline);
    step(TimePasses{}, fmt::format("TIMER {}", name));
}

void Player::step(const Event& event, std::string_view told) {
    settle();
    Happened happened{.from = tcb_.state, .event = std::string{told}};
    timers_before_ = tcb_.timers;
    actions_.clear();
    tcb_ = advance(std::move(tcb_), event, now_, policy_, actions_);
    matched_.assign(actions_.size(), false);
    for (const Action& action : actions_) {
        happened.actions.push_back(in_words(action, origins_));
        happened.rules.push_back(rule_of(action));
        const bool needs_rule = !std::holds_alternative<Deliver>(action);
        if (needs_rule && citation(rule_of(action)).empty()) {
            fault(fmt::format("no rule is named for: {}", in_words(action, origins_)));
        }
    }
    happened.to = tcb_.state;
    for (const Timer timer : timers) {
        if (tcb_.timers.at(timer)) {
            happened.timers.push_back(text(timer));
        }
    }
    story_.push_back(std::move(happened));
}

void Player::choose(std::string_view name) {
    if (name == "keep-alive") {
        policy_.keep_alive = KeepAlive{};
    } else if (name == "user timeout") {
        policy_.user_timeout = 5min;
    } else if (name == "fin-wait-2 timeout") {
        policy_.fin_wait_2 = 60s;
    } else if (name == "delayed ACK") {
        policy_.delayed_ack = 200ms;
    } else if (name == "RFC 1337") {
        policy_.rfc1337 = true;
    } else if (name == "half-duplex close") {
        policy_.half_duplex_close = true;
    } else if (name == "no retransmissions") {
        policy_.retransmissions = 0;
        policy_.syn_retransmissions = 0;
    } else if (name == "one keep-alive probe") {
        policy_.keep_alive = KeepAlive{.count = 1};
    } else if (name != "passive OPEN") {
        fault(fmt::format("there is no policy '{}'", name));
    }
}

void Player::runs(std::string_view name, bool wanted) {
    const auto timer = timer_named(name);
    if (!timer) {
        return fault(fmt::format("there is no timer '{}'", name));
    }
    if (tcb_.timers.at(*timer).has_value() != wanted) {
        fault(fmt::format("the timer {} {}", name, wanted ? "does not run" : "runs"));
    }
}

/// Whether the last event has put the deadline off.
void Player::moves(std::string_view name, bool wanted) {
    const auto timer = timer_named(name);
    const auto before = timer ? timers_before_.at(*timer) : std::nullopt;
    const auto after = timer ? tcb_.timers.at(*timer) : std::nullopt;
    if (!before || !after) {
        return fault(fmt::format("the timer {} does not run on", name));
    }
    if ((*before < *after) != wanted) {
        fault(fmt::format("the timer {} {}", name, wanted ? "goes on" : "starts anew"));
    }
}

/// The next of its kind has to be the one.
void Player::expect_words(std::string_view words) {
    const std::string_view kind = words.substr(0, words.find(' '));
    for (std::size_t i = 0; i < matched_.size(); ++i) {
        const std::string seen = in_words(actions_.all()[i], origins_);
        if (matched_[i] || seen.substr(0, kind.size()) != kind) {
            continue;
        }
        matched_[i] = true;
        if (seen != words) {
            fault(fmt::format("wanted: {}, got: {}", words, seen));
        }
        return;
    }
    fault(fmt::format("wanted: {}", words));
}

/// What no line has asked for must not have happened.
void Player::settle() {
    for (std::size_t i = 0; i < matched_.size(); ++i) {
        if (!matched_[i]) {
            fault(fmt::format("not asked for: {} [{}]", in_words(actions_.all()[i], origins_),
                              name(rule_of(actions_.all()[i]))));
        }
    }
    matched_.clear();
}

void Player::fault(std::string what) {
    const std::string event = story_.empty() ? "at the beginning" : story_.back().event;
    faults_.push_back(fmt::format("{}: {}", event, what));
}

std::string Player::told() const {
    std::string all;
    for (const Happened& happened : story_) {
        all += fmt::format("  {}\n", happened.event);
        for (std::size_t i = 0; i < happened.actions.size(); ++i) {
            all += fmt::format("      {}  [{}]\n", happened.actions[i], name(happened.rules[i]));
        }
    }
    return all;
}

}  // namespace tcpcraft::cells
