#include <array>

#include <sys/socket.h>

#include <libtcpcraft/link/raw/netlink.hpp>
#include <libtcpcraft/link/raw/route_query.hpp>
#include <libtcpcraft/link/raw/socket.hpp>

namespace tcpcraft {

namespace {

using Octets = std::span<const std::byte>;

void read_attribute(FirstHop& hop, std::uint16_t type, Octets value) {
    if (type == RTA_OIF) {
        hop.interface_index = take_as<std::uint32_t>(value).value_or(0);
    } else if (type == RTA_GATEWAY) {
        hop.gateway = address_in(value);
    } else if (type == RTA_VIA && value.size() > sizeof(rtvia)) {  // a gateway of the other family
        hop.gateway = address_in(value.subspan(sizeof(rtvia)));
    } else if (type == RTA_ENCAP_TYPE) {
        hop.unicast = false;
    }
}

Unexpected<Error> broken_answer(const Address& peer) {
    return failure({}, "cannot ask the kernel for the route to " + peer.text() + ": broken answer");
}

}  // namespace

std::vector<std::byte> write_route_query(const Address& source, const Address& peer,
                                         std::uint32_t interface_index) {
    rtmsg route{};
    route.rtm_family = peer.is_v6() ? AF_INET6 : AF_INET;
    route.rtm_dst_len = static_cast<unsigned char>(peer.octets().size() * 8);
    NetlinkRequest query{RTM_GETROUTE, 0};
    query.append(route).attribute(RTA_DST, peer.octets());
    if (!source.is_unspecified()) {
        query.attribute(RTA_SRC, source.octets());
    }
    if (interface_index != 0) {
        query.attribute(RTA_OIF, std::as_bytes(std::span{&interface_index, 1}));
    }
    return std::move(query).finish();
}

Expected<FirstHop> read_route_answer(Octets answer, const Address& peer) {
    const auto header = take_as<nlmsghdr>(answer);
    if (!header || header->nlmsg_len > answer.size() || header->nlmsg_len < sizeof(nlmsghdr)) {
        return broken_answer(peer);
    }
    const Octets body = answer.first(header->nlmsg_len).subspan(sizeof(nlmsghdr));
    if (header->nlmsg_type == NLMSG_ERROR) {
        const auto told = take_as<nlmsgerr>(body);
        const int code = told ? -told->error : 0;
        return Unexpected<Error>{no_route({code, std::system_category()}, peer)};
    }
    const auto hop = read_first_hop(*header, body);
    if (!hop) {
        return broken_answer(peer);
    }
    return *hop;
}

std::optional<FirstHop> read_first_hop(const nlmsghdr& header, Octets body) {
    if (header.nlmsg_type != RTM_NEWROUTE || body.size() < sizeof(rtmsg)) {
        return std::nullopt;
    }
    FirstHop hop;
    hop.unicast = take_as<rtmsg>(body)->rtm_type == RTN_UNICAST;
    each_attribute(body.subspan(NLMSG_ALIGN(sizeof(rtmsg))),
                   [&hop](std::uint16_t type, Octets value) { read_attribute(hop, type, value); });
    return hop;
}

Expected<FirstHop> query_first_hop(const Address& source, const Address& peer,
                                   std::uint32_t interface_index) {
    auto socket = make_socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE, "route query");
    if (!socket) {
        return Unexpected<Error>{socket.error()};
    }
    const auto query = write_route_query(source, peer, interface_index);
    std::array<std::byte, 4096> answer{};
    // The kernel answers before send() returns.
    if (::send(socket->raw(), query.data(), query.size(), 0) < 0) {
        return failure(last_system_error(),
                       "cannot ask the kernel for the route to " + peer.text());
    }
    const ssize_t size = ::recv(socket->raw(), answer.data(), answer.size(), 0);
    if (size < 0) {
        return failure(last_system_error(),
                       "cannot ask the kernel for the route to " + peer.text());
    }
    return read_route_answer(std::span{answer}.first(static_cast<std::size_t>(size)), peer);
}

Error no_route(std::error_code code, const Address& peer) {
    const std::string fix = peer.is_v6() ? "ip -6 route" : "ip route";
    return {code, "cannot find the way to " + peer.text() +
                      ": this host has no route there (see: " + fix + "; is the interface up?)"};
}

}  // namespace tcpcraft
