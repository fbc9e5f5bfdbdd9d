#include <cstring>
#include <ctime>
#include <optional>

#include <linux/errqueue.h>
#include <linux/if_packet.h>

#include <libtcpcraft/link/raw/packet_tap.hpp>
#include <libtcpcraft/link/raw/socket.hpp>

namespace tcpcraft {

namespace {

constexpr std::size_t batch_size = 16;
// Segmentation offload brings segments of up to 64 KiB, headers included.
constexpr std::size_t room = 68 * 1024;
constexpr std::size_t control_room =
    CMSG_SPACE(sizeof(tpacket_auxdata)) + CMSG_SPACE(sizeof(scm_timestamping));

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
    auto opened = open_capture_socket(filter);
    if (!opened) {
        return Unexpected<Error>{opened.error()};
    }
    const int fd = opened->socket.raw();
    const auto ready =
        set_option(fd, SOL_PACKET, PACKET_AUXDATA, 1, "PACKET_AUXDATA on the capture")
            .and_then([&] { return bind_capture(fd, place); });
    if (!ready) {
        return Unexpected<Error>{ready.error()};
    }
    return PacketTap{std::move(opened->socket), place.side, opened->stamped};
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
    lost_ += newly_lost(raw());
    return lost_;
}

}  // namespace tcpcraft
