#include <array>
#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <string>

#include <arpa/inet.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <tests/kernel/differences/kernel_end.hpp>

#include <libtcpcraft/base/error.hpp>
#include <libtcpcraft/base/socket_address.hpp>

namespace tcpcraft::test {
namespace {

void must(bool good, const char* what) {
    if (!good) {
        throw std::runtime_error{std::string{what} + ": " + last_system_error().message()};
    }
}

void choose(int fd, int level, int name, int value) {
    must(::setsockopt(fd, level, name, &value, sizeof value) == 0, "setsockopt");
}

int stream(const Endpoint& at) {
    const int family = at.address.is_v6() ? AF_INET6 : AF_INET;
    const int fd = ::socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    choose(fd, SOL_SOCKET, SO_REUSEADDR, 1);
    choose(fd, SOL_SOCKET, SO_RCVBUF, 40'000);  // never more to offer than a window can say
    const SocketAddress where = SocketAddress::of(at);
    must(::bind(fd, where.generic(), where.size) == 0, "bind");
    return fd;
}

/// The numbers of the kernel's states, TCP_ESTABLISHED = 1 first.
State named(std::uint8_t number) {
    constexpr std::array<State, 13> states{
        State::closed,      State::established, State::syn_sent,  State::syn_received,
        State::fin_wait_1,  State::fin_wait_2,  State::time_wait, State::closed,
        State::close_wait,  State::last_ack,    State::listen,    State::closing,
        State::syn_received};
    return states.at(number);
}

struct Question {
    nlmsghdr header{};
    inet_diag_req_v2 request{};
};

void put_endpoint(const Endpoint& end, __be16& port, __be32* address) {
    port = htons(end.port.value);
    std::memcpy(address, end.address.octets().data(), end.address.octets().size());
}

Question about(const ConnectionId& id) {
    Question question;
    question.header.nlmsg_len = sizeof question;
    question.header.nlmsg_type = SOCK_DIAG_BY_FAMILY;
    question.header.nlmsg_flags = NLM_F_REQUEST;
    inet_diag_req_v2& request = question.request;
    request.sdiag_family = id.local.address.is_v6() ? AF_INET6 : AF_INET;
    request.sdiag_protocol = IPPROTO_TCP;
    request.idiag_states = ~0U;
    put_endpoint(id.local, request.id.idiag_sport, request.id.idiag_src);
    put_endpoint(id.remote, request.id.idiag_dport, request.id.idiag_dst);
    request.id.idiag_cookie[0] = INET_DIAG_NOCOOKIE;
    request.id.idiag_cookie[1] = INET_DIAG_NOCOOKIE;
    return question;
}

}  // namespace

KernelEnd::KernelEnd(const ConnectionId& id)
    : id_{id}, diagnosis_{::socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC, NETLINK_SOCK_DIAG)} {
    must(diagnosis_.open(), "ask for the state of sockets");
}

// Nothing of it shall speak in the next dialogue.
KernelEnd::~KernelEnd() {
    if (socket_.open()) {
        const linger at_once{1, 0};
        ::setsockopt(socket_.raw(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    }
}

void KernelEnd::listen() {
    listener_ = Descriptor{stream(id_.local)};
    must(::listen(listener_.raw(), 128) == 0, "listen");
}

void KernelEnd::take_over(int fd) {
    socket_.reset();
    socket_ = Descriptor{fd};
    choose(fd, IPPROTO_TCP, TCP_NODELAY, 1);
    choose(fd, IPPROTO_TCP, TCP_QUICKACK, 1);
    choose(fd, SOL_SOCKET, SO_OOBINLINE, 1);
}

void KernelEnd::connect() {
    take_over(stream(id_.local));
    const SocketAddress to = SocketAddress::of(id_.remote);
    must(::connect(socket_.raw(), to.generic(), to.size) != 0 && errno == EINPROGRESS, "connect");
}

void KernelEnd::send(std::span<const std::byte> octets) const {
    ::send(socket_.raw(), octets.data(), octets.size(), MSG_NOSIGNAL);
}

void KernelEnd::shutdown() const { ::shutdown(socket_.raw(), SHUT_WR); }

std::vector<std::byte> KernelEnd::settle() {
    if (listener_.open()) {
        const int fd = ::accept4(listener_.raw(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd >= 0) {
            take_over(fd);
        }
    }
    std::vector<std::byte> read;
    std::array<std::byte, 4096> piece{};
    while (socket_.open()) {
        const ssize_t size = ::recv(socket_.raw(), piece.data(), piece.size(), 0);
        if (size <= 0) {
            const int now = 1;
            ::setsockopt(socket_.raw(), IPPROTO_TCP, TCP_QUICKACK, &now, sizeof now);
            break;
        }
        read.insert(read.end(), piece.begin(), piece.begin() + size);
    }
    return read;
}

KernelEnd::Status KernelEnd::status() const {
    const Question question = about(id_);
    must(::send(diagnosis_.raw(), &question, sizeof question, 0) == sizeof question, "ask");
    alignas(nlmsghdr) std::array<char, 1024> answer{};
    must(::recv(diagnosis_.raw(), answer.data(), answer.size(), 0) > 0, "hear of the state");
    nlmsghdr header{};
    std::memcpy(&header, answer.data(), sizeof header);
    if (header.nlmsg_type != SOCK_DIAG_BY_FAMILY) {
        int error = 0;
        std::memcpy(&error, answer.data() + NLMSG_HDRLEN, sizeof error);
        errno = -error;
        must(error == -ENOENT, "the state of a socket");
        return {};
    }
    inet_diag_msg said{};
    std::memcpy(&said, answer.data() + NLMSG_HDRLEN, sizeof said);
    return {named(said.idiag_state), said.idiag_wqueue};
}

}  // namespace tcpcraft::test
