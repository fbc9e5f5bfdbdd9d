#include <algorithm>
#include <iterator>
#include <utility>

#include <fmt/format.h>

#include <libtcpcraft/sim/scenario_end.hpp>
#include <libtcpcraft/sim/scenario_wire.hpp>

namespace tcpcraft {

namespace {

std::vector<FaultRule> faults_of(const SimScenario& scenario, SimSide sender) {
    std::vector<FaultRule> rules;
    for (const SimFault& fault : scenario.faults) {
        if (fault.sender == sender) {
            rules.push_back(read_fault_rule(fault.rule).value());
        }
    }
    return rules;
}

/// A SYN that announces its MSS and nothing else: an Ethernet's MTU without both headers.
Policy of_family(Policy policy, Family family) {
    const std::uint16_t mss = family == Family::v4 ? 1460 : 1440;
    policy.syn_options = Options{MaximumSegmentSize{mss}};
    return policy;
}

ConnectionId turned(const ConnectionId& id) { return {id.remote, id.local}; }

SimEnd::Setup setup(const SimScenario& scenario, SimSide side, const ConnectionId& id) {
    const Policy& policy = side == SimSide::client ? scenario.client : scenario.server;
    return {side, id, of_family(policy, id.local.address.family()), faults_of(scenario, side)};
}

/// Both ends with the wire between them.
struct SimPair {
    SimPair(const SimScenario& scenario, const ConnectionId& id)
        : network{SimNetworkOptions{.latency = scenario.latency}},
          client{setup(scenario, SimSide::client, id), network, wire},
          server{setup(scenario, SimSide::server, turned(id)), network, wire} {
        client.meet(server);
        server.meet(client);
    }

    SimNetwork network;
    std::vector<OnWire> wire{};
    SimEnd client;
    SimEnd server;
};

std::string states_of(const SimEnd& end) {
    std::string passed;
    for (const Passed& to : end.history()) {
        passed += (passed.empty() ? "" : " ") + std::string{text(to.to)};
    }
    return passed;
}

void compare(std::vector<std::string>& differences, std::string_view what,
             const std::vector<std::string>& due, const std::vector<std::string>& seen) {
    for (std::size_t i = 0; i < std::max(due.size(), seen.size()); ++i) {
        const std::string wanted = i < due.size() ? due[i] : "nothing more";
        const std::string got = i < seen.size() ? seen[i] : "nothing more";
        if (wanted != got) {
            differences.push_back(
                fmt::format("{} {}: '{}' where '{}' is due", what, i + 1, got, wanted));
        }
    }
}

std::vector<std::string> differences(const SimScenario& scenario, const SimOutcome& outcome) {
    std::vector<std::string> made;
    compare(made, "segment", scenario.segments, outcome.segments);
    compare(made, "states of the client", {scenario.client_states}, {outcome.states[0]});
    compare(made, "states of the server", {scenario.server_states}, {outcome.states[1]});
    compare(made, "time", scenario.times, outcome.times);
    return made;
}

SimOutcome outcome_of(const SimScenario& scenario, SimPair& pair) {
    SimOutcome made;
    WireText wire{scenario.old_iss};
    made.segments = wire.read(pair.wire);
    made.symbols = wire.symbols();
    made.first_closer = wire.first_closer();
    made.states = {states_of(pair.client), states_of(pair.server)};
    made.times = times_of(pair.wire, {&pair.client, &pair.server});
    made.end = {pair.client.state(), pair.server.state()};
    for (SimEnd* end : {&pair.client, &pair.server}) {
        std::move(end->dumps().begin(), end->dumps().end(), std::back_inserter(made.dumps));
    }
    made.seen = {std::move(pair.client.seen()), std::move(pair.server.seen())};
    made.differences = differences(scenario, made);
    return made;
}

}  // namespace

SimOutcome run_sim_scenario(const SimScenario& scenario, const ConnectionId& id) {
    SimPair pair{scenario, id};
    for (const SimCall& call : scenario.calls) {
        SimEnd& end = call.side == SimSide::client ? pair.client : pair.server;
        static_cast<void>(
            pair.network.call_at(Instant{} + call.at, [&end, &call] { end.call(call); }));
    }
    static_cast<void>(pair.network.run({}, Instant{} + scenario.until));
    return outcome_of(scenario, pair);
}

}  // namespace tcpcraft
