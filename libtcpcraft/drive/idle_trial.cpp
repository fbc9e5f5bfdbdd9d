#include <libtcpcraft/drive/handshake_steps.hpp>
#include <libtcpcraft/drive/idle_trial.hpp>
#include <libtcpcraft/drive/teardown_steps.hpp>

namespace tcpcraft {

using namespace std::chrono_literals;

namespace {

constexpr std::size_t all_of_them = 1'000'000;
constexpr Duration patience_for_a_close = 2s;

/// In which of our states the silence is what it is to be; empty: any.
std::vector<State> meant(IdleState state) {
    switch (state) {
        case IdleState::half_closed:
            return {State::fin_wait_2};
        case IdleState::time_wait:
            return {};
        default:
            return {State::established};
    }
}

/// Whatever is heard begins the silence anew; but a peer repeats its SYN,ACK for a minute, and to
/// what repeats itself the connection tracking of Linux does not listen: there its first one
/// counts.
void add_silence(Steps& steps, const IdleTrialRequest& request, Duration during) {
    const auto in = meant(request.state);
    if (request.state == IdleState::half_open) {
        steps.push_back({"idle", Hold{during}, in});
    } else {
        steps.push_back({"idle", Quiet{.during = during, .within = 2 * during + 10s}, in});
    }
}

Answer any_answer(Flags with, Flags without) {
    return {.with = with, .without = without, .verdict = Verdict::conforms};
}

Ask asks(Duration within) {
    return Ask{
        .answers = {any_answer(rst_flag, {}), any_answer(ack_flag, Flags{Flag::rst, Flag::syn})},
        .silence = nothing(Verdict::conforms, "", ""),
        .within = within,
        .go_on = true};
}

void add_open(Steps& steps, const IdleTrialRequest& request) {
    if (request.state == IdleState::half_open) {
        steps.push_back({"half-open", Withhold{.flags = ack_flag,
                                               .count = all_of_them,
                                               .note = "kept back: the opening stays half"}});
    }
    steps.push_back({"open", Open{}});
    steps.push_back(
        {"open", ExpectState{{State::established, State::close_wait}, request.timeout}});
    if (request.refresh == IdleRefresh::inbound) {
        steps.push_back({"refresh", Withhold{.flags = ack_flag,
                                             .count = all_of_them,
                                             .note = "kept back: only the peer is to be heard"}});
    }
    if (request.send && request.state != IdleState::half_open) {
        steps.push_back({"send", SendData{*request.send, request.timeout}});
    }
}

void add_state(Steps& steps, const IdleTrialRequest& request) {
    if (request.state == IdleState::half_closed) {
        steps.push_back({"half-close", CloseCall{}});
        steps.push_back(
            {"half-close", ExpectState{{State::fin_wait_2, State::time_wait}, request.timeout}});
    } else if (request.state == IdleState::time_wait) {
        if (request.send) {
            steps.push_back({"close", AwaitPeerClose{patience_for_a_close}});
        }
        steps.push_back({"close", CloseCall{}});
        steps.push_back({"close", ExpectState{{State::time_wait, State::closed}, request.timeout}});
    }
}

Probe question(bool octet) {
    return {ack_flag, {Mark::snd_nxt, -1}, rcv_nxt, octet ? 1U : 0U, "is it still there?"};
}

void add_questions(Steps& steps, const IdleTrialRequest& request) {
    const auto in = meant(request.state);
    if (request.question == IdleQuestion::payload) {
        steps.push_back({"ask", SendData{*request.send, 3 * request.answer_within}, in});
        return;
    }
    if (request.state == IdleState::half_open) {
        steps.push_back({"complete", Probe{ack_flag, snd_nxt, rcv_nxt, 0, "the ACK at last"}, in});
    }
    const bool octets = request.question == IdleQuestion::octets;
    for (const bool octet : {octets, true, octets}) {
        const bool again = steps.back().name == "ask";
        steps.push_back({"ask", question(octet), in, again});
        steps.push_back({"ask", asks(request.answer_within), in, again});
    }
}

void add_refresh(Steps& steps, const IdleTrialRequest& request) {
    const auto in = meant(request.state);
    switch (request.refresh) {
        case IdleRefresh::none:
            return;
        case IdleRefresh::keepalive:
            add_silence(steps, request, request.refresh_after);
            steps.push_back({"refresh", question(request.question == IdleQuestion::octets), in});
            steps.push_back({"refresh", asks(request.answer_within), in});
            return;
        case IdleRefresh::payload:
            add_silence(steps, request, request.refresh_after);
            steps.push_back({"refresh", SendData{*request.send, 3 * request.answer_within}, in});
            return;
        case IdleRefresh::inbound:
            steps.push_back({"refresh", Hold{request.refresh_after}, in});
            return;
    }
}

}  // namespace

std::string_view text(IdleState state) noexcept {
    switch (state) {
        case IdleState::established:
            return "established";
        case IdleState::half_open:
            return "half-open";
        case IdleState::half_closed:
            return "half-closed";
        case IdleState::time_wait:
            return "time-wait";
    }
    return "?";
}

std::string_view text(IdleRefresh refresh) noexcept {
    switch (refresh) {
        case IdleRefresh::none:
            return "none";
        case IdleRefresh::keepalive:
            return "keepalive";
        case IdleRefresh::payload:
            return "payload";
        case IdleRefresh::inbound:
            return "inbound";
    }
    return "?";
}

// What is left of it is reset: a path that still knows it forgets it, and a peer as well.
Scenario idle_scenario(const IdleTrialRequest& request) {
    Scenario scenario{"idle", {}};
    Steps& steps = scenario.steps;
    add_open(steps, request);
    add_state(steps, request);
    add_refresh(steps, request);
    if (request.refresh != IdleRefresh::inbound) {
        add_silence(steps, request, request.idle);
    }
    add_questions(steps, request);
    steps.push_back({"end",
                     AbortCall{},
                     {State::established, State::close_wait, State::fin_wait_1, State::fin_wait_2,
                      State::closing, State::last_ack}});
    return scenario;
}

}  // namespace tcpcraft
