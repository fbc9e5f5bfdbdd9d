#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include <libtcpcraft/export.hpp>
#include <libtcpcraft/host/host.hpp>
#include <libtcpcraft/link/fault_rule.hpp>
#include <libtcpcraft/sim/sim_host.hpp>
#include <libtcpcraft/sim/sim_network.hpp>

namespace tcpcraft {

/// Our end in a simulation, port 40000; no real host has the address (RFC 5737, RFC 3849).
[[nodiscard]] TCPCRAFT_API Endpoint simulated_local(Family family);
/// The peer's end in a simulation, port 80.
[[nodiscard]] TCPCRAFT_API Endpoint simulated_remote(Family family);

/// What is simulated. Everything has a default: a client and a server that listens.
struct SimulationOptions {
    Family family{Family::v4};         ///< where `local` and `remote` are not given
    std::optional<Endpoint> local{};   ///< unset: simulated_local()
    std::optional<Endpoint> remote{};  ///< unset: simulated_remote()
    /// Server role: the peer opens, so many connections, from its port 40000 on; 0: it listens.
    std::uint16_t peer_opens{0};
    SimHostOptions peer{};            ///< address, ports and the active open are filled in
    SimNetworkOptions network{};      ///< latency, and what is wrong with the path
    std::vector<FaultRule> faults{};  ///< what goes wrong on purpose (FaultLink)
    std::uint64_t seed{0};            ///< of the faults
};

/// A host in virtual time, and a peer at the other end that is made of the same engine. Needs no
/// privilege and sends nothing. Equal options give equal runs.
class TCPCRAFT_API Simulation final : public Host {
public:
    /// Made of these.
    explicit Simulation(const SimulationOptions& options = {});
    ~Simulation() override;

    [[nodiscard]] Link& link() override;
    [[nodiscard]] Alarm& alarm() override;
    [[nodiscard]] Endpoint local() const override;
    [[nodiscard]] std::optional<Endpoint> remote() const override;
    [[nodiscard]] std::uint32_t mtu() const override { return 1500; }
    [[nodiscard]] std::chrono::system_clock::time_point started_at() const override;
    bool run(const std::function<bool()>& finished) override;
    bool turn() override;

    /// The peer, whose true state can be looked at.
    [[nodiscard]] SimHost& peer() noexcept;
    /// Wire and clock.
    [[nodiscard]] SimNetwork& network() noexcept;

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace tcpcraft
