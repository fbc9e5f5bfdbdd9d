#include <array>
#include <utility>

#include <fmt/format.h>

#include <libtcpcraft/sim/scenario_end.hpp>

// How an end of a scenario writes down what it sees.

namespace tcpcraft {

namespace {

constexpr std::array all_timers{Timer::retransmission, Timer::zero_window, Timer::keep_alive,
                                Timer::time_wait,      Timer::fin_wait_2,  Timer::user,
                                Timer::delayed_ack};

/// What the machine made of an arrival, where the arrow and the state behind it do not tell.
struct Remark {
    std::string note{};
    Rule rule{};
};

void add(Remark& remark, std::string_view what) {
    if (remark.note.find(what) != std::string::npos) {
        return;
    }
    remark.note += (remark.note.empty() ? "" : "; ") + std::string{what};
}

void take(Remark& remark, const Action& action, State state, std::size_t& passed) {
    if (const auto* discarded = std::get_if<Discarded>(&action)) {
        const bool mute = discarded->rule == Rule::mute_when_closed;
        add(remark, mute ? "mute on purpose, so no RST" : text(discarded->why));
        remark.rule = discarded->rule;
    } else if (const auto* entered = std::get_if<Entered>(&action)) {
        if (passed++ > 0) {
            add(remark, fmt::format("by way of {}", text(entered->from)));
        }
        remark.rule = entered->rule;
    } else if (const auto* out = std::get_if<Transmit>(&action)) {
        remark.rule = remark.rule == Rule::none ? out->rule : remark.rule;
        if (out->rule == Rule::fin_repeated) {
            add(remark, "answered again; in TIME-WAIT 2 MSL start anew");
        }
    } else if (const auto* told = std::get_if<Notified>(&action);
               told && told->notice != Notice::connection_established) {
        add(remark, "the user is told: " + said_to_user(told->notice, state));
    }
}

Remark remark_of(const Actions& actions, State state) {
    Remark remark;
    std::size_t passed = 0;
    for (const Action& action : actions) {
        take(remark, action, state, passed);
    }
    return remark;
}

}  // namespace

// The RFC acknowledges CLOSE ("ok") when our FIN is acknowledged (§3.10.7.4, fifth); the connection
// itself lives on. At a FIN it signals "connection closing".
std::string said_to_user(Notice notice, State state) {
    if (notice == Notice::connection_closed && state != State::closed) {
        return "CLOSE is done, our FIN is acknowledged";
    }
    if (notice == Notice::connection_closing) {
        return "the peer is closing";
    }
    return std::string{text(notice)};
}

std::string seconds_text(Duration duration) { return fmt::format("{:.6g} s", seconds(duration)); }

std::string spelled_flags(Flags flags) {
    static constexpr std::array<std::pair<Flag, const char*>, 5> names{{{Flag::syn, "SYN"},
                                                                        {Flag::fin, "FIN"},
                                                                        {Flag::rst, "RST"},
                                                                        {Flag::psh, "PSH"},
                                                                        {Flag::ack, "ACK"}}};
    std::string out;
    for (const auto& [flag, name] : names) {
        if (flags.has(flag)) {
            out += (out.empty() ? "" : ",") + std::string{name};
        }
    }
    return out;
}

void SimEnd::write(decltype(Record::what) what) {
    seen_.keep(Record{.at = network_.now(), .id = setup_.id, .what = std::move(what)});
}

void SimEnd::note(std::string text, Note::Kind kind) { write(Note{std::move(text), kind}); }

void SimEnd::record_arrival(const Datagram& heard, std::span<const std::byte> octets) {
    learn_isn(Direction::in, heard.segment);
    const Remark remark = remark_of(actions_, tcb_.state);
    write(SegmentSeen{.direction = Direction::in,
                      .datagram = heard,
                      .octets = octets,
                      .origin = {peer_isn_, our_isn_},
                      .state = tcb_.state,
                      .peer_state = other_->state(),
                      .at = network_.now(),
                      .note = remark.note,
                      .rule = remark.rule});
}

void SimEnd::record_timers(const Timers& before, bool fired) {
    const Instant now = network_.now();
    for (const Timer timer : all_timers) {
        const auto was = before.at(timer);
        const auto is = tcb_.timers.at(timer);
        if (fired && was && *was <= now) {
            write(TimerChanged{timer, TimerChange::fired, *was});
        } else if (!fired && is && is != was) {
            write(TimerChanged{timer, TimerChange::set, *is});
        } else if (!fired && was && !is && *was > now) {
            write(TimerChanged{timer, TimerChange::cleared, *was});
        }
    }
}

}  // namespace tcpcraft
