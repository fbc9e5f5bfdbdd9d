#include <libtcpcraft/sim/scenario_tables.hpp>

// SC-7, SC-8a, SC-8b, SC-8c: what TIME-WAIT is for (RFC 9293 §3.6.1, MUST-13; §3.10.7.1).

namespace tcpcraft {

using namespace std::chrono_literals;

namespace {

constexpr const char* second_closer =
    "CLOSED LISTEN SYN-RECEIVED ESTABLISHED CLOSE-WAIT LAST-ACK CLOSED";
constexpr const char* with_time_wait =
    "CLOSED SYN-SENT ESTABLISHED FIN-WAIT-1 FIN-WAIT-2 TIME-WAIT CLOSED";
constexpr const char* without_time_wait =
    "CLOSED SYN-SENT ESTABLISHED FIN-WAIT-1 FIN-WAIT-2 CLOSED";

/// The close of SC-3, in which the client's last ACK is lost.
SimScenario last_ack_lost() {
    SimScenario made;
    made.tool = SimTool::teardown;
    made.client = honest();
    made.server = honest();
    made.calls =
        opened_then({{1s, client, What::close, {}, {}}, {1500ms, server, What::close, {}, {}}});
    made.faults = {{client, "drop out . #2"}};
    made.server_states = second_closer;
    return made;
}

std::vector<std::string> segments_then(std::vector<std::string> more) {
    auto all =
        handshake_then({"client FIN,ACK seq=u ack=v", "server ACK seq=v ack=u+1",
                        "server FIN,ACK seq=w ack=u+1", "client ACK seq=u+1 ack=w+1 (drop)"});
    all.insert(all.end(), more.begin(), more.end());
    return all;
}

SimScenario restarted() {
    SimScenario made = last_ack_lost();
    made.id = "SC-7";
    made.name = "time-wait";
    made.title = "TIME-WAIT lasts 2 MSL from the last FIN on";
    made.story = "The client's last ACK is lost twice; the FIN comes again after 1 s and 3 s.";
    made.faults = {{client, "drop out . #2-3"}};
    made.segments =
        segments_then({"server FIN,ACK seq=w ack=u+1", "client ACK seq=u+1 ack=w+1 (drop)",
                       "server FIN,ACK seq=w ack=u+1", "client ACK seq=u+1 ack=w+1"});
    made.client_states = with_time_wait;
    made.times = {"the server sends its FIN,ACK again after 1, 3 s",
                  "TIME-WAIT of the client: 240 s, restarted after 1, 3 s: 243 s in all"};
    made.lesson =
        "MSL is 2 minutes, 2 MSL are 240 s, and each repeated FIN is acknowledged and starts them "
        "anew (RFC 9293 §3.10.7.4, eighth; MUST-13). Correction of the textbook: \"at most four "
        "minutes\" is not the RFC's word. TIME-WAIT has a second purpose, which the textbook "
        "leaves out: old segments die before the same pair of sockets is used again (§3.4.1, "
        "RFC 1337).";
    made.rule = "RFC 9293 §3.6.1 (MUST-13); §3.10.7.4, eighth";
    return made;
}

SimScenario mute() {
    SimScenario made = last_ack_lost();
    made.id = "SC-8a";
    made.name = "no-time-wait-mute";
    made.title = "no TIME-WAIT, the last ACK lost, nobody answers";
    made.story = "The client goes straight to CLOSED, and its host says nothing to strangers.";
    made.client.deviations = {.no_time_wait = true, .mute_when_closed = true};
    std::vector<std::string> again(15, "server FIN,ACK seq=w ack=u+1");
    made.segments = segments_then(again);
    made.client_states = without_time_wait;
    made.times = {
        "the server sends its FIN,ACK again after 1, 3, 7, 15, 31, 63, 123, 183, 243, 303, "
        "363, 423, 483, 543, 603 s, and gives up after 663 s"};
    made.lesson =
        "The server repeats its FIN, the timeout doubles up to 60 s (RFC 6298 §5.5, §2.5), and it "
        "stays in LAST-ACK. Correction of the textbook: not for ever. R2 ends it, at least 100 s "
        "after the first (RFC 9293 §3.8.3, SHLD-11), or the user's timeout. And it takes a client "
        "that is off, filtered or mute: a CLOSED TCP answers, see SC-8b.";
    made.rule = "RFC 9293 §3.8.3 (MUST-20)";
    return made;
}

SimScenario answered_by_reset() {
    SimScenario made = last_ack_lost();
    made.id = "SC-8b";
    made.name = "no-time-wait";
    made.title = "no TIME-WAIT, the last ACK lost, a RST answers";
    made.story = "The client goes straight to CLOSED; its TCP does what CLOSED has to do.";
    made.client.deviations = {.no_time_wait = true};
    made.segments = segments_then({"server FIN,ACK seq=w ack=u+1", "client RST seq=u+1"});
    made.client_states = without_time_wait;
    made.times = {"the server sends its FIN,ACK again after 1 s"};
    made.lesson =
        "Correction of the textbook: the server does not repeat its FIN without end. CLOSED "
        "answers "
        "the repeated FIN with RST seq=u+1 (RFC 9293 §3.10.7.1), and the server leaves LAST-ACK at "
        "once, by a reset and not by the ACK it was waiting for. That is what TIME-WAIT spares it.";
    made.rule = "RFC 9293 §3.10.7.1";
    return made;
}

SimScenario answered_by_ack() {
    SimScenario made = last_ack_lost();
    made.id = "SC-8c";
    made.name = "lost-final-ack";
    made.title = "the last ACK is lost, and TIME-WAIT is there to repeat it";
    made.story = "The client keeps the rules: it stays in TIME-WAIT and answers the repeated FIN.";
    made.segments = segments_then({"server FIN,ACK seq=w ack=u+1", "client ACK seq=u+1 ack=w+1"});
    made.client_states = with_time_wait;
    made.times = {"the server sends its FIN,ACK again after 1 s",
                  "TIME-WAIT of the client: 240 s, restarted after 1 s: 241 s in all"};
    made.lesson =
        "One MSL for the last ACK to arrive or die, one for the repeated FIN to come back: 2 MSL = "
        "240 s (RFC 9293 §3.6.1; RFC 7323 appendix B.2). Correction of the textbook: this makes "
        "the "
        "server's clean end possible and likely, not certain, for every ACK may be lost.";
    made.rule = "RFC 9293 §3.10.7.4, eighth";
    return made;
}

}  // namespace

std::vector<SimScenario> time_wait_scenarios() {
    return {restarted(), mute(), answered_by_reset(), answered_by_ack()};
}

}  // namespace tcpcraft
