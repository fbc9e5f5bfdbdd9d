#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include <tools/cli/target_run.hpp>
#include <tools/handshake_options.hpp>

#include <libtcpcraft/drive/handshake_fleet.hpp>

namespace tcpcraft::cli {

/// So many ports of this host are held for that many connections at once to one target: while one
/// has just been used, another is taken.
[[nodiscard]] std::size_t ports_for(std::size_t count, std::size_t in_flight) noexcept;

/// Leads a fleet of handshakes: one with each target of a list, or many with one.
class HandshakeCrew final : public TargetLeader {
public:
    /// What is led, and where; all must outlive the crew.
    struct Means {
        const HandshakeOptions& options;
        World& world;
        TargetOutput& output;
        const TargetPlaces& places;
        std::size_t ports;  ///< of this host, for one target
    };
    explicit HandshakeCrew(const Means& means);

    void run() override;
    void conclude(TargetConclusion& conclusion) const override;
    [[nodiscard]] ConnectionSetup setup(const PlacedTarget& target) const override;

private:
    [[nodiscard]] HandshakeFleetSetup fleet_setup();
    [[nodiscard]] std::size_t policy_for(Family family, std::uint32_t mtu);
    [[nodiscard]] std::optional<HandshakeOrder> next();
    [[nodiscard]] ConnectionId id_of(const PlacedTarget& target) const;
    [[nodiscard]] ConnectionId free_id();
    [[nodiscard]] bool single() const noexcept { return !options_.targets.given(); }
    [[nodiscard]] std::size_t total() const noexcept;
    void reported(const HandshakeReport& report);
    void stop(HandshakeOutcome why);
    void tell_untried();
    void tell_evidence();
    void tell_progress();
    void watch_progress();
    [[nodiscard]] std::optional<Duration> time_left() const;
    [[nodiscard]] Instant now() const { return world_.alarm().now(); }

    const HandshakeOptions& options_;
    World& world_;
    TargetOutput& output_;
    const TargetPlaces& places_;
    std::size_t ports_;
    std::vector<Endpoint> origins_;
    std::vector<std::size_t> reachable_{};  ///< indices of targets
    std::vector<Policy> policies_{};
    std::map<std::pair<Family, std::uint32_t>, std::size_t> policy_of_{};  ///< by the path's MTU
    Surroundings around_;
    std::optional<HandshakeFleet> fleet_{};
    std::size_t next_{0};  ///< of reachable_, or of the many with one
    std::size_t next_port_{0};
    Instant started_{};
    bool stopped_{false};
    bool interrupted_{false};
    Instant quiet_at_{};
};

}  // namespace tcpcraft::cli
