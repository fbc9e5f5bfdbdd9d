#include <array>
#include <cstdlib>
#include <cstring>

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <libtcpcraft/sut/tun_link.hpp>

namespace tcpcraft {

namespace {

constexpr const char* name = "tun0";  // what scripts call it

// Addresses come from Address::text(), nothing else of these commands from outside.
Expected<void> configure(const TunEnds& ends) {
    const bool v6 = ends.tested.is_v6();
    const std::string family = v6 ? "-6" : "-4";
    const std::string command = fmt::format(
        "ip link set dev {0} mtu {1} && ip {2} addr add {3}/{4} dev {0}{5} && "
        "ip link set dev lo up && ip link set dev {0} up && ip {2} route replace {6} dev {0}",
        name, ends.mtu, family, ends.tested.with_zone(0).text(), v6 ? 64 : 16, v6 ? " nodad" : "",
        ends.ours.with_zone(0).text());
    if (const int status = std::system(command.c_str()); status != 0) {
        return failure({}, fmt::format("configure the device {} by ip: status {:#x}", name,
                                       static_cast<unsigned>(status)));
    }
    return {};
}

}  // namespace

Expected<Descriptor> open_tun(const TunEnds& ends) {
    Descriptor device{::open("/dev/net/tun", O_RDWR | O_CLOEXEC | O_NONBLOCK)};
    if (!device.open()) {
        return failure(last_system_error(), "open /dev/net/tun (root may, usually)");
    }
    ifreq request{};
    request.ifr_flags = IFF_TUN | IFF_NO_PI;
    std::strncpy(request.ifr_name, name, IFNAMSIZ - 1);
    if (::ioctl(device.raw(), TUNSETIFF, &request) != 0) {
        return failure(last_system_error(),
                       fmt::format("make the device {} in the tested namespace", name));
    }
    if (auto configured = configure(ends); !configured) {
        return Unexpected<Error>{configured.error()};
    }
    return device;
}

void TunLink::drain() {
    static constexpr std::size_t largest = 65'536;
    std::vector<std::byte> octets(largest);
    while (device_.open()) {
        const ssize_t size = ::read(device_.raw(), octets.data(), octets.size());
        if (size <= 0) {
            return;
        }
        const Arrival arrival{.octets = std::span{octets}.first(static_cast<std::size_t>(size)),
                              .at = alarm_.now()};
        if (on_arrivals_) {
            on_arrivals_({&arrival, 1});
        }
    }
}

Expected<void> TunLink::transmit(std::span<const Outgoing> packets) {
    for (const Outgoing& packet : packets) {
        const ssize_t size = ::write(device_.raw(), packet.octets.data(), packet.octets.size());
        if (size < 0) {
            return failure(last_system_error(), "write to the device in the tested namespace");
        }
        if (on_sent_) {
            on_sent_({packet.token, alarm_.now(), false});
        }
    }
    return {};
}

void TunLink::on_arrivals(std::function<void(std::span<const Arrival>)> handler) {
    on_arrivals_ = std::move(handler);
}
void TunLink::on_sent(std::function<void(const Sent&)> handler) { on_sent_ = std::move(handler); }
void TunLink::on_icmp(std::function<void(const IcmpError&)> /*handler*/) {}

}  // namespace tcpcraft
