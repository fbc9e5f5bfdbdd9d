#pragma once

// Private: which connection a packet belongs to.

#include <cstddef>

#include <libtcpcraft/base/address.hpp>
#include <libtcpcraft/wire/codec.hpp>

namespace tcpcraft {

[[nodiscard]] inline std::size_t mixed(std::size_t seed, std::size_t value) noexcept {
    return seed ^ (value + 0x9e3779b97f4a7c15U + (seed << 6U) + (seed >> 2U));
}

[[nodiscard]] inline std::size_t hash_of(const Endpoint& end) noexcept {
    std::size_t seed = end.port.value;
    for (const std::byte octet : end.address.octets()) {
        seed = mixed(seed, std::to_integer<std::size_t>(octet));
    }
    return seed;
}

[[nodiscard]] inline std::size_t hash_of(const ConnectionId& id) noexcept {
    return mixed(hash_of(id.local), hash_of(id.remote));
}

/// Zones are ours, not the packet's: they do not take part in finding a connection.
[[nodiscard]] inline ConnectionId without_zones(ConnectionId id) noexcept {
    id.local.address = id.local.address.with_zone(0);
    id.remote.address = id.remote.address.with_zone(0);
    return id;
}

[[nodiscard]] inline ConnectionId seen_from_here(const Datagram& datagram) noexcept {
    return {{datagram.ip.destination, datagram.segment.destination},
            {datagram.ip.source, datagram.segment.source}};
}

}  // namespace tcpcraft
