#include <algorithm>

#include <tools/cli/world.hpp>
#include <tools/cli/world_place.hpp>

#include <libtcpcraft/guard/privilege.hpp>

namespace tcpcraft::cli {

std::uint16_t simulated_clients_for(const PeerOptions& server) {
    return static_cast<std::uint16_t>(std::clamp<std::size_t>(server.accept, 1, 1000));
}

Opened<std::unique_ptr<World>> World::open(const WorldRequest& request) {
    const CommonOptions& options = request.options;
    // First of all: nothing has been done yet that would have to be undone.
    const auto may = options.simulate || options.dry_run
                         ? surrender_privileges()
                         : check_privileges(backend_of(options.firewall));
    if (!may) {
        return environment_failure(may.error());
    }
    if (options.simulate) {
        return open_simulation(request);
    }
    auto place = find_place(request);
    if (!place) {
        return tl::unexpected<Failure>{place.error()};
    }
    if (options.dry_run) {
        return open_plan(std::move(*place), options.firewall);
    }
    return open_raw(request, std::move(*place));
}

}  // namespace tcpcraft::cli
