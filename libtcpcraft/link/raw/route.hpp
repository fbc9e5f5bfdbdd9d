#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <libtcpcraft/base/address.hpp>
#include <libtcpcraft/base/expected.hpp>
#include <libtcpcraft/export.hpp>

namespace tcpcraft {

/// How this host would send to a peer.
struct Route {
    Address source{};                  ///< with the zone where it is link-local
    std::uint32_t interface_index{0};  ///< the kernel's number of it
    std::string interface {};          ///< `lo` towards this host's own addresses
    std::uint32_t mtu{0};              ///< of the path, as far as the kernel knows it, in octets
    std::optional<Address> gateway{};  ///< the next hop, where that is not the peer itself
};

/// Whom to find a route to.
struct RouteWish {
    Address peer{};                   ///< to be reached
    std::optional<Address> source{};  ///< one of this host's addresses; unset: the kernel's choice
    std::string interface {};         ///< empty: the kernel's choice
};

/// Asks the kernel; sends nothing. Errors: no route, a link-local peer without a zone, a source
/// that is not this host's, no such interface.
[[nodiscard]] TCPCRAFT_API Expected<Route> find_route(const RouteWish& wish);

}  // namespace tcpcraft
