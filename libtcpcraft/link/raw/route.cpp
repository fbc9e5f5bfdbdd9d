#include <array>

#include <net/if.h>
#include <netinet/in.h>

#include <libtcpcraft/base/socket_address.hpp>
#include <libtcpcraft/link/raw/route.hpp>
#include <libtcpcraft/link/raw/route_query.hpp>
#include <libtcpcraft/link/raw/socket.hpp>

namespace tcpcraft {

namespace {

constexpr Port discard{9};  // connect() of a datagram socket wants one; nothing is sent

Expected<std::uint32_t> wanted_interface(const RouteWish& wish) {
    if (wish.interface.empty()) {
        return wish.peer.zone();
    }
    const std::uint32_t index = ::if_nametoindex(wish.interface.c_str());
    if (index == 0) {
        return failure(last_system_error(),
                       "cannot use interface '" + wish.interface + "' (see: ip link)");
    }
    return index;
}

Expected<void> bind_source(int fd, const RouteWish& wish, std::uint32_t zone) {
    if (!wish.source) {
        return {};
    }
    if (wish.source->family() != wish.peer.family()) {
        return failure({}, "cannot send from " + wish.source->text() + " to " + wish.peer.text() +
                               ": one is IPv4, the other IPv6");
    }
    const Address from = wish.source->is_link_local() ? wish.source->with_zone(zone) : *wish.source;
    const SocketAddress source = SocketAddress::of({from, Port{0}});
    if (::bind(fd, source.generic(), source.size) != 0) {
        return failure(last_system_error(), "cannot send from " + wish.source->text() +
                                                ": not an address of this host (see: ip address)");
    }
    return {};
}

Expected<void> connect_to(int fd, const Address& peer) {
    const SocketAddress to = SocketAddress::of({peer, discard});
    if (::connect(fd, to.generic(), to.size) == 0) {
        return {};
    }
    return Unexpected<Error>{no_route(last_system_error(), peer)};
}

Address source_of(int fd, std::uint32_t zone) {
    SocketAddress from;
    ::getsockname(fd, from.generic(), &from.size);
    const Address address = from.endpoint().address;
    return address.is_link_local() ? address.with_zone(zone) : address;
}

std::uint32_t mtu_of(int fd, Family family) noexcept {
    int mtu = 0;
    socklen_t size = sizeof mtu;
    const bool v6 = family == Family::v6;
    ::getsockopt(fd, v6 ? IPPROTO_IPV6 : IPPROTO_IP, v6 ? IPV6_MTU : IP_MTU, &mtu, &size);
    return static_cast<std::uint32_t>(mtu);
}

Expected<Route> describe(int fd, const Address& peer, std::uint32_t zone) {
    Route made;
    made.source = source_of(fd, zone);
    made.mtu = mtu_of(fd, peer.family());
    return query_first_hop(made.source, peer, zone).map([&](const FirstHop& hop) {
        std::array<char, IF_NAMESIZE> name{};
        made.interface_index = hop.interface_index;
        made.gateway = hop.gateway;
        if (::if_indextoname(hop.interface_index, name.data()) != nullptr) {
            made.interface = name.data();
        }
        return made;
    });
}

}  // namespace

Expected<Route> find_route(const RouteWish& wish) {
    const auto index = wanted_interface(wish);
    if (!index) {
        return Unexpected<Error>{index.error()};
    }
    if (wish.peer.is_link_local() && *index == 0) {
        return failure({}, "cannot find the way to " + wish.peer.text() +
                               ": a link-local address needs its interface, as in " +
                               wish.peer.text() + "%eth0");
    }
    const Address peer = wish.peer.is_link_local() ? wish.peer.with_zone(*index) : wish.peer;
    auto socket = make_socket(peer.is_v6() ? AF_INET6 : AF_INET, SOCK_DGRAM, 0, "route");
    if (!socket) {
        return Unexpected<Error>{socket.error()};
    }
    const int fd = socket->raw();
    const auto ready = bind_to_interface(fd, wish.interface)
                           .and_then([&] { return bind_source(fd, wish, *index); })
                           .and_then([&] { return connect_to(fd, peer); });
    if (!ready) {
        return Unexpected<Error>{ready.error()};
    }
    return describe(fd, peer, *index);
}

}  // namespace tcpcraft
