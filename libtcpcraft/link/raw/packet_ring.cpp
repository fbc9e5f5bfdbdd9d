#include <atomic>
#include <cerrno>
#include <utility>

#include <arpa/inet.h>
#include <linux/if_packet.h>
#include <linux/net_tstamp.h>
#include <sys/mman.h>

#include <libtcpcraft/link/raw/packet_ring.hpp>
#include <libtcpcraft/link/raw/socket.hpp>

namespace tcpcraft {

namespace {

// A handshake's packets fit; a full segment comes through the socket's queue.
constexpr std::size_t slot_size = 512;
constexpr std::size_t slot_count = std::size_t{1} << 15U;
constexpr std::size_t block_size = std::size_t{1} << 16U;
constexpr std::size_t ring_size = slot_size * slot_count;
constexpr std::size_t batch_size = 256;
// Segmentation offload brings segments of up to 64 KiB, headers included.
constexpr std::size_t longest = 68 * 1024;
constexpr std::size_t long_room = 4 * longest;

Expected<Mapping> map_ring(int fd) {
    tpacket_req wanted{};
    wanted.tp_block_size = block_size;
    wanted.tp_block_nr = ring_size / block_size;
    wanted.tp_frame_size = slot_size;
    wanted.tp_frame_nr = slot_count;
    const auto made =
        set_option(fd, SOL_PACKET, PACKET_VERSION, TPACKET_V2, "the capture ring's version")
            .and_then([fd] {
                return set_option(fd, SOL_PACKET, PACKET_COPY_THRESH, 1,
                                  "the capture ring's treatment of long packets");
            })
            .and_then([&] {
                return set_option(fd, SOL_PACKET, PACKET_RX_RING, &wanted, sizeof wanted,
                                  "a capture ring of " + std::to_string(ring_size >> 20U) + " MiB");
            });
    if (!made) {
        return Unexpected<Error>{made.error()};
    }
    void* start = ::mmap(nullptr, ring_size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (start == MAP_FAILED) {
        return failure(last_system_error(), "share a capture ring with the kernel");
    }
    return Mapping{static_cast<std::byte*>(start), ring_size};
}

tpacket2_hdr& header_of(std::byte* slot) noexcept { return *reinterpret_cast<tpacket2_hdr*>(slot); }

/// The kernel fills in all else before it says that a slot is ours.
std::uint32_t status_of(const tpacket2_hdr& header) noexcept {
    return std::atomic_ref{const_cast<std::uint32_t&>(header.tp_status)}.load(
        std::memory_order_acquire);
}

// As TPACKET_ALIGN has it, which is signed.
constexpr std::size_t from_at =
    (sizeof(tpacket2_hdr) + TPACKET_ALIGNMENT - 1) / TPACKET_ALIGNMENT * TPACKET_ALIGNMENT;

const sockaddr_ll& from_of(const std::byte* slot) noexcept {
    return *reinterpret_cast<const sockaddr_ll*>(slot + from_at);
}

Arrival arrival_in(const std::byte* slot, const tpacket2_hdr& header, const KernelClock& clock) {
    Arrival made;
    made.octets = {slot + header.tp_net, header.tp_snaplen};
    made.at = clock.at({header.tp_sec, static_cast<long>(header.tp_nsec)});
    made.kernel_timestamp = true;
    made.checksum_ready = (header.tp_status & TP_STATUS_CSUMNOTREADY) == 0;
    made.truncated = header.tp_snaplen < header.tp_len;
    made.interface_index = static_cast<std::uint32_t>(from_of(slot).sll_ifindex);
    return made;
}

/// An interface that goes down leaves an error on its sockets, which are readable until somebody
/// has taken it; a look into the ring does not.
void take_error(int fd) noexcept {
    int error = 0;
    socklen_t size = sizeof error;
    ::getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size);
}

}  // namespace

Mapping::Mapping(Mapping&& other) noexcept
    : start_{std::exchange(other.start_, nullptr)}, size_{other.size_} {}

Mapping& Mapping::operator=(Mapping&& other) noexcept {
    std::swap(start_, other.start_);
    std::swap(size_, other.size_);
    return *this;
}

Mapping::~Mapping() {
    if (start_ != nullptr) {
        ::munmap(start_, size_);
    }
}

PacketRing::PacketRing(Descriptor socket, Mapping ring, bool stamped)
    : socket_{std::move(socket)},
      ring_{std::move(ring)},
      stamped_{stamped},
      long_{new std::byte[long_room]} {  // left untouched until a long packet comes
    arrivals_.reserve(batch_size);
}

Expected<PacketRing> PacketRing::open(const TapPlace& place, const FilterProgram& filter) {
    auto socket = open_capture_socket(filter);
    if (!socket) {
        return Unexpected<Error>{socket.error()};
    }
    const int fd = socket->socket.raw();
    auto ring = map_ring(fd);
    if (!ring) {
        return Unexpected<Error>{ring.error()};
    }
    if (const auto bound = bind_capture(fd, place); !bound) {
        return Unexpected<Error>{bound.error()};
    }
    return PacketRing{std::move(socket->socket), std::move(*ring), socket->stamped};
}

std::byte* PacketRing::slot(std::size_t index) const noexcept {
    return ring_.at((index & (slot_count - 1)) * slot_size);
}

void PacketRing::give_back() noexcept {
    for (; held_ > 0; --held_) {
        tpacket2_hdr& header = header_of(slot(next_ - held_));
        std::atomic_ref{header.tp_status}.store(TP_STATUS_KERNEL, std::memory_order_release);
    }
    long_used_ = 0;
}

std::span<const Arrival> PacketRing::read(const Alarm& alarm) {
    give_back();
    arrivals_.clear();
    if ((status_of(header_of(slot(next_))) & TP_STATUS_USER) == 0) {
        take_error(raw());
        return {};
    }
    const KernelClock clock{alarm};
    while (arrivals_.size() < batch_size && held_ < batch_size) {
        std::byte* here = slot(next_);
        const tpacket2_hdr& header = header_of(here);
        const std::uint32_t status = status_of(header);
        const bool is_long = (status & TP_STATUS_COPY) != 0;
        if ((status & TP_STATUS_USER) == 0 || (is_long && long_used_ + longest > long_room)) {
            break;
        }
        Arrival arrival = arrival_in(here, header, clock);
        const bool whole = !is_long || fetch_whole(arrival);
        arrival.truncated = arrival.truncated && !(is_long && whole);
        if (from_of(here).sll_pkttype != PACKET_OTHERHOST &&
            from_of(here).sll_pkttype != PACKET_OUTGOING) {
            arrivals_.push_back(arrival);
        }
        ++next_;
        ++held_;
    }
    return arrivals_;
}

// The copy lies in the socket's queue, in the order of the slots that say so.
bool PacketRing::fetch_whole(Arrival& arrival) {
    std::byte* const here = long_.get() + long_used_;
    ssize_t size = ::recv(raw(), here, longest, MSG_DONTWAIT | MSG_TRUNC);
    if (size < 0 && errno != EAGAIN) {  // the socket's error; the packet is still there
        size = ::recv(raw(), here, longest, MSG_DONTWAIT | MSG_TRUNC);
    }
    if (size < 0 || static_cast<std::size_t>(size) > longest) {
        return false;
    }
    arrival.octets = {here, static_cast<std::size_t>(size)};
    long_used_ += static_cast<std::size_t>(size);
    return true;
}

std::uint64_t PacketRing::lost() const {
    lost_ += newly_lost(raw());
    return lost_;
}

}  // namespace tcpcraft
