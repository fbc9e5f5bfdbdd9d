#pragma once

#include <vector>

#include <libtcpcraft/sim/scenario.hpp>

// Private: the scenarios, by what they are about. Numbers are those of the figures of RFC 9293:
// x = 100, y = 300, x0 = 90.

namespace tcpcraft {

[[nodiscard]] std::vector<SimScenario> opening_scenarios();
[[nodiscard]] std::vector<SimScenario> old_duplicate_scenarios();
[[nodiscard]] std::vector<SimScenario> closing_scenarios();
[[nodiscard]] std::vector<SimScenario> time_wait_scenarios();
[[nodiscard]] std::vector<SimScenario> keep_alive_scenarios();
[[nodiscard]] std::vector<SimScenario> further_opening_scenarios();

// What the tables are written with.

using What = SimCall::What;
inline constexpr SimSide client = SimSide::client;
inline constexpr SimSide server = SimSide::server;

/// The RFC's defaults. The MSS that its SYN announces depends on the family: run_sim_scenario().
[[nodiscard]] inline Policy honest() { return {}; }

/// The server listens, the client opens, both at once; then what else there is.
[[nodiscard]] inline std::vector<SimCall> opened_then(std::vector<SimCall> more) {
    std::vector<SimCall> calls{{{}, server, What::listen, Seq{300}, {}},
                               {{}, client, What::open, Seq{100}, {}}};
    calls.insert(calls.end(), more.begin(), more.end());
    return calls;
}

/// The segments of an undisturbed handshake, then what else there is.
[[nodiscard]] inline std::vector<std::string> handshake_then(std::vector<std::string> more) {
    std::vector<std::string> segments{"client SYN seq=x", "server SYN,ACK seq=y ack=x+1",
                                      "client ACK seq=x+1 ack=y+1"};
    segments.insert(segments.end(), more.begin(), more.end());
    return segments;
}

}  // namespace tcpcraft
