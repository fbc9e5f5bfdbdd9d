#include <algorithm>
#include <utility>

#include <linux/if_ether.h>

#include <libtcpcraft/link/raw/reset_watch.hpp>

namespace tcpcraft {

Expected<ResetWatch> ResetWatch::open(const CaptureScope& scope, const std::string& interface) {
    const TapPlace place{ETH_P_ALL, interface, TapSide::departures};
    return PacketTap::open(place, departing_resets_filter(scope)).map([&scope](PacketTap tap) {
        return ResetWatch{std::move(tap), scope};
    });
}

void ResetWatch::sent(std::span<const std::byte> packet) noexcept {
    const auto peeked = peek(packet);
    const auto print = peeked ? reset_fingerprint(*peeked) : std::nullopt;
    if (!print || !scope_.covers({{peeked->source, peeked->source_port},
                                  {peeked->destination, peeked->destination_port}})) {
        return;
    }
    if (own_.size() == memory) {
        own_.pop_front();
    }
    own_.push_back(*print);
}

void ResetWatch::drain(const Alarm& alarm) {
    for (auto batch = tap_.read(alarm); !batch.empty(); batch = tap_.read(alarm)) {
        std::ranges::for_each(batch, [this](const Arrival& packet) { departed(packet.octets); });
    }
}

void ResetWatch::departed(std::span<const std::byte> packet) noexcept {
    const auto peeked = peek(packet);
    const auto print = peeked ? reset_fingerprint(*peeked) : std::nullopt;
    if (print && !excused(*print)) {
        ++escaped_;
    }
}

bool ResetWatch::excused(const Fingerprint& print) noexcept {
    const auto own = std::ranges::find(own_, print);
    if (own == own_.end()) {
        return false;
    }
    own_.erase(own);
    return true;
}

}  // namespace tcpcraft
