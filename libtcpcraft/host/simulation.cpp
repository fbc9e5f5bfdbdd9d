#include <utility>

#include <libtcpcraft/host/setup.hpp>
#include <libtcpcraft/host/simulation.hpp>
#include <libtcpcraft/link/fault_link.hpp>

namespace tcpcraft {

namespace {

Endpoint fixed(std::string_view text) { return Endpoint::read(text).value_or(Endpoint{}); }

SimHostOptions peer_of(const SimulationOptions& options, const ConnectionId& ours) {
    SimHostOptions peer = options.peer;
    peer.address = ours.remote.address;
    if (peer.policy.syn_options.empty()) {
        peer.policy.syn_options = usual_syn_options(ours.remote.address.family(), 1500);
    }
    if (options.peer_opens != 0) {
        peer.active_open =
            SimOpen{ours.local, Port{40000}, Instant{} + Duration{1000}, options.peer_opens};
    } else if (peer.listening.empty()) {
        peer.listening.push_back(ours.remote.port);
    }
    return peer;
}

ConnectionId ends_of(const SimulationOptions& options) {
    ConnectionId ends{options.local.value_or(simulated_local(options.family)),
                      options.remote.value_or(simulated_remote(options.family))};
    if (options.peer_opens != 0 && !options.local) {
        ends.local.port = Port{80};
    }
    return ends;
}

}  // namespace

Endpoint simulated_local(Family family) {
    return fixed(family == Family::v6 ? "[2001:db8::1]:40000" : "192.0.2.1:40000");
}

Endpoint simulated_remote(Family family) {
    return fixed(family == Family::v6 ? "[2001:db8::2]:80" : "192.0.2.2:80");
}

struct Simulation::State {
    explicit State(const SimulationOptions& options)
        : ends{ends_of(options)},
          server{options.peer_opens != 0},
          network{options.network},
          faults{network.near(), network, options.faults, options.seed},
          peer{network.far(), network, peer_of(options, ends)} {}

    ConnectionId ends;
    bool server;
    SimNetwork network;
    FaultLink faults;
    SimHost peer;
    std::chrono::system_clock::time_point started_at{std::chrono::system_clock::now()};
};

Simulation::Simulation(const SimulationOptions& options)
    : state_{std::make_unique<State>(options)} {}
Simulation::~Simulation() = default;

Link& Simulation::link() { return state_->faults; }
Alarm& Simulation::alarm() { return state_->network; }
Endpoint Simulation::local() const { return state_->ends.local; }

std::optional<Endpoint> Simulation::remote() const {
    return state_->server ? std::nullopt : std::optional{state_->ends.remote};
}

std::chrono::system_clock::time_point Simulation::started_at() const { return state_->started_at; }

bool Simulation::run(const std::function<bool()>& finished) {
    return state_->network.run(finished) == SimEnding::finished;
}

bool Simulation::turn() { return state_->network.step(); }

SimHost& Simulation::peer() noexcept { return state_->peer; }
SimNetwork& Simulation::network() noexcept { return state_->network; }

}  // namespace tcpcraft
