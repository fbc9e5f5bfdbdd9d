#include <algorithm>
#include <cerrno>
#include <fstream>
#include <iterator>

#include <fmt/format.h>
#include <tools/cli/target.hpp>
#include <tools/cli/world_place.hpp>

namespace tcpcraft::cli {

namespace {

/// Up to so many ports each is held by a socket of its own, which the kernel respects as well.
constexpr std::size_t most_leases = 64;

std::uint32_t mtu_of_interface(const std::string& interface) {
    std::ifstream file{"/sys/class/net/" + interface + "/mtu"};
    std::uint32_t mtu{1500};
    file >> mtu;
    return mtu;
}

std::string target_text(const Target& target, const Endpoint& remote) {
    const bool literal = Address::read(target.host).has_value();
    return literal ? remote.text() : fmt::format("{} ({})", remote.text(), target.host);
}

Opened<Place> client_place(const WorldRequest& request) {
    const PeerOptions& peer = request.options.peer;
    const auto target = read_target(peer);
    const auto source = read_source(peer);
    if (!target || !source) {
        return usage_failure(target ? source.error() : target.error());
    }
    const auto address = resolve(target->host, peer);
    if (!address) {
        return environment_failure(address.error());
    }
    if (const auto possible = can_be_a_peer(*address); !possible) {
        return usage_failure(possible.error());
    }
    auto route = find_route({*address, *source, peer.interface});
    if (!route) {
        return environment_failure(route.error());
    }
    auto leases = take_ports({route->source, Port{peer.source_port}}, request.ports);
    if (!leases) {
        return environment_failure(leases.error());
    }
    Place place;
    place.holding.leases = std::move(*leases);
    place.holding.remote = Endpoint{*address, target->port};
    place.mtu = route->mtu;
    place.route = std::move(*route);
    place.target_text = target_text(*target, *place.holding.remote);
    return place;
}

std::size_t most_ports_of(const std::vector<Origin>& origins) {
    return std::ranges::max_element(origins, {}, &Origin::ports)->ports;
}

/// Many ports: one range, the same for every address. A mute listener needs a socket for each.
Opened<Place> range_place(const WorldRequest& request) {
    auto range =
        PortRange::take(Port{request.options.peer.source_port}, most_ports_of(request.origins));
    if (!range) {
        return environment_failure(range.error());
    }
    Place place;
    place.holding.range = std::move(*range);
    for (const Origin& origin : request.origins) {
        place.holding.sources.push_back(origin.source);
    }
    return place;
}

Opened<Place> leases_place(const WorldRequest& request) {
    const Port first{request.options.peer.source_port};
    Place place;
    for (const Origin& origin : request.origins) {
        auto leases = take_ports({origin.source, first}, origin.ports);
        if (!leases) {
            return environment_failure(leases.error());
        }
        place.holding.origins.push_back(place.holding.leases.size());
        std::ranges::move(*leases, std::back_inserter(place.holding.leases));
    }
    return place;
}

Opened<Place> origins_place(const WorldRequest& request) {
    const bool by_range = most_ports_of(request.origins) > most_leases &&
                          request.options.firewall != FirewallMode::socket;
    auto place = by_range ? range_place(request) : leases_place(request);
    if (place) {
        place->holding.by_frames =
            request.many && std::ranges::all_of(request.origins, &Origin::by_frames);
    }
    if (place && !request.options.peer.target.empty()) {
        place->target_text = request.options.peer.target[0];
    }
    return place;
}

/// Families that this host does not have are no error, as long as one is left.
Expected<std::vector<PortLease>> take_any_address(const PeerOptions& peer, Port port) {
    std::vector<PortLease> taken;
    Error first_error{};
    for (const Family family : {Family::v4, Family::v6}) {
        if (!allows(peer, family)) {
            continue;
        }
        auto lease = PortLease::take({Address::unspecified(family), port});
        if (lease) {
            taken.push_back(std::move(*lease));
        } else if (lease.error().code.value() == EADDRINUSE || first_error.attempt.empty()) {
            first_error = lease.error();
        }
    }
    // A port that is half in use is not ours: its other half would answer.
    if (taken.empty() || first_error.code.value() == EADDRINUSE) {
        return Unexpected<Error>{first_error};
    }
    return taken;
}

Opened<Place> server_place(const WorldRequest& request) {
    const PeerOptions& peer = request.options.peer;
    const auto where = read_listen(peer);
    if (!where) {
        return usage_failure(where.error());
    }
    Place place;
    if (where->address) {
        auto lease = PortLease::take({*where->address, where->port});
        if (!lease) {
            return environment_failure(lease.error());
        }
        place.holding.leases.push_back(std::move(*lease));
        place.mtu = where->address->is_loopback() ? mtu_of_interface("lo") : place.mtu;
        place.target_text = fmt::format("listening on {}", place.holding.local().text());
    } else {
        auto leases = take_any_address(peer, where->port);
        if (!leases) {
            return environment_failure(leases.error());
        }
        place.holding.leases = std::move(*leases);
        place.target_text = fmt::format("listening on :{}", where->port.value);
    }
    if (!peer.interface.empty()) {
        place.mtu = mtu_of_interface(peer.interface);
    }
    if (place.holding.leases.size() > 1) {
        place.mtu -= 20;  // one MSS for both families: the smaller one
    }
    return place;
}

}  // namespace

Opened<Place> find_place(const WorldRequest& request) {
    if (!request.origins.empty()) {
        return origins_place(request);
    }
    return request.options.peer.listen ? server_place(request) : client_place(request);
}

GuardBackend backend_of(FirewallMode mode) noexcept {
    switch (mode) {
        case FirewallMode::nft:
            return GuardBackend::nft;
        case FirewallMode::socket:
            return GuardBackend::socket;
        case FirewallMode::none:
            return GuardBackend::none;
        case FirewallMode::iptables:
            break;
    }
    return GuardBackend::iptables;
}

std::vector<Endpoint> origins_of(const Holding& holding) {
    std::vector<Endpoint> firsts;
    for (const Address& source : holding.sources) {
        firsts.push_back({source, holding.range->first()});
    }
    for (const std::size_t begin : holding.origins) {
        firsts.push_back(holding.leases[begin].local());
    }
    return firsts;
}

}  // namespace tcpcraft::cli
