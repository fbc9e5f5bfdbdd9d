#include <algorithm>
#include <memory>

#include <ifaddrs.h>

#include <libtcpcraft/base/socket_address.hpp>
#include <libtcpcraft/link/raw/own_addresses.hpp>

namespace tcpcraft {

std::vector<Address> own_addresses() {
    ifaddrs* list = nullptr;
    if (::getifaddrs(&list) != 0) {
        return {};
    }
    const std::unique_ptr<ifaddrs, decltype(&::freeifaddrs)> owner{list, &::freeifaddrs};
    std::vector<Address> found;
    for (const ifaddrs* at = list; at != nullptr; at = at->ifa_next) {
        if (at->ifa_addr == nullptr) {
            continue;
        }
        if (const Address address = endpoint_of(*at->ifa_addr).address; !address.is_unspecified()) {
            found.push_back(address.with_zone(0));
        }
    }
    std::ranges::sort(found);
    return found;
}

}  // namespace tcpcraft
