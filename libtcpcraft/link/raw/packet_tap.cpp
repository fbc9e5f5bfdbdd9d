#include <cstring>
#include <ctime>
#include <optional>

#include <arpa/inet.h>
#include <linux/errqueue.h>
#include <linux/if_packet.h>
#include <linux/net_tstamp.h>
#include <net/if.h>

#include <libtcpcraft/link/raw/packet_tap.hpp>
#include <libtcpcraft/link/raw/socket.hpp>

namespace tcpcraft {

namespace {

constexpr std::size_t batch_size = 16;
// Segmentation offload brings segments of up to 64 KiB, headers included.
constexpr std::size_t room = 68 * 1024;
constexpr std::size_t control_room =
    CMSG_SPACE(sizeof(tpacket_auxdata)) + CMSG_SPACE(sizeof(scm_timestamping));
constexpr int receive_buffer = 4 * 1024 * 1024;

Expected<void> bind_to_place(int fd, const TapPlace& place) {
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

void read_control(Arrival& arrival, const cmsghdr& control, const KernelClock& clock) {
    if (control.cmsg_level == SOL_PACKET && control.cmsg_type == PACKET_AUXDATA) {
        tpacket_auxdata aux{};
        std::memcpy(&aux, CMSG_DATA(&control), sizeof aux);
        arrival.checksum_ready = (aux.tp_status & TP_STATUS_CSUMNOTREADY) == 0;
    } else if (const auto stamp = clock.stamp_of(control)) {
        arrival.at = *stamp;
        arrival.kernel_timestamp = true;
    }
}

bool is_wanted(const sockaddr_ll& from, TapSide side) noexcept {
    const bool departs = from.sll_pkttype == PACKET_OUTGOING;
    return side == TapSide::departures ? departs : !departs && from.sll_pkttype != PACKET_OTHERHOST;
}

}  // namespace

/// Room for a batch, all of it allocated once; memory is touched as packets need it.
struct PacketTap::Batch {
    std::array<iovec, batch_size> pieces{};
    std::array<sockaddr_ll, batch_size> from{};
    alignas(cmsghdr) std::array<std::array<std::byte, control_room>, batch_size> control{};
    std::array<mmsghdr, batch_size> messages{};
    std::array<Arrival, batch_size> arrivals{};
    std::unique_ptr<std::byte[]> memory{new std::byte[batch_size * room]};  // left untouched

    void prepare() noexcept {
        for (std::size_t i = 0; i < batch_size; ++i) {
            pieces[i] = {memory.get() + i * room, room};
            msghdr& header = messages[i].msg_hdr;
            header = {};
            header.msg_name = &from[i];
            header.msg_namelen = sizeof from[i];
            header.msg_iov = &pieces[i];
            header.msg_iovlen = 1;
            header.msg_control = control[i].data();
            header.msg_controllen = control_room;
        }
    }

    [[nodiscard]] Arrival arrival(std::size_t i, const KernelClock& clock) noexcept {
        msghdr& header = messages[i].msg_hdr;
        Arrival made;
        made.octets = {memory.get() + i * room, messages[i].msg_len};
        made.at = clock.now();
        made.truncated = (header.msg_flags & MSG_TRUNC) != 0;
        made.interface_index = static_cast<std::uint32_t>(from[i].sll_ifindex);
        for (cmsghdr* c = CMSG_FIRSTHDR(&header); c != nullptr; c = CMSG_NXTHDR(&header, c)) {
            read_control(made, *c, clock);
        }
        return made;
    }
};

void PacketTap::BatchDeleter::operator()(Batch* batch) const noexcept { delete batch; }

PacketTap::PacketTap(Descriptor socket, TapSide side, bool stamped)
    : socket_{std::move(socket)}, side_{side}, stamped_{stamped}, batch_{new Batch} {}

Expected<PacketTap> PacketTap::open(const TapPlace& place, const FilterProgram& filter) {
    // Protocol 0 receives nothing until bind() names one.
    auto socket = make_socket(AF_PACKET, SOCK_DGRAM, 0, "capture");
    if (!socket) {
        return Unexpected<Error>{socket.error()};
    }
    const int fd = socket->raw();
    enlarge_buffer(fd);
    const bool stamped = ask_for_stamps(fd);
    const auto ready = attach(fd, filter)
                           .and_then([fd] {
                               return set_option(fd, SOL_PACKET, PACKET_AUXDATA, 1,
                                                 "PACKET_AUXDATA on the capture");
                           })
                           .and_then([&] { return bind_to_place(fd, place); });
    if (!ready) {
        return Unexpected<Error>{ready.error()};
    }
    return PacketTap{std::move(*socket), place.side, stamped};
}

std::span<const Arrival> PacketTap::read(const Alarm& alarm) {
    batch_->prepare();
    const int received =
        ::recvmmsg(raw(), batch_->messages.data(), batch_size, MSG_DONTWAIT, nullptr);
    if (received <= 0) {
        return {};
    }
    const KernelClock clock{alarm};
    std::size_t kept = 0;
    for (std::size_t i = 0; i < static_cast<std::size_t>(received); ++i) {
        Arrival arrival = batch_->arrival(i, clock);
        batch_->arrivals[kept] = arrival;
        kept += is_wanted(batch_->from[i], side_) ? 1U : 0U;
    }
    return std::span{batch_->arrivals}.first(kept);
}

std::uint64_t PacketTap::lost() const {
    tpacket_stats since{};
    socklen_t size = sizeof since;
    if (::getsockopt(raw(), SOL_PACKET, PACKET_STATISTICS, &since, &size) == 0) {
        lost_ += since.tp_drops;  // reading sets the kernel's counter to zero
    }
    return lost_;
}

}  // namespace tcpcraft
