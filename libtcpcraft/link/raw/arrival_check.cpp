#include <algorithm>

#include <net/if.h>

#include <libtcpcraft/link/raw/arrival_check.hpp>
#include <libtcpcraft/link/raw/own_addresses.hpp>
#include <libtcpcraft/link/raw/peek.hpp>

namespace tcpcraft {

ArrivalCheck::ArrivalCheck() : own_{own_addresses()}, loopback_{::if_nametoindex("lo")} {}

bool ArrivalCheck::accepts(const CaptureScope& scope, const Arrival& arrival) const {
    const auto peeked = peek(arrival.octets);
    if (!peeked || !scope.covers({{peeked->destination, peeked->destination_port},
                                  {peeked->source, peeked->source_port}})) {
        return false;
    }
    // The same link-local address may exist on several links; to itself this host talks over lo.
    if (const auto zone = scope.local.address.zone();
        zone != 0 && arrival.interface_index != zone && arrival.interface_index != loopback_) {
        return false;
    }
    // A router sees segments for hosts behind it: not ours to answer.
    return !scope.local.address.is_unspecified() || peeked->destination.is_loopback() ||
           std::ranges::binary_search(own_, peeked->destination);
}

}  // namespace tcpcraft
