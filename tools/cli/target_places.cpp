#include <algorithm>
#include <array>
#include <atomic>
#include <map>
#include <set>
#include <thread>
#include <utility>

#include <fmt/format.h>
#include <tools/cli/target_places.hpp>
#include <tools/cli/world_sim.hpp>

#include <libtcpcraft/link/raw/ring_link.hpp>
#include <libtcpcraft/link/raw/route.hpp>

namespace tcpcraft::cli {

namespace {

constexpr std::size_t resolved_at_once = 16;

using Resolved = std::map<std::string, Expected<Address>>;

/// Each name that is no literal, once.
Resolved names_in(const std::vector<ListedTarget>& listed) {
    Resolved names;
    for (const ListedTarget& one : listed) {
        if (!Address::read(one.target.host)) {
            names.emplace(one.target.host, Address{});
        }
    }
    return names;
}

// The resolver may take seconds for a name that nobody knows.
void resolve_all(Resolved& names, const PeerOptions& peer) {
    std::vector<Resolved::value_type*> all;
    for (auto& entry : names) {
        all.push_back(&entry);
    }
    std::atomic<std::size_t> next{0};
    const auto work = [&all, &next, &peer] {
        for (std::size_t i = next++; i < all.size(); i = next++) {
            all[i]->second = resolve(all[i]->first, peer);
        }
    };
    std::vector<std::thread> workers;
    for (std::size_t i = 0; i < std::min(resolved_at_once, all.size()); ++i) {
        workers.emplace_back(work);
    }
    for (std::thread& worker : workers) {
        worker.join();
    }
}

void resolve_simulated(Resolved& names, const PeerOptions& peer) {
    std::uint32_t number = 0;
    for (auto& [name, address] : names) {
        if (name.ends_with(".invalid")) {  // RFC 6761 §6.4
            address = failure({}, fmt::format("cannot resolve {}: no such name", name));
        } else {
            address = simulated_address(number++, peer.only_v6);
        }
    }
}

struct Way {
    Address source{};
    std::uint32_t mtu{1500};
    bool by_frames{false};
};

Expected<Way> way_to(const Address& peer, const CommonOptions& options) {
    if (options.simulate) {
        return Way{simulated_source(peer.family())};
    }
    const auto source = read_source(options.peer);
    if (!source) {
        return Unexpected<Error>{source.error()};
    }
    return find_route({peer, *source, options.peer.interface}).map([](const Route& route) {
        return Way{route.source, route.mtu, RingLink::carries(route.interface)};
    });
}

class Placing {
public:
    Placing(const CommonOptions& options, Resolved names)
        : options_{options}, names_{std::move(names)} {}

    void place(ListedTarget listed) {
        PlacedTarget placed{.listed = std::move(listed)};
        if (const auto found = find(placed); !found) {
            placed.failure = found.error();
        }
        made_.targets.push_back(std::move(placed));
    }

    TargetPlaces take() {
        made_.simulated.assign(simulated_.begin(), simulated_.end());
        return std::move(made_);
    }

private:
    Expected<void> find(PlacedTarget& placed) {
        const Target& target = placed.listed.target;
        const auto literal = Address::read(target.host);
        const Expected<Address> address = literal ? literal : names_.at(target.host);
        if (!address) {
            return Unexpected<Error>{address.error()};
        }
        if (const auto possible = can_be_a_peer(*address); !possible) {
            return possible;
        }
        const auto way = way_to(*address, options_);
        if (!way) {
            return Unexpected<Error>{way.error()};
        }
        placed.remote = {*address, target.port};
        placed.mtu = way->mtu;
        placed.origin = origin_of(*way);
        placed.port = taken_[{placed.origin, placed.remote}]++;
        Origin& origin = made_.origins[placed.origin];
        origin.ports = std::max<std::size_t>(origin.ports, placed.port + 1U);
        if (options_.simulate) {
            simulated_.insert(placed.remote);
        }
        return {};
    }

    std::size_t origin_of(const Way& way) {
        const auto known = std::ranges::find(made_.origins, way.source, &Origin::source);
        if (known == made_.origins.end()) {
            made_.origins.push_back({way.source, 0, way.by_frames});
            return made_.origins.size() - 1;
        }
        known->by_frames = known->by_frames && way.by_frames;
        return static_cast<std::size_t>(known - made_.origins.begin());
    }

    const CommonOptions& options_;
    Resolved names_;
    TargetPlaces made_{};
    std::map<std::pair<std::size_t, Endpoint>, std::uint16_t> taken_{};
    std::set<Endpoint> simulated_{};
};

}  // namespace

TargetPlaces place_targets(std::vector<ListedTarget> listed, const CommonOptions& options) {
    Resolved names = names_in(listed);
    options.simulate ? resolve_simulated(names, options.peer) : resolve_all(names, options.peer);
    Placing placing{options, std::move(names)};
    for (ListedTarget& one : listed) {
        placing.place(std::move(one));
    }
    return placing.take();
}

}  // namespace tcpcraft::cli
