#include <algorithm>
#include <memory>

#include <ifaddrs.h>
#include <net/if.h>

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

std::vector<std::string> names_of_interfaces() {
    const std::unique_ptr<struct if_nameindex, decltype(&::if_freenameindex)> list{
        ::if_nameindex(), &::if_freenameindex};
    std::vector<std::string> found;
    for (const auto* at = list.get(); at != nullptr && at->if_index != 0; ++at) {
        found.emplace_back(at->if_name);
    }
    return found;
}

}  // namespace tcpcraft
