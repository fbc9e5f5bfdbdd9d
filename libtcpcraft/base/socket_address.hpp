#pragma once

#include <sys/socket.h>

#include <libtcpcraft/base/address.hpp>

namespace tcpcraft {

/// An address as the socket interface wants it.
struct SocketAddress {
    sockaddr_storage storage{};
    socklen_t size{sizeof(sockaddr_storage)};

    [[nodiscard]] static SocketAddress of(const Endpoint& endpoint) noexcept;
    [[nodiscard]] Endpoint endpoint() const noexcept;
    [[nodiscard]] sockaddr* generic() noexcept { return reinterpret_cast<sockaddr*>(&storage); }
    [[nodiscard]] const sockaddr* generic() const noexcept {
        return reinterpret_cast<const sockaddr*>(&storage);
    }
};

/// Nothing but the unspecified address where the family is neither IPv4 nor IPv6.
[[nodiscard]] Endpoint endpoint_of(const sockaddr& from) noexcept;

}  // namespace tcpcraft
