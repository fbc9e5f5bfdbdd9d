#include <array>
#include <cstring>
#include <ctime>
#include <optional>

#include <linux/errqueue.h>
#include <netinet/in.h>

#include <libtcpcraft/base/socket_address.hpp>
#include <libtcpcraft/link/raw/icmp_listener.hpp>
#include <libtcpcraft/link/raw/icmp_text.hpp>
#include <libtcpcraft/link/raw/peek.hpp>
#include <libtcpcraft/link/raw/socket.hpp>

namespace tcpcraft {

namespace {

constexpr int ipv6_hdrincl = 36;  // linux/in6.h, which netinet/in.h shuts out

struct ErrorMessage {
    std::array<std::byte, 2048> quoted{};
    alignas(cmsghdr) std::array<std::byte, 512> control{};
    iovec piece{};
    msghdr header{};
    std::size_t size{0};
};

bool read_error_queue(int fd, ErrorMessage& message) noexcept {
    message.piece = {message.quoted.data(), message.quoted.size()};
    message.header = {};
    message.header.msg_iov = &message.piece;
    message.header.msg_iovlen = 1;
    message.header.msg_control = message.control.data();
    message.header.msg_controllen = message.control.size();
    const ssize_t size = ::recvmsg(fd, &message.header, MSG_ERRQUEUE | MSG_DONTWAIT);
    message.size = size < 0 ? 0 : static_cast<std::size_t>(size);
    return size >= 0;
}

struct Told {
    sock_extended_err error{};
    Address offender{};
};

/// The offender's address follows the fixed part.
Address offender_of(const cmsghdr& control) noexcept {
    SocketAddress from;
    const std::size_t size =
        control.cmsg_level == IPPROTO_IP ? sizeof(sockaddr_in) : sizeof(sockaddr_in6);
    std::memcpy(&from.storage, CMSG_DATA(&control) + sizeof(sock_extended_err), size);
    return from.endpoint().address;
}

std::optional<Told> read_told(ErrorMessage& message) noexcept {
    msghdr* header = &message.header;
    for (cmsghdr* c = CMSG_FIRSTHDR(header); c != nullptr; c = CMSG_NXTHDR(header, c)) {
        const bool v4 = c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_RECVERR;
        const bool v6 = c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_RECVERR;
        if (!v4 && !v6) {
            continue;
        }
        Told told;
        std::memcpy(&told.error, CMSG_DATA(c), sizeof told.error);
        told.offender = offender_of(*c);
        return told;
    }
    return std::nullopt;
}

std::string sentence(const IcmpError& error, const IcmpKind& kind) {
    if (!error.local) {
        return icmp_text(kind) + ", says " + error.from.text();
    }
    return unanswered_text(kind, error.id.remote.address);
}

std::optional<IcmpError> read_error(ErrorMessage& message, Family family, Instant now) {
    const auto told = read_told(message);
    const auto quoted = peek(std::span{message.quoted}.first(message.size));
    if (!told || !quoted) {
        return std::nullopt;
    }
    const bool about_mtu =
        family == Family::v4 ? told->error.ee_code == 4 : told->error.ee_type == 2;
    const IcmpKind kind{family, told->error.ee_type, told->error.ee_code,
                        about_mtu ? told->error.ee_info : 0};
    IcmpError made;
    made.at = now;
    made.id = {{quoted->source, quoted->source_port},
               {quoted->destination, quoted->destination_port}};
    made.from = told->offender;
    made.local =
        told->error.ee_origin == SO_EE_ORIGIN_LOCAL ||
        (made.from.with_zone(0) == quoted->source && quoted->source != quoted->destination);
    made.type = kind.type;
    made.code = kind.code;
    made.hard = is_hard(kind);
    made.seq = quoted->seq;
    made.text = sentence(made, kind);
    return made;
}

/// With the header included, the quotation is the whole packet and names both sides.
Expected<void> ask_for_errors(int fd, Family family) {
    if (family == Family::v4) {
        return set_option(fd, IPPROTO_IP, IP_RECVERR, 1, "IP_RECVERR").and_then([fd] {
            return set_option(fd, IPPROTO_IP, IP_HDRINCL, 1, "IP_HDRINCL");
        });
    }
    return set_option(fd, IPPROTO_IPV6, IPV6_RECVERR, 1, "IPV6_RECVERR").and_then([fd] {
        return set_option(fd, IPPROTO_IPV6, ipv6_hdrincl, 1, "IPV6_HDRINCL");
    });
}

}  // namespace

Expected<IcmpListener> IcmpListener::open(Family family) {
    const int domain = family == Family::v4 ? AF_INET : AF_INET6;
    auto socket = make_socket(domain, SOCK_RAW, IPPROTO_TCP, "ICMP error");
    if (!socket) {
        return Unexpected<Error>{socket.error()};
    }
    const int fd = socket->raw();
    if (auto ready = drop_all(fd).and_then([&] { return ask_for_errors(fd, family); }); !ready) {
        return Unexpected<Error>{ready.error()};
    }
    return IcmpListener{std::move(*socket), family};
}

void IcmpListener::drain(const Alarm& alarm,
                         const std::function<void(const IcmpError&)>& on_error) {
    ErrorMessage message;
    while (read_error_queue(raw(), message)) {
        if (const auto error = read_error(message, family_, alarm.now())) {
            on_error(*error);
        }
    }
}

}  // namespace tcpcraft
