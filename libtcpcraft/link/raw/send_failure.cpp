#include <cerrno>
#include <string>

#include <libtcpcraft/link/raw/send_failure.hpp>

namespace tcpcraft {

namespace {

std::string why_not_sent(int error, const Outgoing& packet) {
    switch (error) {
        case EPERM:
            return ": the local netfilter dropped it (an OUTPUT rule, or conntrack found it "
                   "INVALID; see: iptables-save, nft list ruleset)";
        case EMSGSIZE:
            return ": its " + std::to_string(packet.octets.size()) +
                   " octets exceed the MTU of the path";
        case ENETUNREACH:
            return ": there is no route (see: ip route get " + packet.destination.text() + ")";
        case EHOSTUNREACH:
            return ": the host does not answer on its link, or a route forbids it";
        case EACCES:
            return ": it is a broadcast address, or a route prohibits it";
        case EINVAL:
            return ": the kernel refuses its IP header, or a link-local address lacks a zone "
                   "(fe80::1%eth0)";
        case ENETDOWN:
            return ": the interface is down (see: ip link)";
        default:
            return "";
    }
}

}  // namespace

Error send_failure(int error, const Outgoing& packet) {
    return {{error, std::system_category()},
            "send to " + packet.destination.text() + why_not_sent(error, packet)};
}

}  // namespace tcpcraft
