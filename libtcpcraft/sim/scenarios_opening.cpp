#include <libtcpcraft/sim/scenario_tables.hpp>

// SC-1, SC-10, SC-11: RFC 9293 §3.5, figures 6 and 7; §3.3.1.

namespace tcpcraft {

using namespace std::chrono_literals;

namespace {

SimScenario three_way() {
    return {
        .id = "SC-1",
        .name = "three-way",
        .tool = SimTool::handshake,
        .title = "the three-way handshake",
        .story = "The server opens passively, the client actively.",
        .client = honest(),
        .server = honest(),
        .calls = opened_then({}),
        .segments = handshake_then({}),
        .client_states = "CLOSED SYN-SENT ESTABLISHED",
        .server_states = "CLOSED LISTEN SYN-RECEIVED ESTABLISHED",
        .lesson =
            "Each side now holds an acknowledgment of its own first number: x+1 and y+1. Four "
            "messages are needed, SYN and ACK each way, and the two of the server travel in one "
            "segment (RFC 9293 §3.5): of the four steps of §3.4.1 the second and third are one. "
            "Corrections of the textbook: a SYN may carry data, which "
            "just must not reach the application yet (§3.10.7.4, RFC 7413); the window and the MSS "
            "are announced by each side for itself, not negotiated (§3.7.1). The third segment "
            "uses no number: the first octet of data has x+1 again.",
        .rule = "RFC 9293 §3.5, figure 6",
    };
}

SimScenario simultaneous_open() {
    return {
        .id = "SC-10",
        .name = "simultaneous-open",
        .tool = SimTool::handshake,
        .title = "both open at once",
        .story =
            "Both ends open actively; their SYNs cross. There is no server here, only two "
            "clients: the names tell them apart.",
        .client = honest(),
        .server = honest(),
        .calls = {{{}, client, What::open, Seq{100}, {}}, {{}, server, What::open, Seq{300}, {}}},
        .segments = {"client SYN seq=x", "server SYN seq=y", "server SYN,ACK seq=y ack=x+1",
                     "client SYN,ACK seq=x ack=y+1"},
        .client_states = "CLOSED SYN-SENT SYN-RECEIVED ESTABLISHED",
        .server_states = "CLOSED SYN-SENT SYN-RECEIVED ESTABLISHED",
        .lesson =
            "Two SYNs and two SYN,ACKs: four segments and one connection. That three suffice is "
            "so only where one side waits (RFC 9293 §3.5, figure 7; MUST-10). Line 7 of figure 7 "
            "takes the SYN,ACK, whose seq is IRS; by table 6 (§3.10.7.4) it lies left of the "
            "window, "
            "and an ACK alone would be the answer. Here the figure decides, as MUST-10 asks.",
        .rule = "RFC 9293 §3.5, figure 7 (MUST-10)",
    };
}

SimScenario tcb_dump() {
    return {
        .id = "SC-11",
        .name = "tcb",
        .tool = SimTool::handshake,
        .title = "what a TCB holds, before and after the SYN",
        .story =
            "The same handshake, and one piece of data. TCBs are printed: of both before the "
            "SYN; at 5 ms the client's, its SYN being on the way; at 15 ms the server's, its "
            "SYN,ACK on the way; at 1.005 s the client's, the data on the way; at 1.015 s the "
            "server's, its ACK on the way; at 2 s the client's, all being acknowledged.",
        .client = honest(),
        .server = honest(),
        .calls = {{{}, server, What::listen, Seq{300}, {}},
                  {{}, server, What::dump, {}, {}},
                  {{}, client, What::dump, {}, {}},
                  {{}, client, What::open, Seq{100}, {}},
                  {5ms, client, What::dump, {}, {}},
                  {15ms, server, What::dump, {}, {}},
                  {1s, client, What::send, {}, "hello"},
                  {1005ms, client, What::dump, {}, {}},
                  {1015ms, server, What::dump, {}, {}},
                  {2s, client, What::dump, {}, {}}},
        .segments =
            handshake_then({"client PSH,ACK seq=x+1 ack=y+1 len=5", "server ACK seq=y+1 ack=x+6"}),
        .client_states = "CLOSED SYN-SENT ESTABLISHED",
        .server_states = "CLOSED LISTEN SYN-RECEIVED ESTABLISHED",
        .lesson =
            "A TCB holds the pair of sockets, the buffers, the retransmission queue and the "
            "variables of both directions (RFC 9293 §3.3.1). CLOSED is the absence of one. "
            "Correction of the textbook: the table of connections is no part of a TCB, it is "
            "where TCBs are found by addresses and ports. A SYN alone already costs the "
            "server an entry in SYN-RECEIVED; SYN cookies put that off (RFC 4987 §3.6).",
        .rule = "RFC 9293 §3.3.1",
    };
}

}  // namespace

std::vector<SimScenario> opening_scenarios() { return {three_way()}; }

std::vector<SimScenario> further_opening_scenarios() { return {simultaneous_open(), tcb_dump()}; }

}  // namespace tcpcraft
