#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <tools/cli/world.hpp>

#include <libtcpcraft/base/address.hpp>
#include <libtcpcraft/guard/port_lease.hpp>
#include <libtcpcraft/guard/port_range.hpp>
#include <libtcpcraft/guard/rst_guard.hpp>
#include <libtcpcraft/link/raw/route.hpp>

namespace tcpcraft::cli {

template <typename T>
using Opened = tl::expected<T, World::Failure>;

[[nodiscard]] inline tl::unexpected<World::Failure> environment_failure(Error error) {
    return tl::unexpected<World::Failure>{World::Failure{.error = std::move(error)}};
}
[[nodiscard]] inline tl::unexpected<World::Failure> usage_failure(Error error) {
    return tl::unexpected<World::Failure>{World::Failure{.error = std::move(error), .usage = true}};
}
[[nodiscard]] inline tl::unexpected<World::Failure> interrupted_failure(Error error) {
    return tl::unexpected<World::Failure>{
        World::Failure{.error = std::move(error), .interrupted = true}};
}

/// Where on this host a run takes place: addresses, route, and the ports that are held for it.
struct Place {
    /// Client role: consecutive ports of one address, with many targets of each origin. Server
    /// role: one port, of each family.
    std::vector<PortLease> leases{};
    std::optional<Endpoint> remote{};    ///< client role with one target
    std::optional<Route> route{};        ///< the same
    std::vector<std::size_t> origins{};  ///< many targets: where in `leases` each begins
    /// In place of leases, many targets and many ports: the same for each of these addresses.
    std::optional<PortRange> range{};
    std::vector<Address> sources{};
    /// Packets leave past this host's netfilter, so that those that arrive may be kept from it too.
    bool by_frames{false};
    std::uint32_t mtu{1500};
    std::string target_text{};

    [[nodiscard]] Endpoint local() const {
        return range ? Endpoint{sources.front(), range->first()} : leases.front().local();
    }
    [[nodiscard]] bool server() const { return !remote && origins.empty() && !range; }
};

/// A world at a place of this host, which it holds to its end.
class PlacedWorld : public World {
public:
    [[nodiscard]] Endpoint local() const override { return place_.local(); }
    [[nodiscard]] std::vector<Endpoint> origins() const override;
    [[nodiscard]] Endpoint remote() const override { return place_.remote.value_or(Endpoint{}); }
    [[nodiscard]] std::uint32_t mtu() const override { return place_.mtu; }
    [[nodiscard]] std::string target_text() const override { return place_.target_text; }

protected:
    explicit PlacedWorld(Place place) : place_{std::move(place)} {}
    [[nodiscard]] Place& place() noexcept { return place_; }
    [[nodiscard]] const Place& place() const noexcept { return place_; }

private:
    Place place_;
};

/// Resolves, finds the route and takes the ports. Sends nothing but the resolver's questions.
[[nodiscard]] Opened<Place> find_place(const WorldRequest& request);

[[nodiscard]] GuardBackend backend_of(FirewallMode mode) noexcept;
/// Which of the kernel's doors the rule shuts there.
[[nodiscard]] RuleSide side_of(const Place& place, FirewallMode mode) noexcept;

/// Ports that lie side by side and are held for the same: one rule and one capture for each.
struct HeldPorts {
    Endpoint first{};
    Port last{};
    PortLease* lease{nullptr};  ///< of the first, where each has one
};
[[nodiscard]] std::vector<HeldPorts> ranges_of(Place& place);

/// What has to be guarded there: one request for each rule. They point to the place's leases.
[[nodiscard]] std::vector<GuardRequest> guard_requests(Place& place, FirewallMode mode);

/// A world in which nothing happens: for --dry-run.
[[nodiscard]] std::unique_ptr<World> open_plan(Place place, FirewallMode mode);
[[nodiscard]] Opened<std::unique_ptr<World>> open_raw(const WorldRequest& request, Place place);
[[nodiscard]] Opened<std::unique_ptr<World>> open_simulation(const WorldRequest& request);

}  // namespace tcpcraft::cli
