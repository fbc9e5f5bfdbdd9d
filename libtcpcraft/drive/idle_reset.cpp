#include <algorithm>
#include <array>
#include <cstdlib>
#include <optional>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <libtcpcraft/drive/idle_reset.hpp>

namespace tcpcraft {

using namespace std::chrono_literals;

namespace {

constexpr std::array<int, 4> initial_hop_limits{32, 64, 128, 255};
constexpr std::uint16_t near_in_count = 2000;

/// Hops behind a hop limit: it began as the next of the usual ones.
int hops(std::uint8_t hop_limit) {
    const auto began = std::ranges::lower_bound(initial_hop_limits, int{hop_limit});
    return (began == initial_hop_limits.end() ? 255 : *began) - hop_limit;
}

struct Clue {
    ResetSender speaks_for{};
    std::string said{};
};

Clue by_hops(const Sighting& reset, const std::vector<Sighting>& peer) {
    const std::uint8_t usual = peer.back().hop_limit;
    if (reset.hop_limit == usual) {
        return {ResetSender::peer, fmt::format("TTL {}, as the peer's segments", usual)};
    }
    if (std::ranges::any_of(peer, [&](const Sighting& seen) {
            return hops(seen.hop_limit) == hops(reset.hop_limit);
        })) {
        return {ResetSender::peer,
                fmt::format("TTL {} where the peer's segments have {}: another start, but as far "
                            "away",
                            reset.hop_limit, usual)};
    }
    return {ResetSender::path,
            fmt::format("TTL {}, {} hops away, where the peer's segments have {}, {} hops",
                        reset.hop_limit, hops(reset.hop_limit), usual, hops(usual))};
}

// Clocks run at 1 kHz nearly everywhere; two samples tell.
double ticks_per_microsecond(const std::vector<Sighting>& peer) {
    const Duration apart = peer.back().at - peer.front().at;
    if (apart < 500ms) {
        return 1e-3;
    }
    return static_cast<double>(peer.back().ts_val - peer.front().ts_val) /
           static_cast<double>(apart.count());
}

std::optional<Clue> by_timestamp(const Sighting& reset, const std::vector<Sighting>& peer) {
    if (!reset.timestamps || !peer.back().timestamps || !peer.front().timestamps) {
        return std::nullopt;  // RFC 7323 §3.2 asks for none in a RST
    }
    const double elapsed = static_cast<double>((reset.at - peer.back().at).count());
    const double due = elapsed * ticks_per_microsecond(peer);
    const auto ahead = static_cast<std::int32_t>(reset.ts_val - peer.back().ts_val);
    if (std::abs(ahead - due) <= due / 10 + 1000) {
        return Clue{ResetSender::peer, "its timestamp fits the peer's clock"};
    }
    return std::nullopt;  // who has no TCB any more does not know the connection's clock
}

std::optional<Clue> by_identification(const Sighting& reset, const std::vector<Sighting>& peer) {
    if (reset.identification == 0 || peer.back().identification == 0) {
        return std::nullopt;  // no count: DF is set, or IPv6
    }
    const auto ahead =
        static_cast<std::uint16_t>(reset.identification - peer.back().identification);
    if (ahead > near_in_count) {
        return std::nullopt;  // counts per connection, or draws: says nothing
    }
    return Clue{ResetSender::peer, "its IP identification goes on where the peer's stood"};
}

}  // namespace

std::string_view text(ResetSender sender) noexcept {
    switch (sender) {
        case ResetSender::peer:
            return "peer";
        case ResetSender::path:
            return "path";
        case ResetSender::unknown:
            break;
    }
    return "unknown";
}

std::string ResetOrigin::why() const { return fmt::format("{}", fmt::join(evidence, "; ")); }

ResetOrigin origin_of(const Sighting& reset, std::span<const Sighting> seen) {
    std::vector<Sighting> peer;
    for (const Sighting& one : seen) {
        if (one.direction == Direction::in && !one.stray && !one.flags.has(Flag::rst) &&
            one.number < reset.number) {
            peer.push_back(one);
        }
    }
    ResetOrigin made;
    if (peer.empty()) {
        made.evidence.emplace_back("nothing of the peer's was seen before it");
        return made;
    }
    const Clue distance = by_hops(reset, peer);
    made.sender = distance.speaks_for;
    made.evidence.push_back(distance.said);
    const auto stamp = by_timestamp(reset, peer);
    for (const auto& clue : {stamp, by_identification(reset, peer)}) {
        if (clue) {
            made.evidence.push_back(clue->said);
        }
    }
    if (stamp && made.sender != ResetSender::peer) {
        made.sender = ResetSender::unknown;  // so far away, and yet it knows the peer's clock
    }
    return made;
}

}  // namespace tcpcraft
