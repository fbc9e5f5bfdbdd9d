#include <fmt/format.h>

#include <libtcpcraft/drive/handshake_steps.hpp>

namespace tcpcraft {

using namespace std::chrono_literals;

namespace {

Step heading(std::string text) { return {"", say(std::move(text), Note::Kind::heading)}; }

// A SYN of an earlier incarnation, as it would have been sent then.
Step old_syn(const HandshakeRequest& request, std::string note) {
    SegmentPattern pattern;
    pattern.flags = Flags{Flag::syn};
    pattern.seq = request.iss - old_duplicate_distance;
    pattern.ack = Seq{0};
    pattern.wnd =
        static_cast<std::uint16_t>(std::min<std::uint32_t>(request.policy.rcv_wnd, 65535));
    pattern.options = request.policy.syn_options;
    return {"old duplicate", Craft{pattern, {}, std::move(note)}};
}

SegmentPattern answer_to_old_syn(const HandshakeRequest& request) {
    SegmentPattern pattern;
    pattern.flags = Flags{Flag::syn, Flag::ack};
    pattern.ack = request.iss - old_duplicate_distance + 1;
    return pattern;
}

}  // namespace

Scenario old_duplicate_syn(const HandshakeRequest& request) {
    Scenario scenario{"old-duplicate-syn", {}};
    auto& steps = scenario.steps;
    steps.push_back(heading("An old SYN arrives at the server while we are CLOSED"));
    steps.push_back(old_syn(request, "a SYN from the past: seq x0 = x - 1000"));
    steps.push_back({"answer", ExpectSegment{answer_to_old_syn(request), request.timeout}});
    steps.push_back({"", say("The server cannot know that the SYN is old: it must ask. Nobody here "
                             "wants a connection, so CLOSED answers with RST (RFC 9293 §3.10.7.1), "
                             "and the server goes back from SYN-RECEIVED to LISTEN. With two "
                             "segments only it would now be ESTABLISHED, alone.")});
    steps.push_back({"", Settle{100ms}});
    steps.push_back(heading("An old SYN overtakes the new one: we are in SYN-SENT"));
    steps.push_back({"open", Open{request.syn_data, false}});
    steps.push_back(old_syn(request, "the old SYN is there first: seq x0 = x - 1000"));
    steps.push_back({"handshake", ExpectState{{State::established}, request.timeout}});
    steps.push_back({"", say("The answer to the old SYN acknowledges x0 + 1, which SYN-SENT never "
                             "sent: RST with exactly that number (RFC 9293 §3.10.7.3, first). Then "
                             "the SYN with x arrives and the handshake runs as always "
                             "(RFC 9293 §3.5, figure 8).")});
    add_exchange(steps, request);
    add_ending(steps, request);
    return scenario;
}

Scenario two_way(const HandshakeRequest& request) {
    Scenario scenario{"two-way", {}};
    auto& steps = scenario.steps;
    steps.push_back(heading("What if two segments were enough? (this breaks RFC 9293)"));
    steps.push_back({"", say("The simulated server skips SYN-RECEIVED: a SYN alone makes it "
                             "ESTABLISHED. No real TCP does this.",
                             Note::Kind::warning)});
    steps.push_back(old_syn(request, "a SYN from the past: seq x0 = x - 1000"));
    steps.push_back({"answer", ExpectSegment{answer_to_old_syn(request), request.timeout}});
    if (request.mute) {
        steps.push_back(
            {"", say("We are CLOSED and, being mute, do not answer: the server waits in "
                     "ESTABLISHED for a client that does not exist.")});
        steps.push_back({"wait", Settle{request.hold.value_or(1h)}});
    } else {
        steps.push_back(
            {"", say("A TCP that keeps the rules answers with RST even from CLOSED "
                     "(RFC 9293 §3.10.7.1), and that RST frees the server. The textbook's "
                     "server waits for ever only if this RST never comes: --mute.")});
        steps.push_back({"wait", Settle{200ms}});
    }
    return scenario;
}

Scenario simultaneous_open(const HandshakeRequest& request) {
    Scenario scenario{"simultaneous-open", {}};
    auto& steps = scenario.steps;
    steps.push_back({"", say("Both sides open actively: the peer must connect to our port from its "
                             "own. Its SYN is kept back until ours has left, so that the two cross "
                             "(RFC 9293 §3.5, figure 7; MUST-10).")});
    if (!request.server) {
        steps.push_back({"", say(fmt::format("Waiting for a SYN to {}: let the peer connect there "
                                             "from its port {} (nc -p {} ...).",
                                             request.id.local.text(), request.id.remote.port.value,
                                             request.id.remote.port.value),
                                 Note::Kind::plain)});
    }
    steps.push_back({"its SYN", ExpectSyn{request.timeout}});
    steps.push_back({"open", Open{{}, true}});
    steps.push_back({"handshake", ExpectState{{State::established}, request.timeout}});
    steps.push_back({"", say("Two SYN, two SYN,ACK: four segments, one connection. There is no "
                             "client and no server.")});
    add_exchange(steps, request);
    add_ending(steps, request);
    return scenario;
}

Scenario refused(const HandshakeRequest& request) {
    Scenario scenario{"refused", {}};
    scenario.steps.push_back({"open", Open{request.syn_data, false}});
    scenario.steps.push_back(
        {"answer", ExpectState{{State::closed, State::established}, request.timeout}});
    scenario.steps.push_back({"", AbortCall{.if_open = true}});
    scenario.steps.push_back({"", Settle{20ms}});
    return scenario;
}

Scenario syn_flood_view(const HandshakeRequest& request) {
    Scenario scenario{"syn-flood-view", {}};
    auto& steps = scenario.steps;
    steps.push_back(
        {"", say("A SYN alone makes the server keep an entry in SYN-RECEIVED. We withhold "
                 "the ACK and watch how long it repeats its SYN,ACK (RFC 9293 §3.8.3; "
                 "Linux: five times, about 63 s).")});
    steps.push_back({"open", Open{{}, false}});
    steps.push_back({"handshake", ExpectState{{State::established}, request.timeout}});
    steps.push_back({"watch", Settle{request.hold.value_or(70s)}});
    steps.push_back({"reset", AbortCall{}});
    steps.push_back({"reset", Settle{20ms}});
    return scenario;
}

}  // namespace tcpcraft
