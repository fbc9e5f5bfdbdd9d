#include <algorithm>

#include <libtcpcraft/engine/rto.hpp>

namespace tcpcraft {
namespace {

constexpr std::int64_t granularity = 1;  // G: the engine's clock ticks in microseconds
constexpr std::int64_t five_seven = 3'000'000;

std::uint32_t bounded(std::int64_t rto, const Rto::Bounds& bounds) noexcept {
    const std::int64_t most = std::clamp<std::int64_t>(bounds.most.count(), 1, UINT32_MAX);
    const std::int64_t least = std::clamp<std::int64_t>(bounds.least.count(), 1, most);
    return static_cast<std::uint32_t>(std::clamp(rto, least, most));
}

}  // namespace

Rto::Rto(const Bounds& bounds) noexcept
    : rto_{static_cast<std::uint32_t>(std::clamp<std::int64_t>(
          bounds.initial.count(), 1,
          std::clamp<std::int64_t>(bounds.most.count(), 1, UINT32_MAX)))} {}

void Rto::sample(Duration rtt, const Bounds& bounds) noexcept {
    const std::int64_t r = std::clamp<std::int64_t>(rtt.count(), 1, UINT32_MAX / 8);
    std::int64_t srtt = srtt_;
    std::int64_t rttvar = rttvar_;
    if (srtt == 0) {  // (2.2)
        srtt = r;
        rttvar = r / 2;
    } else {  // (2.3): RTTVAR first, with the SRTT of before
        const std::int64_t off = srtt > r ? srtt - r : r - srtt;
        rttvar = (3 * rttvar + off) / 4;
        srtt = (7 * srtt + r) / 8;
    }
    srtt_ = static_cast<std::uint32_t>(std::max<std::int64_t>(srtt, 1));
    rttvar_ = static_cast<std::uint32_t>(rttvar);
    rto_ = bounded(srtt + std::max(granularity, 4 * rttvar), bounds);
}

void Rto::back_off(const Bounds& bounds) noexcept {
    rto_ = bounded(2 * static_cast<std::int64_t>(rto_), bounds);
}

void Rto::raise_after_syn_timeout(const Bounds& bounds) noexcept {
    if (bounds.initial.count() < five_seven) {
        rto_ = bounded(five_seven, bounds);
    }
}

}  // namespace tcpcraft
