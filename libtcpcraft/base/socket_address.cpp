#include <algorithm>
#include <array>
#include <cstring>

#include <netinet/in.h>

#include <libtcpcraft/base/socket_address.hpp>

namespace tcpcraft {

SocketAddress SocketAddress::of(const Endpoint& endpoint) noexcept {
    SocketAddress made;
    const auto octets = endpoint.address.octets();
    if (endpoint.address.is_v6()) {
        sockaddr_in6 v6{};
        v6.sin6_family = AF_INET6;
        v6.sin6_port = htons(endpoint.port.value);
        v6.sin6_scope_id = endpoint.address.zone();
        std::memcpy(&v6.sin6_addr, octets.data(), octets.size());
        std::memcpy(&made.storage, &v6, sizeof v6);
        made.size = sizeof v6;
        return made;
    }
    sockaddr_in v4{};
    v4.sin_family = AF_INET;
    v4.sin_port = htons(endpoint.port.value);
    std::memcpy(&v4.sin_addr, octets.data(), octets.size());
    std::memcpy(&made.storage, &v4, sizeof v4);
    made.size = sizeof v4;
    return made;
}

Endpoint SocketAddress::endpoint() const noexcept { return endpoint_of(*generic()); }

Endpoint endpoint_of(const sockaddr& from) noexcept {
    if (from.sa_family == AF_INET) {
        sockaddr_in v4{};
        std::memcpy(&v4, &from, sizeof v4);
        std::array<std::byte, 4> octets{};
        std::memcpy(octets.data(), &v4.sin_addr, octets.size());
        return {Address::v4(octets), Port{ntohs(v4.sin_port)}};
    }
    if (from.sa_family == AF_INET6) {
        sockaddr_in6 v6{};
        std::memcpy(&v6, &from, sizeof v6);
        std::array<std::byte, 16> octets{};
        std::memcpy(octets.data(), &v6.sin6_addr, octets.size());
        return {Address::v6(octets, v6.sin6_scope_id), Port{ntohs(v6.sin6_port)}};
    }
    return {};
}

}  // namespace tcpcraft
