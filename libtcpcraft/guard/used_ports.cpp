#include <array>
#include <cstddef>
#include <cstring>
#include <span>
#include <vector>

#include <arpa/inet.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <libtcpcraft/base/descriptor.hpp>
#include <libtcpcraft/guard/used_ports.hpp>

namespace tcpcraft {

namespace {

struct Request {
    nlmsghdr header{};
    inet_diag_req_v2 about{};
};

Request request_for(int family) noexcept {
    Request made;
    made.header.nlmsg_len = sizeof made;
    made.header.nlmsg_type = SOCK_DIAG_BY_FAMILY;
    made.header.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
    made.about.sdiag_family = static_cast<__u8>(family);
    made.about.sdiag_protocol = IPPROTO_TCP;
    made.about.idiag_states = ~0U;
    return made;
}

/// Of one datagram of the answer; whether there is more to come.
Expected<bool> note_ports(PortSet& ports, std::span<const std::byte> octets) {
    while (octets.size() >= sizeof(nlmsghdr)) {
        nlmsghdr header{};
        std::memcpy(&header, octets.data(), sizeof header);
        if (header.nlmsg_type == NLMSG_DONE) {
            return false;
        }
        const std::size_t size = header.nlmsg_len;
        if (header.nlmsg_type == NLMSG_ERROR || size < sizeof header || size > octets.size()) {
            return failure({}, "ask the kernel which ports are in use (sock_diag)");
        }
        inet_diag_msg socket{};
        if (size >= sizeof header + sizeof socket) {
            std::memcpy(&socket, octets.data() + NLMSG_HDRLEN, sizeof socket);
            ports.set(ntohs(socket.id.idiag_sport));
        }
        octets = octets.subspan(std::min(octets.size(), std::size_t{NLMSG_ALIGN(size)}));
    }
    return true;
}

Expected<void> note_ports_of(PortSet& ports, int netlink, int family) {
    const Request request = request_for(family);
    std::vector<std::byte> answer(64 * std::size_t{1024});
    bool more = ::send(netlink, &request, sizeof request, 0) >= 0;
    if (!more) {
        return failure(last_system_error(), "ask the kernel which ports are in use (sock_diag)");
    }
    while (more) {
        const ssize_t size = ::recv(netlink, answer.data(), answer.size(), 0);
        if (size <= 0) {
            return failure(last_system_error(),
                           "ask the kernel which ports are in use (sock_diag)");
        }
        const auto noted =
            note_ports(ports, std::span{answer}.first(static_cast<std::size_t>(size)));
        if (!noted) {
            return Unexpected<Error>{noted.error()};
        }
        more = *noted;
    }
    return {};
}

}  // namespace

Expected<PortSet> used_ports() {
    const Descriptor netlink{::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG)};
    if (!netlink.open()) {
        return failure(last_system_error(), "ask the kernel which ports are in use (sock_diag)");
    }
    PortSet ports;
    return note_ports_of(ports, netlink.raw(), AF_INET)
        .and_then([&] { return note_ports_of(ports, netlink.raw(), AF_INET6); })
        .map([&] { return ports; });
}

}  // namespace tcpcraft
