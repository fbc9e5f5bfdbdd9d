#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <tools/cli/world.hpp>

#include <libtcpcraft/base/address.hpp>
#include <libtcpcraft/guard/rst_guard.hpp>
#include <libtcpcraft/host/holding.hpp>
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

/// Where on this host a run takes place: what is held of it, and the route.
struct Place {
    Holding holding{};
    std::optional<Route> route{};  ///< client role with one target
    std::uint32_t mtu{1500};
    std::string target_text{};
};

/// Address and first port of each origin of many targets.
[[nodiscard]] std::vector<Endpoint> origins_of(const Holding& holding);

/// Resolves, finds the route and takes the ports. Sends nothing but the resolver's questions.
[[nodiscard]] Opened<Place> find_place(const WorldRequest& request);

[[nodiscard]] GuardBackend backend_of(FirewallMode mode) noexcept;

/// A world in which nothing happens: for --dry-run.
[[nodiscard]] std::unique_ptr<World> open_plan(Place place, FirewallMode mode);
[[nodiscard]] Opened<std::unique_ptr<World>> open_raw(const WorldRequest& request, Place place);
[[nodiscard]] Opened<std::unique_ptr<World>> open_simulation(const WorldRequest& request);

}  // namespace tcpcraft::cli
