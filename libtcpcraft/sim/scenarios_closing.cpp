#include <libtcpcraft/sim/scenario_tables.hpp>

// SC-3 to SC-6: RFC 9293 §3.6, figures 12 and 13.

namespace tcpcraft {

using namespace std::chrono_literals;

namespace {

constexpr const char* first_closer =
    "CLOSED SYN-SENT ESTABLISHED FIN-WAIT-1 FIN-WAIT-2 TIME-WAIT CLOSED";
constexpr const char* second_closer =
    "CLOSED LISTEN SYN-RECEIVED ESTABLISHED CLOSE-WAIT LAST-ACK CLOSED";

SimScenario four_segments() {
    return {
        .id = "SC-3",
        .name = "active-close",
        .tool = SimTool::teardown,
        .title = "four segments close a connection",
        .story =
            "The client closes at 1 s, the server's user half a second later. No data is "
            "sent, so that w = v.",
        .client = honest(),
        .server = honest(),
        .calls =
            opened_then({{1s, client, What::close, {}, {}}, {1500ms, server, What::close, {}, {}}}),
        .segments = handshake_then({"client FIN,ACK seq=u ack=v", "server ACK seq=v ack=u+1",
                                    "server FIN,ACK seq=w ack=u+1", "client ACK seq=u+1 ack=w+1"}),
        .client_states = first_closer,
        .server_states = second_closer,
        .times = {"TIME-WAIT of the client: 240 s"},
        .lesson =
            "FIN takes a number, with or without data: hence u+1 and w+1 (RFC 9293 §3.6). "
            "\"Client\" means whoever closes first: either side may. TIME-WAIT is 2 MSL = "
            "240 s (MUST-13), a required time and no upper bound; Linux has 60 s, macOS 30 s.",
        .rule = "RFC 9293 §3.6, figure 12",
    };
}

SimScenario half_close() {
    return {
        .id = "SC-4",
        .name = "half-close",
        .tool = SimTool::teardown,
        .title = "half closed: one side has ended, the other still sends",
        .story =
            "The client asks, and closes at once; the server answers in two pieces, then "
            "closes.",
        .client = honest(),
        .server = honest(),
        .calls = opened_then({{1s, client, What::send, {}, "ask"},
                              {1100ms, client, What::close, {}, {}},
                              {1200ms, server, What::send, {}, "first,"},
                              {1300ms, server, What::send, {}, "last"},
                              {1400ms, server, What::close, {}, {}}}),
        .segments =
            handshake_then({"client PSH,ACK seq=x+1 ack=y+1 len=3", "server ACK seq=y+1 ack=x+4",
                            "client FIN,ACK seq=u ack=v", "server ACK seq=v ack=u+1",
                            "server PSH,ACK seq=v ack=u+1 len=6", "client ACK seq=u+1 ack=v+6",
                            "server PSH,ACK seq=v+6 ack=u+1 len=4", "client ACK seq=u+1 ack=v+10",
                            "server FIN,ACK seq=w ack=u+1", "client ACK seq=u+1 ack=w+1"}),
        .client_states = first_closer,
        .server_states = second_closer,
        .times = {"TIME-WAIT of the client: 240 s"},
        .lesson =
            "CLOSE means \"I have no more to send\", not \"I will not receive\" (RFC 9293 "
            "§3.6). Every acknowledgment of the client has seq=u+1, its FIN being its last "
            "number; w = v + 10, the octets sent in between. This is the case in which ACK "
            "and FIN of the server are separate, and closing takes four segments at least.",
        .rule = "RFC 9293 §3.6, case 2",
    };
}

SimScenario three_segments() {
    SimScenario made;
    made.id = "SC-5";
    made.name = "three-segment-close";
    made.tool = SimTool::teardown;
    made.title = "three segments close a connection";
    made.story =
        "The server's user closes 2 ms after it has learnt of the client's FIN; its TCP "
        "holds acknowledgments back for up to 40 ms, so that the ACK goes with the FIN.";
    made.client = honest();
    made.server = honest();
    made.server.delayed_ack = 40ms;
    made.calls =
        opened_then({{1s, client, What::close, {}, {}}, {1012ms, server, What::close, {}, {}}});
    made.segments = handshake_then({"client FIN,ACK seq=u ack=v", "server FIN,ACK seq=w ack=u+1",
                                    "client ACK seq=u+1 ack=w+1"});
    made.client_states = first_closer;
    made.server_states = second_closer;
    made.times = {"TIME-WAIT of the client: 240 s"};
    made.lesson =
        "Correction of the textbook: ACK and FIN of the second closer need not be two segments. "
        "Where nothing is left to send they are one, the usual case; w = v then. A FIN that "
        "acknowledges ours leads from FIN-WAIT-1 to TIME-WAIT at once (RFC 9293 §3.3.2, figure 5, "
        "note 2): its ACK is the way into FIN-WAIT-2, its FIN the way out, in one step "
        "(§3.10.7.4, fifth and eighth).";
    made.rule = "RFC 9293 §3.6; §3.3.2, figure 5, note 2";
    return made;
}

SimScenario simultaneous_close() {
    constexpr const char* after = "ESTABLISHED FIN-WAIT-1 CLOSING TIME-WAIT CLOSED";
    return {
        .id = "SC-6",
        .name = "simultaneous-close",
        .tool = SimTool::teardown,
        .title = "both close at once",
        .story = "Both users close at 1 s: the FINs cross.",
        .client = honest(),
        .server = honest(),
        .calls =
            opened_then({{1s, client, What::close, {}, {}}, {1s, server, What::close, {}, {}}}),
        .segments = handshake_then({"client FIN,ACK seq=u ack=v", "server FIN,ACK seq=w ack=u",
                                    "server ACK seq=w+1 ack=u+1", "client ACK seq=u+1 ack=w+1"}),
        .client_states = std::string{"CLOSED SYN-SENT "} + after,
        .server_states = std::string{"CLOSED LISTEN SYN-RECEIVED "} + after,
        .times = {"TIME-WAIT of the client: 240 s", "TIME-WAIT of the server: 240 s"},
        .lesson =
            "Two corrections of the textbook: there is an eleventh state, CLOSING, in which "
            "the other's FIN is known and the ACK of ours is not; and here not the first "
            "closer alone waits, both pass through TIME-WAIT (RFC 9293 §3.6, figure 13).",
        .rule = "RFC 9293 §3.6, figure 13",
    };
}

}  // namespace

std::vector<SimScenario> closing_scenarios() {
    return {four_segments(), half_close(), three_segments(), simultaneous_close()};
}

}  // namespace tcpcraft
