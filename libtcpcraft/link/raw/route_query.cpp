#include <array>
#include <cstring>

#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include <libtcpcraft/link/raw/route_query.hpp>
#include <libtcpcraft/link/raw/socket.hpp>

namespace tcpcraft {

namespace {

using Octets = std::span<const std::byte>;

template <typename T>
void append(std::vector<std::byte>& out, const T& value) {
    const auto octets = std::as_bytes(std::span{&value, 1});
    out.insert(out.end(), octets.begin(), octets.end());
}

void append_attribute(std::vector<std::byte>& out, std::uint16_t type, Octets value) {
    const rtattr header{static_cast<std::uint16_t>(RTA_LENGTH(value.size())), type};
    append(out, header);
    out.insert(out.end(), value.begin(), value.end());
    out.resize(NLMSG_ALIGN(out.size()));
}

/// A structure at the start of octets that may be too short for it.
template <typename T>
std::optional<T> take(Octets octets) {
    if (octets.size() < sizeof(T)) {
        return std::nullopt;
    }
    T value{};
    std::memcpy(&value, octets.data(), sizeof value);
    return value;
}

std::optional<Address> address_in(Octets value) {
    switch (value.size()) {
        case 4:
            return Address::v4(value.first<4>());
        case 16:
            return Address::v6(value.first<16>());
        default:
            return std::nullopt;
    }
}

void read_attribute(FirstHop& hop, std::uint16_t type, Octets value) {
    if (type == RTA_OIF) {
        hop.interface_index = take<std::uint32_t>(value).value_or(0);
    } else if (type == RTA_GATEWAY) {
        hop.gateway = address_in(value);
    } else if (type == RTA_VIA && value.size() > sizeof(rtvia)) {  // a gateway of the other family
        hop.gateway = address_in(value.subspan(sizeof(rtvia)));
    }
}

FirstHop read_attributes(Octets rest) {
    FirstHop hop;
    for (auto header = take<rtattr>(rest); header; header = take<rtattr>(rest)) {
        if (header->rta_len < sizeof(rtattr) || header->rta_len > rest.size()) {
            break;
        }
        const Octets whole = rest.first(header->rta_len);
        read_attribute(hop, header->rta_type, whole.subspan(sizeof(rtattr)));
        rest = rest.subspan(std::min(rest.size(), std::size_t{RTA_ALIGN(header->rta_len)}));
    }
    return hop;
}

Unexpected<Error> broken_answer(const Address& peer) {
    return failure({}, "cannot ask the kernel for the route to " + peer.text() + ": broken answer");
}

}  // namespace

std::vector<std::byte> write_route_query(const Address& source, const Address& peer,
                                         std::uint32_t interface_index) {
    nlmsghdr header{};
    header.nlmsg_type = RTM_GETROUTE;
    header.nlmsg_flags = NLM_F_REQUEST;
    rtmsg route{};
    route.rtm_family = peer.is_v6() ? AF_INET6 : AF_INET;
    route.rtm_dst_len = static_cast<unsigned char>(peer.octets().size() * 8);
    std::vector<std::byte> query;
    append(query, header);
    append(query, route);
    append_attribute(query, RTA_DST, peer.octets());
    if (!source.is_unspecified()) {
        append_attribute(query, RTA_SRC, source.octets());
    }
    if (interface_index != 0) {
        append_attribute(query, RTA_OIF, std::as_bytes(std::span{&interface_index, 1}));
    }
    header.nlmsg_len = static_cast<std::uint32_t>(query.size());
    std::memcpy(query.data(), &header, sizeof header);
    return query;
}

Expected<FirstHop> read_route_answer(Octets answer, const Address& peer) {
    const auto header = take<nlmsghdr>(answer);
    if (!header || header->nlmsg_len > answer.size() || header->nlmsg_len < sizeof(nlmsghdr)) {
        return broken_answer(peer);
    }
    const Octets body = answer.first(header->nlmsg_len).subspan(sizeof(nlmsghdr));
    if (header->nlmsg_type == NLMSG_ERROR) {
        const auto told = take<nlmsgerr>(body);
        const int code = told ? -told->error : 0;
        return Unexpected<Error>{no_route({code, std::system_category()}, peer)};
    }
    if (header->nlmsg_type != RTM_NEWROUTE || body.size() < sizeof(rtmsg)) {
        return broken_answer(peer);
    }
    return read_attributes(body.subspan(NLMSG_ALIGN(sizeof(rtmsg))));
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
