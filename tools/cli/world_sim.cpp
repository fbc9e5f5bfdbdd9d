#include <algorithm>
#include <csignal>
#include <map>
#include <optional>

#include <fmt/format.h>
#include <poll.h>
#include <tools/cli/sim_switch.hpp>
#include <tools/cli/target.hpp>
#include <tools/cli/world_place.hpp>
#include <tools/cli/world_sim.hpp>

#include <libtcpcraft/host/setup.hpp>
#include <libtcpcraft/host/simulation.hpp>
#include <libtcpcraft/link/fault_link.hpp>
#include <libtcpcraft/sim/sim_network.hpp>

namespace tcpcraft::cli {

namespace {

constexpr Port our_port{40000};
constexpr Port peer_port{80};

// What a signal handler may touch.
volatile std::sig_atomic_t interrupts = 0;
void on_signal(int /*signal*/) { interrupts = interrupts + 1; }

Address fixed(std::string_view text) { return Address::read(text).value_or(Address{}); }

Address simulated_peer_address(bool v6) {
    return simulated_remote(v6 ? Family::v6 : Family::v4).address;
}

struct Ends {
    Endpoint local{};
    Endpoint remote{};
    std::string text{};
};

Opened<Ends> client_ends(const PeerOptions& peer) {
    Target target{simulated_peer_address(peer.only_v6).text(), peer_port};
    if (!peer.target.empty()) {
        auto read = read_target(peer);
        if (!read) {
            return usage_failure(read.error());
        }
        target = std::move(*read);
    }
    const auto source = read_source(peer);
    if (!source) {
        return usage_failure(source.error());
    }
    const auto literal = Address::read(target.host);  // names are not resolved: no packet leaves
    const Address remote = literal ? *literal : simulated_peer_address(peer.only_v6);
    if (source->has_value() && (*source)->family() != remote.family()) {
        return usage_failure({{}, "--source and the target are of different families"});
    }
    const Port port = peer.source_port != 0 ? Port{peer.source_port} : our_port;
    Ends ends;
    ends.local = {source->value_or(simulated_source(remote.family())), port};
    ends.remote = {remote, target.port};
    ends.text = ends.remote.text() + (literal ? "" : " (" + target.host + ", simulated)");
    return ends;
}

Opened<Ends> server_ends(const PeerOptions& peer) {
    const auto where = read_listen(peer);
    if (!where) {
        return usage_failure(where.error());
    }
    const bool v6 = where->address ? where->address->is_v6() : peer.only_v6;
    Ends ends;
    ends.local = {where->address.value_or(simulated_source(v6 ? Family::v6 : Family::v4)),
                  where->port};
    ends.remote = {simulated_peer_address(v6), our_port};
    ends.text = "listening on " + ends.local.text() + " (simulated)";
    return ends;
}

SimHostOptions host_at(const WorldRequest& request, const Address& address) {
    SimHostOptions host = request.simulated_peer.value_or(SimHostOptions{});
    host.address = address;
    if (host.policy.syn_options.empty()) {
        host.policy.syn_options = usual_syn_options(address.family(), 1500);
    }
    return host;
}

SimHostOptions peer_options(const WorldRequest& request, const Ends& ends) {
    SimHostOptions host = host_at(request, ends.remote.address);
    if (request.simulated_peer_opens || request.options.peer.listen) {
        host.active_open = SimOpen{ends.local, ends.remote.port, Instant{} + Duration{1000},
                                   request.simulated_clients};
    } else if (!request.simulated_peer_refuses) {
        host.listening.push_back(ends.remote.port);
    }
    return host;
}

class SimWorld final : public World {
public:
    SimWorld(const WorldRequest& request, Ends ends)
        : ends_{std::move(ends)},
          faults_{near(request.simulated_path), network_, request.options.faults} {
        if (request.simulated_others) {
            others_ = request.simulated_others(network_.far(), network_, ends_.local);
        } else if (request.origins.empty()) {
            add_peer(peer_options(request, ends_));
        } else {
            add_peers(request);
        }
        interrupts = 0;
        for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
            std::signal(signal, on_signal);
        }
    }

    Link& link() override { return faults_; }
    Alarm& alarm() override { return network_; }
    [[nodiscard]] Endpoint local() const override { return ends_.local; }
    [[nodiscard]] Endpoint remote() const override { return ends_.remote; }
    [[nodiscard]] std::uint32_t mtu() const override { return 1500; }
    [[nodiscard]] std::string target_text() const override { return ends_.text; }
    [[nodiscard]] std::chrono::system_clock::time_point started_at() const override {
        return started_at_;
    }

    void run(const std::function<bool()>& finished,
             const std::function<void()>& interrupted) override {
        const auto over = [&finished] { return interrupts > 0 || finished(); };
        while (!over()) {
            const SimEnding ending = network_.run(over);
            if (ending != SimEnding::finished && !serve_watches()) {
                break;  // nothing can happen any more
            }
        }
        if (!finished()) {
            interrupted();
            network_.run([&finished] { return interrupts > 1 || finished(); });
        }
    }

    void narrow(const ConnectionId& /*id*/) override {}
    std::vector<Note> evidence() override { return {}; }
    [[nodiscard]] std::vector<std::string> plan() const override {
        return {"simulated: no route, no firewall rule, no packet"};
    }
    SimHost* simulated_peer() override { return peers_.empty() ? nullptr : peers_.front().get(); }
    [[nodiscard]] std::vector<Endpoint> origins() const override { return origins_; }
    void watch(int descriptor, std::function<void()> readable) override {
        watches_.emplace_back(descriptor, std::move(readable));
    }

private:
    Link& near(const std::optional<ForgetfulPathOptions>& path) {
        if (!path) {
            return network_.near();
        }
        return path_.emplace(network_.near(), network_, *path);
    }

    void add_peer(SimHostOptions options) {
        Link& link = switch_.port_of(options.address);
        peers_.push_back(std::make_unique<SimHost>(link, network_, std::move(options)));
    }

    void add_peers(const WorldRequest& request) {
        for (const Origin& origin : request.origins) {
            const std::uint16_t first = request.options.peer.source_port;
            origins_.push_back({origin.source, first != 0 ? Port{first} : our_port});
        }
        std::map<Address, std::vector<Port>> listening;
        for (const Endpoint& peer : request.simulated_peers) {
            listening[peer.address].push_back(peer.port);
        }
        for (auto& [address, ports] : listening) {
            SimHostOptions host = host_at(request, address);
            host.listening = std::move(ports);
            add_peer(std::move(host));
        }
    }

    /// Waits for the person; false when there is nobody to wait for.
    bool serve_watches() {
        std::vector<pollfd> polled;
        for (const auto& watch : watches_) {
            polled.push_back({watch.first, POLLIN, 0});
        }
        if (polled.empty() || ::poll(polled.data(), polled.size(), -1) < 0) {
            return !polled.empty() && interrupts > 0;
        }
        for (std::size_t i = 0; i < polled.size(); ++i) {
            if (polled[i].revents != 0) {
                watches_[i].second();
            }
        }
        return true;
    }

    Ends ends_;
    SimNetwork network_{};
    std::optional<ForgetfulPath> path_{};
    FaultLink faults_;
    SimSwitch switch_{network_.far()};
    std::vector<std::unique_ptr<SimHost>> peers_{};
    std::vector<Endpoint> origins_{};
    std::shared_ptr<void> others_{};
    std::vector<std::pair<int, std::function<void()>>> watches_{};
    std::chrono::system_clock::time_point started_at_{std::chrono::system_clock::now()};
};

}  // namespace

Address simulated_source(Family family) { return simulated_local(family).address; }

// RFC 2544's network for measurements; RFC 3849's for documentation.
Address simulated_address(std::uint32_t number, bool v6) {
    const std::uint32_t in_network = (number + 1) % (1U << 17U);
    return v6 ? fixed(fmt::format("2001:db8:5::{:x}:{:x}", in_network >> 16U, in_network & 0xffffU))
              : fixed(fmt::format("198.{}.{}.{}", 18 + (in_network >> 16U),
                                  (in_network >> 8U) & 0xffU, in_network & 0xffU));
}

Opened<std::unique_ptr<World>> open_simulation(const WorldRequest& request) {
    if (!request.origins.empty()) {
        const Endpoint local{request.origins.front().source, our_port};
        return std::make_unique<SimWorld>(request,
                                          Ends{local, {}, typed_target(request.options.peer)});
    }
    const PeerOptions& peer = request.options.peer;
    auto ends = peer.listen ? server_ends(peer) : client_ends(peer);
    if (!ends) {
        return tl::unexpected<World::Failure>{ends.error()};
    }
    return std::make_unique<SimWorld>(request, std::move(*ends));
}

}  // namespace tcpcraft::cli
