#include <algorithm>
#include <array>

#include <fcntl.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <libtcpcraft/sut/socket_calls.hpp>

namespace tcpcraft {

namespace {

struct Symbol {
    std::string_view name{};
    std::int64_t value{0};
};

constexpr std::array<Symbol, 74> symbols{{{"AF_INET", AF_INET},
                                          {"AF_INET6", AF_INET6},
                                          {"PF_INET", PF_INET},
                                          {"PF_INET6", PF_INET6},
                                          {"SOCK_STREAM", SOCK_STREAM},
                                          {"SOCK_NONBLOCK", SOCK_NONBLOCK},
                                          {"SOCK_CLOEXEC", SOCK_CLOEXEC},
                                          {"IPPROTO_TCP", IPPROTO_TCP},
                                          {"IPPROTO_IP", IPPROTO_IP},
                                          {"IPPROTO_IPV6", IPPROTO_IPV6},
                                          {"SOL_SOCKET", SOL_SOCKET},
                                          {"SOL_TCP", SOL_TCP},
                                          {"SOL_IP", SOL_IP},
                                          {"SOL_IPV6", SOL_IPV6},
                                          {"IP_TOS", IP_TOS},
                                          {"IP_TTL", IP_TTL},
                                          {"IP_MTU_DISCOVER", IP_MTU_DISCOVER},
                                          {"IP_PMTUDISC_DONT", IP_PMTUDISC_DONT},
                                          {"IP_PMTUDISC_WANT", IP_PMTUDISC_WANT},
                                          {"IP_PMTUDISC_DO", IP_PMTUDISC_DO},
                                          {"IPV6_TCLASS", IPV6_TCLASS},
                                          {"IPV6_V6ONLY", IPV6_V6ONLY},
                                          {"SO_REUSEADDR", SO_REUSEADDR},
                                          {"SO_KEEPALIVE", SO_KEEPALIVE},
                                          {"SO_LINGER", SO_LINGER},
                                          {"SO_SNDBUF", SO_SNDBUF},
                                          {"SO_RCVBUF", SO_RCVBUF},
                                          {"SO_SNDBUFFORCE", SO_SNDBUFFORCE},
                                          {"SO_RCVBUFFORCE", SO_RCVBUFFORCE},
                                          {"SO_RCVLOWAT", SO_RCVLOWAT},
                                          {"SO_ERROR", SO_ERROR},
                                          {"SO_PRIORITY", SO_PRIORITY},
                                          {"SO_MARK", SO_MARK},
                                          {"SO_OOBINLINE", SO_OOBINLINE},
                                          {"SO_MAX_PACING_RATE", SO_MAX_PACING_RATE},
                                          {"SO_ZEROCOPY", SO_ZEROCOPY},
                                          {"TCP_NODELAY", TCP_NODELAY},
                                          {"TCP_MAXSEG", TCP_MAXSEG},
                                          {"TCP_CORK", TCP_CORK},
                                          {"TCP_KEEPIDLE", TCP_KEEPIDLE},
                                          {"TCP_KEEPINTVL", TCP_KEEPINTVL},
                                          {"TCP_KEEPCNT", TCP_KEEPCNT},
                                          {"TCP_SYNCNT", TCP_SYNCNT},
                                          {"TCP_LINGER2", TCP_LINGER2},
                                          {"TCP_DEFER_ACCEPT", TCP_DEFER_ACCEPT},
                                          {"TCP_WINDOW_CLAMP", TCP_WINDOW_CLAMP},
                                          {"TCP_QUICKACK", TCP_QUICKACK},
                                          {"TCP_CONGESTION", TCP_CONGESTION},
                                          {"TCP_USER_TIMEOUT", TCP_USER_TIMEOUT},
                                          {"TCP_FASTOPEN", TCP_FASTOPEN},
                                          {"TCP_NOTSENT_LOWAT", TCP_NOTSENT_LOWAT},
                                          {"SHUT_RD", SHUT_RD},
                                          {"SHUT_WR", SHUT_WR},
                                          {"SHUT_RDWR", SHUT_RDWR},
                                          {"F_GETFL", F_GETFL},
                                          {"F_SETFL", F_SETFL},
                                          {"O_RDWR", O_RDWR},
                                          {"O_RDONLY", O_RDONLY},
                                          {"O_NONBLOCK", O_NONBLOCK},
                                          {"MSG_DONTWAIT", MSG_DONTWAIT},
                                          {"MSG_PEEK", MSG_PEEK},
                                          {"MSG_OOB", MSG_OOB},
                                          {"MSG_MORE", MSG_MORE},
                                          {"MSG_NOSIGNAL", MSG_NOSIGNAL},
                                          {"MSG_WAITALL", MSG_WAITALL},
                                          {"MSG_TRUNC", MSG_TRUNC},
                                          {"POLLIN", POLLIN},
                                          {"POLLOUT", POLLOUT},
                                          {"POLLERR", POLLERR},
                                          {"POLLHUP", POLLHUP},
                                          {"POLLRDHUP", 0x2000},
                                          {"SIOCINQ", SIOCINQ},
                                          {"SIOCOUTQ", SIOCOUTQ},
                                          {"POLLPRI", POLLPRI}}};

}  // namespace

std::optional<std::int64_t> symbol(std::string_view name) noexcept {
    const auto found = std::ranges::find(symbols, name, &Symbol::name);
    return found == symbols.end() ? std::nullopt : std::optional{found->value};
}

}  // namespace tcpcraft
