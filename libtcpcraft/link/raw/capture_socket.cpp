#include <arpa/inet.h>
#include <linux/if_packet.h>
#include <linux/net_tstamp.h>
#include <net/if.h>
#include <sys/socket.h>

#include <libtcpcraft/link/raw/capture_socket.hpp>
#include <libtcpcraft/link/raw/socket.hpp>

namespace tcpcraft {

namespace {

constexpr int receive_buffer = 4 * 1024 * 1024;

Expected<void> attach(int fd, const FilterProgram& filter) {
    const sock_fprog program{static_cast<unsigned short>(filter.size()),
                             const_cast<sock_filter*>(filter.data())};
    return set_option(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program,
                      "the capture's filter");
}

void enlarge_buffer(int fd) noexcept {
    // More than net.core.rmem_max needs CAP_NET_ADMIN; what is had without is enough for most.
    if (::setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &receive_buffer, sizeof receive_buffer) != 0) {
        ::setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
    }
}

bool ask_for_stamps(int fd) noexcept {
    const int wanted = SOF_TIMESTAMPING_RX_SOFTWARE | SOF_TIMESTAMPING_SOFTWARE;
    return ::setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPING, &wanted, sizeof wanted) == 0;
}

}  // namespace

Expected<CaptureSocket> open_capture_socket(const FilterProgram& filter) {
    // Protocol 0 receives nothing until bind() names one.
    auto socket = make_socket(AF_PACKET, SOCK_DGRAM, 0, "capture");
    if (!socket) {
        return Unexpected<Error>{socket.error()};
    }
    const int fd = socket->raw();
    enlarge_buffer(fd);
    const bool stamped = ask_for_stamps(fd);
    return attach(fd, filter).map([&] { return CaptureSocket{std::move(*socket), stamped}; });
}

Expected<void> bind_capture(int fd, const TapPlace& place) {
    sockaddr_ll where{};
    where.sll_family = AF_PACKET;
    where.sll_protocol = htons(place.ethertype);
    if (!place.interface.empty()) {
        where.sll_ifindex = static_cast<int>(::if_nametoindex(place.interface.c_str()));
        if (where.sll_ifindex == 0) {
            return failure(last_system_error(),
                           "capture on interface '" + place.interface + "' (see: ip link)");
        }
    }
    if (::bind(fd, reinterpret_cast<const sockaddr*>(&where), sizeof where) != 0) {
        return failure(last_system_error(), "start the capture");
    }
    return {};
}

std::uint64_t newly_lost(int fd) noexcept {
    tpacket_stats since{};
    socklen_t size = sizeof since;
    // Reading sets the kernel's counter to zero.
    return ::getsockopt(fd, SOL_PACKET, PACKET_STATISTICS, &since, &size) == 0 ? since.tp_drops : 0;
}

}  // namespace tcpcraft
