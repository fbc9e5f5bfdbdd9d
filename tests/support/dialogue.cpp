#include <algorithm>
#include <cstring>
#include <iterator>

#include <fmt/core.h>
#include <tests/support/dialogue.hpp>

#include <libtcpcraft/wire/text.hpp>

namespace tcpcraft::test {
namespace {

constexpr std::string_view local_text = "192.0.2.1:40000";
constexpr std::string_view remote_text = "192.0.2.2:80";

std::vector<std::byte> octets_of(std::string_view text) {
    std::vector<std::byte> octets(text.size());
    std::transform(text.begin(), text.end(), octets.begin(),
                   [](char c) { return static_cast<std::byte>(c); });
    return octets;
}

std::string text_of(std::span<const std::byte> octets) {
    std::string text;
    for (const std::byte octet : octets) {
        const char c = static_cast<char>(octet);
        text += c >= ' ' && c <= '~' ? std::string(1, c) : fmt::format("\\{}", int(octet));
    }
    return text;
}

/// What must match: options only when the text speaks of them.
SegmentPattern wanted(std::string_view notation, SegmentPattern pattern) {
    if (notation.find('<') == std::string_view::npos) {
        pattern.options.reset();
    }
    if (pattern.payload) {
        pattern.payload_size = static_cast<std::uint32_t>(pattern.payload->size());
        pattern.payload.reset();
    }
    return pattern;
}

}  // namespace

Dialogue::Dialogue() {
    id.local = Endpoint::read(local_text).value();
    id.remote = Endpoint::read(remote_text).value();
    tcb.id = id;
}

void Dialogue::TearDown() { settle(); }

void Dialogue::step(const Event& event, std::string told) {
    settle();
    tell(std::move(told));
    actions.clear();
    tcb = advance(std::move(tcb), event, now, policy, actions);
    asked_.assign(actions.size(), false);
    for (const Action& action : actions) {
        tell("    " + in_words(action));
    }
}

void Dialogue::arrives(std::string_view notation) {
    const auto pattern = read_segment(notation, {GetParam().irs, GetParam().iss});
    if (!pattern) {
        return fail(fmt::format("cannot read '{}': {}", notation, pattern.error().sentence));
    }
    Segment honest;
    honest.source = id.remote.port;
    honest.destination = id.local.port;
    honest.wnd = 65535;
    SegmentArrives event{pattern->laid_over(honest), id.remote.address, id.local.address};
    octets_.push_back(pattern->payload.value_or(std::vector<std::byte>{}));
    event.segment.payload = octets_.back();
    step(event, fmt::format("arrives {}", notation));
}

void Dialogue::call(const Event& event) { step(event, std::string{text(event)}); }

void Dialogue::active_open() { call(ActiveOpen{.id = id, .iss = GetParam().iss}); }

void Dialogue::passive_open() { call(PassiveOpen{.local = id.local, .iss = GetParam().iss}); }

void Dialogue::send(std::string_view octets) {
    const auto data = octets_of(octets);
    step(Send{data}, fmt::format("SEND '{}'", octets));
}

void Dialogue::after(Duration passed) {
    now += passed;
    step(TimePasses{}, fmt::format("{} s later", seconds(passed)));
}

void Dialogue::wait_for_timer() {
    if (next_deadline(tcb) == never) {
        return fail("no timer runs");
    }
    after(next_deadline(tcb) - now);
}

template <typename T>
const T* Dialogue::next() {
    for (std::size_t i = 0; i < actions.size(); ++i) {
        if (const T* found = std::get_if<T>(&actions.all()[i]); found != nullptr && !asked_[i]) {
            asked_[i] = true;
            return found;
        }
    }
    return nullptr;
}

void Dialogue::sends(std::string_view notation) {
    const auto pattern = read_segment(notation, {GetParam().iss, GetParam().irs});
    if (!pattern) {
        return fail(fmt::format("cannot read '{}': {}", notation, pattern.error().sentence));
    }
    const auto* sent = next<Transmit>();
    if (sent == nullptr) {
        return fail(fmt::format("wanted {}, nothing was sent", notation));
    }
    const auto difference = wanted(notation, *pattern).difference(sent->segment);
    if (!difference.empty()) {
        fail(fmt::format("wanted {}: {}", notation, difference));
    }
}

void Dialogue::enters(State state) {
    const auto* entered = next<Entered>();
    if (entered == nullptr || entered->to != state) {
        fail(fmt::format("wanted to enter {}, is in {}", text(state), text(tcb.state)));
    } else if (citation(entered->rule).empty()) {
        fail("the transition names no rule");
    }
}

void Dialogue::stays() { settle(); }

void Dialogue::says_nothing() {
    if (next<Transmit>() != nullptr) {
        fail("wanted silence");
    }
}

void Dialogue::delivers(std::string_view octets) {
    const auto* delivered = next<Deliver>();
    if (delivered == nullptr) {
        return fail(fmt::format("wanted '{}' delivered", octets));
    }
    if (text_of(delivered->data) != octets) {
        fail(fmt::format("wanted '{}' delivered, got '{}'", octets, text_of(delivered->data)));
    }
}

void Dialogue::delivers(std::size_t zeros) {
    const auto* delivered = next<Deliver>();
    if (delivered == nullptr || delivered->data.size() != zeros) {
        fail(fmt::format("wanted {} octets delivered", zeros));
    }
}

void Dialogue::discards(DiscardReason why) {
    const auto* discarded = next<Discarded>();
    if (discarded == nullptr || discarded->why != why) {
        fail(fmt::format("wanted a discard: {}", text(why)));
    }
}

void Dialogue::discards(DiscardReason why, Rule rule) {
    const auto* discarded = next<Discarded>();
    if (discarded == nullptr || discarded->why != why || discarded->rule != rule) {
        fail(fmt::format("wanted a discard: {} ({})", text(why), name(rule)));
    }
}

void Dialogue::notifies(Notice notice) {
    const auto* notified = next<Notified>();
    if (notified == nullptr || notified->notice != notice) {
        fail(fmt::format("wanted the notice: {}", text(notice)));
    }
}

void Dialogue::acts_by(Rule rule) {
    const bool found = std::any_of(actions.begin(), actions.end(), [rule](const Action& action) {
        return std::visit(
            [rule](const auto& a) {
                if constexpr (requires { a.rule; }) {
                    return a.rule == rule;
                } else {
                    return false;
                }
            },
            action);
    });
    if (!found) {
        fail(fmt::format("no action names {}", name(rule)));
    }
}

/// What nobody asked for must not have happened.
void Dialogue::settle() {
    for (std::size_t i = 0; i < asked_.size(); ++i) {
        const Action& action = actions.all()[i];
        const bool loud =
            !std::holds_alternative<Discarded>(action) && !std::holds_alternative<Notified>(action);
        if (loud && !asked_[i]) {
            asked_[i] = true;
            fail(fmt::format("not asked for: {}", in_words(action)));
        }
    }
    asked_.clear();
}

void Dialogue::fail(std::string_view what) { ADD_FAILURE() << what << "\n" << story(); }

std::string Dialogue::story() const {
    std::string all;
    for (const std::string& line : told_) {
        all += "  " + line + "\n";
    }
    return all;
}

std::string Dialogue::in_words(const Action& action) const {
    struct Words {
        SeqOrigin origin;
        std::string operator()(const Transmit& a) const {
            return fmt::format("sends {}  [{}]", segment_text(a.segment, origin), name(a.rule));
        }
        std::string operator()(const Deliver& a) const {
            return fmt::format("delivers {} octets", a.data.size());
        }
        std::string operator()(const Entered& a) const {
            return fmt::format("{} -> {}  [{}]", text(a.from), text(a.to), name(a.rule));
        }
        std::string operator()(const Discarded& a) const {
            return fmt::format("discards: {}  [{}]", text(a.why), name(a.rule));
        }
        std::string operator()(const Notified& a) const {
            return fmt::format("notifies: {}  [{}]", text(a.notice), name(a.rule));
        }
    };
    return std::visit(Words{{GetParam().iss, GetParam().irs}}, action);
}

void Dialogue::establish() {
    active_open();
    sends("S 0:0(0)");
    enters(State::syn_sent);
    arrives("S. 0:0(0) ack 1 win 65535 <mss 1460>");
    enters(State::established);
    sends(". 1:1(0) ack 1");
}

void Dialogue::go_to(State state) {
    switch (state) {
        case State::closed:
            return;
        case State::listen:
            passive_open();
            return enters(State::listen);
        case State::syn_sent:
            active_open();
            sends("S 0:0(0)");
            return enters(State::syn_sent);
        case State::syn_received:
            go_to(State::listen);
            arrives("S 0:0(0) win 65535 <mss 1460>");
            sends("S. 0:0(0) ack 1");
            return enters(State::syn_received);
        case State::established:
            return establish();
        case State::fin_wait_1:
            establish();
            close();
            sends("F. 1:1(0) ack 1");
            return enters(State::fin_wait_1);
        case State::fin_wait_2:
            go_to(State::fin_wait_1);
            arrives(". 1:1(0) ack 2");
            return enters(State::fin_wait_2);
        case State::close_wait:
            establish();
            arrives("F. 1:1(0) ack 1");
            sends(". 1:1(0) ack 2");
            return enters(State::close_wait);
        case State::closing:
            go_to(State::fin_wait_1);
            arrives("F. 1:1(0) ack 1");
            sends(". 2:2(0) ack 2");
            return enters(State::closing);
        case State::last_ack:
            go_to(State::close_wait);
            close();
            sends("F. 1:1(0) ack 2");
            return enters(State::last_ack);
        case State::time_wait:
            go_to(State::fin_wait_2);
            arrives("F. 1:1(0) ack 2");
            sends(". 2:2(0) ack 2");
            return enters(State::time_wait);
    }
}

std::string origin_name(const ::testing::TestParamInfo<Origins>& info) {
    return info.param.iss == at_zero.iss ? "zero" : "below_the_wrap";
}

}  // namespace tcpcraft::test
