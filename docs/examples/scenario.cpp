// A scenario is data: steps that a fleet of connections is led through. Here one connection, in the
// simulator: the first SYN is lost by a fault rule, the second is answered after the retransmission
// timeout of one second (RFC 6298), which takes no time at all. usage: scenario [-6]
#include <iostream>
#include <string_view>

#include <libtcpcraft/drive/fleet.hpp>
#include <libtcpcraft/host/setup.hpp>
#include <libtcpcraft/host/simulation.hpp>
#include <libtcpcraft/trace/ladder_sink.hpp>

using namespace std::chrono_literals;
using namespace tcpcraft;

int main(int argc, char** argv) {
    const bool v6 = argc > 1 && std::string_view{argv[1]} == "-6";
    Simulation host{{.family = v6 ? Family::v6 : Family::v4,
                     .faults = {{.kind = FaultKind::drop, .direction = Direction::out}}}};

    Scenario scenario{.name = "a SYN is lost"};
    scenario.steps = {
        {.name = "open", .what = Open{}},
        {.name = "wait", .what = ExpectState{{State::established}, 5s}},
        {.name = "close", .what = CloseCall{}},
        {.name = "wait", .what = ExpectState{{State::time_wait}, 5s}},
    };

    LadderSink ladder{std::cout, {}};
    Surroundings around{.link = host.link(), .alarm = host.alarm(), .trace = ladder};
    Fleet fleet{around};
    Session& session = fleet.launch(connection_setup(host, usual_policy(host)), scenario);
    host.run([&] { return fleet.finished(); });

    const bool completed = session.outcome() && session.outcome()->ending == Ending::completed;
    std::cout << (completed ? "completed" : "not completed") << " after "
              << seconds(host.alarm().now().time_since_epoch()) << " s of virtual time\n";
    return completed ? 0 : 1;
}
