#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <optional>
#include <thread>
#include <utility>

#include <arpa/inet.h>
#include <libnet.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <poll.h>
#include <sys/ioctl.h>

#include <libtcpcraft/link/raw/frame_sender.hpp>
#include <libtcpcraft/link/raw/socket.hpp>

namespace tcpcraft {

namespace {

using namespace std::chrono_literals;
using SteadyClock = std::chrono::steady_clock;

// IEEE 802 Local Experimental EtherType 1: nothing arrives by it.
constexpr std::uint16_t unused_ethertype = 0x88b5;
constexpr int send_buffer = 4 * 1024 * 1024;
constexpr auto longest_wait = 1s;

struct Device {
    HardwareAddress own{};
    std::size_t mtu{0};
};

Expected<Device> no_ethernet(const std::string& interface) {
    return failure(std::make_error_code(std::errc::wrong_protocol_type),
                   "send frames over '" + interface + "': it is no Ethernet");
}

ifreq request_about(const std::string& interface) noexcept {
    ifreq request{};
    interface.copy(request.ifr_name, IFNAMSIZ - 1);
    return request;
}

Expected<Device> describe(int fd, const std::string& interface) {
    ifreq address = request_about(interface);
    ifreq flags = request_about(interface);
    ifreq mtu = request_about(interface);
    if (::ioctl(fd, SIOCGIFHWADDR, &address) != 0 || ::ioctl(fd, SIOCGIFFLAGS, &flags) != 0 ||
        ::ioctl(fd, SIOCGIFMTU, &mtu) != 0) {
        return failure(last_system_error(), "look at interface '" + interface + "'");
    }
    constexpr int unfit = IFF_LOOPBACK | IFF_POINTOPOINT | IFF_NOARP;
    if (address.ifr_hwaddr.sa_family != ARPHRD_ETHER || (flags.ifr_flags & unfit) != 0) {
        return no_ethernet(interface);
    }
    Device found;
    std::memcpy(found.own.data(), address.ifr_hwaddr.sa_data, found.own.size());
    found.mtu = static_cast<std::size_t>(mtu.ifr_mtu);
    return found;
}

/// libnet's socket receives every packet of the host until it is bound to something else.
Expected<void> make_deaf(int fd, const std::string& interface) {
    sockaddr_ll where{};
    where.sll_family = AF_PACKET;
    where.sll_protocol = htons(unused_ethertype);
    where.sll_ifindex = static_cast<int>(::if_nametoindex(interface.c_str()));
    if (const auto mute = drop_all(fd); !mute) {
        return mute;
    }
    if (::bind(fd, reinterpret_cast<const sockaddr*>(&where), sizeof where) != 0) {
        return failure(last_system_error(), "send frames over '" + interface + "'");
    }
    return {};
}

void enlarge_buffer(int fd) noexcept {
    if (::setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &send_buffer, sizeof send_buffer) != 0) {
        ::setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &send_buffer, sizeof send_buffer);
    }
}

/// Waits until it may be worth trying again; false when it is not.
class Patience {
public:
    [[nodiscard]] bool wait(int fd, int error) {
        if (error == EINTR) {
            return true;
        }
        if (error != EAGAIN && error != ENOBUFS) {
            return false;
        }
        const auto now = SteadyClock::now();
        until_ = until_.value_or(now + longest_wait);
        if (now >= *until_) {
            return false;
        }
        if (error == EAGAIN) {
            pollfd room{fd, POLLOUT, 0};
            ::poll(&room, 1, 10);
        } else {  // the queue of the interface overflowed, and says no word when it does not
            std::this_thread::sleep_for(pause_);
            pause_ = std::min(2 * pause_, std::chrono::microseconds{1ms});
        }
        return true;
    }

private:
    std::chrono::microseconds pause_{20};
    std::optional<SteadyClock::time_point> until_{};
};

}  // namespace

void FrameSender::LibnetDeleter::operator()(libnet_context* context) const noexcept {
    ::libnet_destroy(context);
}

FrameSender::FrameSender(Libnet libnet, std::string interface, HardwareAddress own, std::size_t mtu)
    : libnet_{std::move(libnet)},
      interface_{std::move(interface)},
      own_{own},
      mtu_{mtu},
      memory_{new std::byte[batch_size * (header_size + mtu)]} {  // touched as it is needed
    for (std::size_t i = 0; i < batch_size; ++i) {
        pieces_[i].iov_base = slot(i);
    }
}

FrameSender::FrameSender(FrameSender&& other) noexcept
    : FrameSender{std::move(other.libnet_), other.interface_, other.own_, other.mtu_} {}

FrameSender::~FrameSender() = default;

Expected<FrameSender> FrameSender::open(const std::string& interface) {
    std::array<char, LIBNET_ERRBUF_SIZE> why{};
    errno = 0;
    Libnet libnet{::libnet_init(LIBNET_LINK_ADV, interface.c_str(), why.data())};
    if (!libnet) {
        return failure(last_system_error(),
                       "open libnet's link-layer socket (needs CAP_NET_RAW; libnet: " +
                           std::string{why.data()} + ")");
    }
    const int fd = ::libnet_getfd(libnet.get());
    if (const auto deaf = make_deaf(fd, interface); !deaf) {
        return Unexpected<Error>{deaf.error()};
    }
    enlarge_buffer(fd);
    return describe(fd, interface).map([&](const Device& device) {
        return FrameSender{std::move(libnet), interface, device.own, device.mtu};
    });
}

bool FrameSender::outdated() const {
    const auto now = describe(::libnet_getfd(libnet_.get()), interface_);
    return !now || now->own != own_ || now->mtu != mtu_;
}

bool FrameSender::is_ethernet(const std::string& interface) {
    const auto socket = make_socket(AF_INET, SOCK_DGRAM, 0, "interface");
    return socket && describe(socket->raw(), interface).has_value();
}

void FrameSender::queue(std::span<const std::byte> packet, const HardwareAddress& to) noexcept {
    std::byte* const frame = slot(queued_);
    const bool v6 = std::to_integer<unsigned>(packet.front()) >> 4U == 6;
    std::memcpy(frame, to.data(), to.size());
    std::memcpy(frame + 6, own_.data(), own_.size());
    frame[12] = std::byte{v6 ? std::uint8_t{0x86} : std::uint8_t{0x08}};
    frame[13] = std::byte{v6 ? std::uint8_t{0xdd} : std::uint8_t{0x00}};
    std::memcpy(frame + header_size, packet.data(), packet.size());
    pieces_[queued_].iov_len = header_size + packet.size();
    messages_[queued_].msg_hdr.msg_iov = &pieces_[queued_];
    messages_[queued_].msg_hdr.msg_iovlen = 1;
    ++queued_;
}

void FrameSender::flush(const Refused& refused) {
    const int fd = ::libnet_getfd(libnet_.get());
    const std::size_t count = std::exchange(queued_, 0);
    Patience patience;
    for (std::size_t next = 0; next < count;) {
        const int sent =
            ::sendmmsg(fd, &messages_[next], static_cast<unsigned>(count - next), MSG_DONTWAIT);
        if (sent > 0) {
            next += static_cast<std::size_t>(sent);
            patience = {};
        } else if (const int error = errno; !patience.wait(fd, error)) {
            refused({slot(next) + header_size, pieces_[next].iov_len - header_size}, error);
            ++next;
        }
    }
}

}  // namespace tcpcraft
