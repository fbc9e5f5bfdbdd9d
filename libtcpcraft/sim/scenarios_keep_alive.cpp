#include <libtcpcraft/sim/scenario_tables.hpp>

// SC-9a, SC-9b, SC-9c: keep-alive (RFC 9293 §3.8.4).

namespace tcpcraft {

using namespace std::chrono_literals;

namespace {

constexpr const char* probe = "server ACK seq=y ack=x+1";
constexpr const char* opened = "CLOSED SYN-SENT ESTABLISHED";
constexpr const char* served = "CLOSED LISTEN SYN-RECEIVED ESTABLISHED";

/// The textbook's server; the wire takes no time, so that its clock alone is seen.
SimScenario watching_server(std::uint8_t count) {
    SimScenario made;
    made.tool = SimTool::keep_alive;
    made.client = honest();
    made.server = honest();
    made.server.keep_alive = KeepAlive{.idle = 2h, .interval = 75s, .count = count};
    made.latency = Duration::zero();
    made.rule = "RFC 9293 §3.8.4 (MUST-26, MUST-28)";
    return made;
}

SimScenario alive() {
    SimScenario made = watching_server(10);
    made.id = "SC-9a";
    made.name = "keep-alive-answered";
    made.title = "keep-alive, and the peer is alive";
    made.story = "Nobody says anything for two hours; the server has keep-alive switched on.";
    made.calls = opened_then({});
    made.until = 15000s;
    made.segments =
        handshake_then({probe, "client ACK seq=x+1 ack=y+1", probe, "client ACK seq=x+1 ack=y+1"});
    made.client_states = opened;
    made.server_states = served;
    made.times = {"the server probes after 7200, 7200 s of silence"};
    made.lesson =
        "The probe has seq=SND.NXT-1, a number left of the window: any living TCP must answer it "
        "with an ACK (RFC 9293 §3.8.4; §3.10.7.4, first). The client's user notices nothing. "
        "Corrections of the textbook: keep-alive is optional and off by default (MAY-5, MUST-25), "
        "either end may use it, and whatever is received restarts the timer, an ACK as well as "
        "data (MUST-26).";
    return made;
}

std::vector<std::string> probed(std::size_t count) {
    return handshake_then(std::vector<std::string>(count, probe));
}

SimScenario dead() {
    SimScenario made = watching_server(10);
    made.id = "SC-9b";
    made.name = "keep-alive-dead";
    made.title = "keep-alive, and the peer is dead";
    made.story = "The client's host dies after 1 s. Read as ten probes in all, the first included.";
    made.calls = opened_then({{1s, client, What::die, {}, {}}});
    made.segments = probed(10);
    made.client_states = opened;
    made.server_states = std::string{served} + " CLOSED";
    made.times = {
        "the server probes after 7200, 7275, 7350, 7425, 7500, 7575, 7650, 7725, 7800, "
        "7875 s of silence, and closes after 7950 s"};
    made.lesson =
        "Two hours are the RFC's least default (MUST-28); the spacing of 75 s and the count are no "
        "RFC's: Linux sends 9 probes, BSD 8, Windows 10 at 1 s each. One missing answer must not "
        "decide (MUST-29). \"A probe, then one every 75 s, ten in a row\" can be read in two ways: "
        "ten in all, the last at 7875 s and closed at 7950 s, as here; or ten behind the first, "
        "eleven: the last at 7950 s and closed at 8025 s (SC-9b-eleven).";
    return made;
}

SimScenario dead_eleven() {
    SimScenario made = dead();
    made.id = "SC-9b-eleven";
    made.name = "keep-alive-dead-eleven";
    made.title = "the same, ten probes behind the first";
    made.story = "The client's host dies after 1 s. Read as a first probe and ten more.";
    made.server.keep_alive->count = 11;
    made.segments = probed(11);
    made.times = {
        "the server probes after 7200, 7275, 7350, 7425, 7500, 7575, 7650, 7725, 7800, "
        "7875, 7950 s of silence, and closes after 8025 s"};
    made.lesson =
        "The other reading of the textbook's sentence: eleven probes, the last at 7950 s, "
        "closed at 8025 s. No RFC decides between the two (RFC 9293 §3.8.4).";
    return made;
}

SimScenario came_back() {
    SimScenario made = watching_server(10);
    made.id = "SC-9c";
    made.name = "keep-alive-restarted";
    made.title = "keep-alive, and the peer has restarted";
    made.story = "The client's host restarts after 60 s and knows nothing of the connection.";
    made.calls = opened_then({{60s, client, What::restart, {}, {}}});
    made.segments = handshake_then({probe, "client RST seq=x+1"});
    made.client_states = std::string{opened} + " CLOSED";
    made.server_states = std::string{served} + " CLOSED";
    made.times = {"the server probes after 7200 s of silence"};
    made.lesson =
        "A host that has lost its TCBs is CLOSED for all of them: it resets the probe (RFC 9293 "
        "§3.10.7.1; §3.5.1, half-open connections), and the server closes at the first probe, "
        "without any further one. The textbook leaves this ending out.";
    return made;
}

}  // namespace

std::vector<SimScenario> keep_alive_scenarios() {
    return {alive(), dead(), dead_eleven(), came_back()};
}

}  // namespace tcpcraft
