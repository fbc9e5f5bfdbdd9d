#include <libtcpcraft/drive/handshake.hpp>
#include <libtcpcraft/drive/handshake_steps.hpp>

namespace tcpcraft {

using namespace std::chrono_literals;

std::string_view text(HandshakeScenario scenario) noexcept {
    switch (scenario) {
        case HandshakeScenario::three_way:
            return "three-way";
        case HandshakeScenario::old_duplicate_syn:
            return "old-duplicate-syn";
        case HandshakeScenario::two_way:
            return "two-way";
        case HandshakeScenario::simultaneous_open:
            return "simultaneous-open";
        case HandshakeScenario::refused:
            return "refused";
        case HandshakeScenario::syn_flood_view:
            return "syn-flood-view";
    }
    return "?";
}

void add_close(std::vector<Step>& steps, const HandshakeRequest& request) {
    steps.push_back({"close", CloseCall{}});
    steps.push_back(
        {"closing", ExpectState{{State::time_wait, State::closed}, request.timeout, false}});
    steps.push_back({"closing", AbortCall{.if_open = true}});
    steps.push_back({"TIME-WAIT", Linger{request.linger, request.time_wait_full}});
}

void add_ending(std::vector<Step>& steps, const HandshakeRequest& request) {
    switch (request.then) {
        case Then::hold:
            steps.push_back({"hold", Hold{request.hold}});
            add_close(steps, request);
            break;
        case Then::close:
            add_close(steps, request);
            break;
        case Then::reset:
            steps.push_back({"reset", AbortCall{}});
            steps.push_back({"reset", Settle{20ms}});
            break;
        case Then::leave:
            steps.push_back({"leave", say("left open: from now on this host's kernel answers the "
                                          "peer with RST, for it knows of no connection")});
            break;
    }
}

void add_exchange(std::vector<Step>& steps, const HandshakeRequest& request) {
    if (request.server && request.send) {
        steps.push_back({"request", ExpectData{1s, 50ms, false}});
    } else if (request.server && request.then == Then::close) {
        steps.push_back({"serve", AwaitPeerClose{request.timeout}});
    }
    if (request.send) {
        steps.push_back({"send", SendData{*request.send, request.timeout}});
    }
    if (request.send && !request.server && request.expect_reply) {
        steps.push_back({"reply", ExpectData{request.timeout, 300ms, false}});
    }
}

namespace {

// Our own machine believes in ESTABLISHED whatever became of its ACK: give the peer time to say
// what it thinks before anything else acknowledges its SYN.
void add_answer_to_third(std::vector<Step>& steps, const HandshakeRequest& request) {
    if (request.third == Third::late) {
        steps.push_back({"third", Settle{request.late + 100ms}});
    } else if (request.third == Third::wrong_ack) {
        SegmentPattern reset;
        reset.flags = Flags{Flag::rst};
        steps.push_back({"RST", ExpectSegment{reset, request.timeout}});
        steps.push_back(
            {"", say("RST with the number that was wrongly acknowledged; the peer stays "
                     "in SYN-RECEIVED (RFC 9293 §3.10.7.4, fifth)")});
    }
}

Scenario three_way(const HandshakeRequest& request) {
    Scenario scenario{"three-way", {}};
    auto& steps = scenario.steps;
    if (!request.server) {
        steps.push_back({"open", Open{request.syn_data, false}});
    }
    steps.push_back(
        {"handshake", ExpectState{{State::established, State::close_wait}, request.timeout}});
    if (request.third == Third::none || request.third == Third::rst) {
        const bool watch = request.third == Third::none;
        steps.push_back({"third", Settle{watch ? request.hold.value_or(request.timeout) : 200ms}});
        if (watch && request.then != Then::leave) {  // our RST was the end already, or is unwanted
            steps.push_back({"reset", AbortCall{}});
            steps.push_back({"reset", Settle{20ms}});
        }
        return scenario;
    }
    add_answer_to_third(steps, request);
    add_exchange(steps, request);
    add_ending(steps, request);
    return scenario;
}

}  // namespace

Scenario handshake_scenario(const HandshakeRequest& request) {
    switch (request.scenario) {
        case HandshakeScenario::old_duplicate_syn:
            return old_duplicate_syn(request);
        case HandshakeScenario::two_way:
            return request.server ? three_way(request) : two_way(request);
        case HandshakeScenario::simultaneous_open:
            return simultaneous_open(request);
        case HandshakeScenario::refused:
            return refused(request);
        case HandshakeScenario::syn_flood_view:
            return syn_flood_view(request);
        case HandshakeScenario::three_way:
            break;
    }
    return three_way(request);
}

}  // namespace tcpcraft
