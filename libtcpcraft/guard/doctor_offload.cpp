#include <array>
#include <cstring>

#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <libtcpcraft/base/descriptor.hpp>
#include <libtcpcraft/guard/doctor.hpp>

namespace tcpcraft {

namespace {

struct Feature {
    std::uint32_t question;
    const char* name;
};

constexpr std::array<Feature, 4> features{
    {{ETHTOOL_GTXCSUM, "tx"}, {ETHTOOL_GTSO, "tso"}, {ETHTOOL_GGSO, "gso"}, {ETHTOOL_GGRO, "gro"}}};

ifreq named(const std::string& interface) {
    ifreq request{};
    interface.copy(request.ifr_name, IFNAMSIZ - 1);
    return request;
}

bool is_on(const Descriptor& socket, const std::string& interface, std::uint32_t question) {
    ethtool_value value{question, 0};
    ifreq request = named(interface);
    request.ifr_data = reinterpret_cast<char*>(&value);
    return ioctl(socket.raw(), SIOCETHTOOL, &request) == 0 && value.data != 0;
}

bool is_up(const Descriptor& socket, const std::string& interface) {
    ifreq request = named(interface);
    return ioctl(socket.raw(), SIOCGIFFLAGS, &request) == 0 && (request.ifr_flags & IFF_UP) != 0;
}

std::vector<std::string> interfaces_up(const Descriptor& socket) {
    std::vector<std::string> names;
    struct if_nameindex* const all = ::if_nameindex();
    for (const struct if_nameindex* each = all; each != nullptr && each->if_index != 0; ++each) {
        if (std::strcmp(each->if_name, "lo") != 0 && is_up(socket, each->if_name)) {
            names.emplace_back(each->if_name);
        }
    }
    if_freenameindex(all);
    return names;
}

}  // namespace

Check check_offload() {
    const Descriptor socket{::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
    Check check{"offload", true, {}, {}};
    for (const std::string& interface : interfaces_up(socket)) {
        std::string on;
        for (const Feature& feature : features) {
            if (is_on(socket, interface, feature.question)) {
                on += std::string{on.empty() ? "" : " "} + feature.name;
            }
        }
        check.detail += (check.detail.empty() ? "" : "; ") + interface + ": ";
        check.detail += on.empty() ? "none" : on;
        if (!on.empty()) {
            check.fix += (check.fix.empty() ? "" : "; ") + std::string{"sudo ethtool -K "} +
                         interface + " tx off tso off gso off gro off";
        }
    }
    if (check.detail.empty()) {
        check.detail = "no interface but lo is up";
    } else if (!check.fix.empty()) {
        check.detail +=
            " (checksums of this host's own segments show as offloaded, arrivals may "
            "be merged; the option shows them as on the wire)";
    }
    return check;
}

}  // namespace tcpcraft
