#pragma once

#include <cstdint>
#include <optional>

#include <libtcpcraft/base/address.hpp>

namespace tcpcraft {

/// Whose segments a link is to see: those to `local` (and from `remote`, where it is given).
struct CaptureScope {
    Endpoint local{};  ///< address unspecified: any of this host's, of that family
    Port last_port{};  ///< with local.port as the first: a range; 0 means that port only
    std::optional<Endpoint> remote{};  ///< address unspecified or port 0 match any

    /// Which IP.
    [[nodiscard]] Family family() const noexcept { return local.address.family(); }
    /// The last of them.
    [[nodiscard]] Port last() const noexcept {
        return last_port.value == 0 ? local.port : last_port;
    }
    /// Is this pair of sockets within the scope? Zones do not count: packets carry none.
    [[nodiscard]] bool covers(const ConnectionId& id) const noexcept {
        const auto same = [](const Address& wanted, const Address& seen) {
            return wanted.family() == seen.family() &&
                   (wanted.is_unspecified() || wanted.with_zone(0) == seen.with_zone(0));
        };
        if (!same(local.address, id.local.address) || id.local.port < local.port ||
            last() < id.local.port) {
            return false;
        }
        return !remote || (same(remote->address, id.remote.address) &&
                           (remote->port.value == 0 || remote->port == id.remote.port));
    }
};

}  // namespace tcpcraft
