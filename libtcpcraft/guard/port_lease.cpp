#include <cerrno>
#include <utility>

#include <linux/filter.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <libtcpcraft/base/descriptor.hpp>
#include <libtcpcraft/base/socket_address.hpp>
#include <libtcpcraft/guard/port_lease.hpp>
#include <libtcpcraft/guard/port_range.hpp>

namespace tcpcraft {

namespace {

// <netinet/in.h> has it, but not under every feature macro; <linux/in6.h> clashes with it.
constexpr int ipv6_min_hop_count = 73;

Port bound_port(int descriptor) {
    SocketAddress bound;
    getsockname(descriptor, bound.generic(), &bound.size);
    return bound.endpoint().port;
}

Unexpected<Error> cannot_bind(const Endpoint& wanted) {
    const std::error_code code = last_system_error();
    const std::string address = wanted.address.text();
    const std::string port = std::to_string(wanted.port.value);
    switch (code.value()) {
        case EADDRINUSE:
            return failure(code, "port " + port + " of " + address +
                                     " is in use by another socket (ss -tanp 'sport = :" + port +
                                     "' shows which); choose another port");
        case EADDRNOTAVAIL:
            return failure(code, wanted.port.value == 0
                                     ? address +
                                           " is not an address of this host, or it has no "
                                           "free port (ip address shows the addresses)"
                                     : address +
                                           " is not an address of this host (ip address "
                                           "shows which are)");
        case EACCES:
            return failure(code, "port " + port + " of " + address +
                                     " needs CAP_NET_BIND_SERVICE: run with sudo, or choose a "
                                     "port from 1024 up");
        case EINVAL:
            if (wanted.address.is_link_local() && wanted.address.zone() == 0) {
                return failure(code, address + " needs its interface: " + address + "%eth0");
            }
            break;
        default:
            break;
    }
    return failure(code, "bind to " + wanted.text());
}

template <typename T>
bool set(int descriptor, int level, int option, const T& value) {
    return setsockopt(descriptor, level, option, &value, sizeof value) == 0;
}

// Where the filter is refused the TTL has to do.
Muteness drop_everything(int descriptor) {
    sock_filter drop{BPF_RET | BPF_K, 0, 0, 0};
    const sock_fprog program{1, &drop};
    if (!set(descriptor, SOL_SOCKET, SO_ATTACH_FILTER, program)) {
        return Muteness::but_for_ttl_255;
    }
    set(descriptor, SOL_SOCKET, SO_LOCK_FILTER, 1);
    return Muteness::complete;
}

}  // namespace

Expected<PortLease> PortLease::take(const Endpoint& wanted) {
    const int family = wanted.address.is_v6() ? AF_INET6 : AF_INET;
    Descriptor socket{::socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    if (!socket.open()) {
        return failure(last_system_error(), "make a TCP socket to hold the port");
    }
    if (wanted.address.is_v6()) {
        // The port of the other family stays free, as it would for a listener of one family.
        set(socket.raw(), IPPROTO_IPV6, IPV6_V6ONLY, 1);
    }
    const SocketAddress address = SocketAddress::of(wanted);
    if (bind(socket.raw(), address.generic(), address.size) != 0) {
        return cannot_bind(wanted);
    }
    // Bound first and looked afterwards, as PortRange holds first and looks afterwards.
    if (wanted.port.value != 0 && in_a_held_range(wanted.port)) {
        return failure(std::make_error_code(std::errc::address_in_use),
                       "port " + std::to_string(wanted.port.value) +
                           " is among those that another run of this program holds; choose "
                           "another port");
    }
    const Endpoint local{wanted.address, bound_port(socket.raw())};
    return PortLease{socket.release(), local};
}

PortLease::PortLease(PortLease&& other) noexcept
    : descriptor_{std::exchange(other.descriptor_, -1)}, local_{other.local_} {}

PortLease& PortLease::operator=(PortLease&& other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    std::swap(local_, other.local_);
    return *this;
}

PortLease::~PortLease() {
    if (descriptor_ >= 0) {
        ::close(descriptor_);
    }
}

Expected<Muteness> PortLease::mute() {
    const bool v6 = local_.address.is_v6();
    const Muteness muteness = drop_everything(descriptor_);
    if (!set(descriptor_, v6 ? static_cast<int>(IPPROTO_IPV6) : static_cast<int>(IPPROTO_IP),
             v6 ? ipv6_min_hop_count : IP_MINTTL, 255)) {
        return failure(last_system_error(), "demand a TTL of 255 on " + local_.text());
    }
    if (listen(descriptor_, 1) != 0) {
        return failure(last_system_error(), "listen mutely on " + local_.text());
    }
    return muteness;
}

}  // namespace tcpcraft
