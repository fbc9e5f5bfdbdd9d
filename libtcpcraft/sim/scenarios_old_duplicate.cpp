#include <libtcpcraft/sim/scenario_tables.hpp>

// SC-2a, SC-2b, SC-2c: why three segments and not two (RFC 9293 §3.4.1, §3.5, figure 8).

namespace tcpcraft {

using namespace std::chrono_literals;

namespace {

/// TIME-WAIT as Linux has it: with 2 MSL the old SYN would be dead before the client is CLOSED.
Policy client_policy(bool mute) {
    Policy policy = honest();
    policy.time_wait = 60s;
    policy.deviations.mute_when_closed = mute;
    return policy;
}

Policy server_policy(bool two_way) {
    Policy policy = honest();
    policy.deviations.two_way_handshake = two_way;
    return policy;
}

/// SYN x is delayed, its repetition makes a connection that is used and closed; the server listens
/// again.
std::vector<SimCall> used_and_closed(std::vector<SimCall> more) {
    auto calls = opened_then({{2s, client, What::send, {}, "hello"},
                              {3s, client, What::close, {}, {}},
                              {4s, server, What::close, {}, {}},
                              {5s, server, What::listen, Seq{400}, {}}});
    calls.insert(calls.end(), more.begin(), more.end());
    return calls;
}

std::vector<std::string> segments_then(std::vector<std::string> more) {
    std::vector<std::string> all{
        "client SYN seq=x (delay 90 s)",        "client SYN seq=x",
        "server SYN,ACK seq=y ack=x+1",         "client ACK seq=x+1 ack=y+1",
        "client PSH,ACK seq=x+1 ack=y+1 len=5", "server ACK seq=y+1 ack=x+6",
        "client FIN,ACK seq=u ack=v",           "server ACK seq=v ack=u+1",
        "server FIN,ACK seq=w ack=u+1",         "client ACK seq=u+1 ack=w+1"};
    all.insert(all.end(), more.begin(), more.end());
    return all;
}

constexpr const char* client_path =
    "CLOSED SYN-SENT ESTABLISHED FIN-WAIT-1 FIN-WAIT-2 TIME-WAIT CLOSED";

/// What the three stories of the delayed SYN have in common.
SimScenario delayed_syn() {
    SimScenario made;
    made.tool = SimTool::handshake;
    made.story =
        "The network holds the first SYN for 90 s. After 1 s the client repeats it (with "
        "the same x: a retransmission never changes its number), the connection is made, "
        "used and closed. Then the held SYN arrives; here x0 = x. The client's TIME-WAIT "
        "is shortened to 60 s: the RFC's 240 s outlive any such SYN, which dies after one "
        "MSL of 120 s.";
    made.faults = {{client, "delay=90s out S"}};
    made.client_states = client_path;
    made.rule = "RFC 9293 §3.5";
    return made;
}

SimScenario two_way() {
    SimScenario made = delayed_syn();
    made.id = "SC-2a";
    made.name = "two-way";
    made.title = "an old SYN and the two-way handshake";
    made.client = client_policy(true);
    made.server = server_policy(true);
    made.calls = used_and_closed(
        {{150010ms, server, What::look, {}, {}}, {3690010ms, server, What::look, {}, {}}});
    made.segments = segments_then({"server SYN,ACK seq=y' ack=x+1"});
    made.server_states = "CLOSED LISTEN ESTABLISHED CLOSE-WAIT LAST-ACK CLOSED LISTEN ESTABLISHED";
    made.times = {"the client sends its SYN again after 1 s", "TIME-WAIT of the client: 60 s",
                  "the server has been in ESTABLISHED for 60 s and has heard nothing for 60 s",
                  "the server has been in ESTABLISHED for 3600 s and has heard nothing for 3600 s"};
    made.lesson =
        "With two segments the server believes the old SYN and waits, with one TCB, for a client "
        "that wants nothing. The client still sends its ACK, as any TCP does; this server does not "
        "wait for it. Correction of the textbook: the client does not ignore the answer. A "
        "CLOSED TCP resets it (RFC 9293 §3.10.7.1), and this frees even a two-way server: "
        "SC-2a-rst "
        "shows it. The server is left alone only when the client's host is off, filtered, or its "
        "RST is lost, which is why the client is mute here.";
    return made;
}

SimScenario two_way_reset() {
    SimScenario made = delayed_syn();
    made.id = "SC-2a-rst";
    made.name = "two-way-reset";
    made.title = "as SC-2a, but the client's TCP answers";
    made.client = client_policy(false);
    made.server = server_policy(true);
    made.calls = used_and_closed({});
    made.segments = segments_then({"server SYN,ACK seq=y' ack=x+1", "client RST seq=x+1"});
    made.server_states =
        "CLOSED LISTEN ESTABLISHED CLOSE-WAIT LAST-ACK CLOSED LISTEN ESTABLISHED CLOSED";
    made.times = {"the client sends its SYN again after 1 s", "TIME-WAIT of the client: 60 s"};
    made.lesson =
        "CLOSED answers a segment that acknowledges something with RST and just that number "
        "(RFC 9293 §3.10.7.1). So the RST is what cures, and the third segment is what makes sure "
        "that nobody relies on a connection too early: between SYN and RST this server's user "
        "already held one.";
    return made;
}

SimScenario three_way() {
    SimScenario made = delayed_syn();
    made.id = "SC-2b";
    made.name = "old-duplicate-syn";
    made.title = "an old SYN and the real handshake; the client is CLOSED";
    made.client = client_policy(false);
    made.server = server_policy(false);
    made.calls = used_and_closed({});
    made.segments = segments_then({"server SYN,ACK seq=y' ack=x+1", "client RST seq=x+1"});
    made.server_states =
        "CLOSED LISTEN SYN-RECEIVED ESTABLISHED CLOSE-WAIT LAST-ACK CLOSED LISTEN "
        "SYN-RECEIVED LISTEN";
    made.times = {"the client sends its SYN again after 1 s", "TIME-WAIT of the client: 60 s"};
    made.lesson =
        "A receiver cannot know whether a SYN is old: it has to ask (RFC 9293 §3.4.1). The client "
        "wants no connection, so CLOSED answers with RST seq=x0+1 (§3.10.7.1), and the server goes "
        "from SYN-RECEIVED back to LISTEN without having told its user. Correction of the "
        "textbook: the client does not ignore the answer. If it did, the entry would vanish after "
        "the last repetition of the SYN,ACK: three segments bound the waste, they do not remove "
        "it (SYN flooding, RFC 4987).";
    return made;
}

SimScenario while_opening() {
    SimScenario made;
    made.id = "SC-2c";
    made.name = "old-duplicate-syn-sent";
    made.tool = SimTool::handshake;
    made.title = "an old SYN overtakes the new one; the client is in SYN-SENT";
    made.story =
        "The SYN x0 of an attempt that was given up is 5 s late. The client tries anew "
        "with x; the old SYN is there first.";
    made.client = honest();
    made.server = honest();
    made.calls = {{{}, server, What::listen, Seq{300}, {}},
                  {{}, client, What::open, Seq{90}, {}},
                  {500ms, client, What::abort, {}, {}},
                  {5s, client, What::open, Seq{100}, {}},
                  {5050ms, server, What::listen, Seq{400}, {}}};
    made.faults = {{client, "delay=5s out S"}, {client, "delay=100ms out S #2"}};
    made.old_iss = Seq{90};
    made.segments = {"client SYN seq=x0 (delay 5 s)", "client SYN seq=x (delay 0.1 s)",
                     "server SYN,ACK seq=y ack=x0+1", "client RST seq=x0+1",
                     "server SYN,ACK seq=y' ack=x+1", "client ACK seq=x+1 ack=y'+1"};
    made.client_states = "CLOSED SYN-SENT CLOSED SYN-SENT ESTABLISHED";
    made.server_states = "CLOSED LISTEN SYN-RECEIVED LISTEN SYN-RECEIVED ESTABLISHED";
    made.lesson =
        "The answer acknowledges x0+1, which the client in SYN-SENT has not sent in this attempt: "
        "RST with exactly that number (RFC 9293 §3.10.7.3, first). The client stays in SYN-SENT, "
        "the server "
        "goes back to LISTEN, and SYN x finds everything as if nothing had been (§3.5, figure 8).";
    made.rule = "RFC 9293 §3.5, figure 8";
    return made;
}

}  // namespace

std::vector<SimScenario> old_duplicate_scenarios() {
    return {two_way(), two_way_reset(), three_way(), while_opening()};
}

}  // namespace tcpcraft
