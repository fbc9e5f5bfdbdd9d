#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>

#include <libtcpcraft/drive/keep_alive_profile.hpp>

namespace tcpcraft {

using namespace std::chrono_literals;

namespace {

constexpr std::array profiles{
    KeepAliveProfile{"Linux", 7200s, 75s, 9, 0}, KeepAliveProfile{"BSD", 7200s, 75s, 8, 0},
    KeepAliveProfile{"Windows", 7200s, 1s, 10, 1}, KeepAliveProfile{"textbook", 7200s, 75s, 10, 0}};

bool near(Duration measured, Duration known) {
    return std::chrono::abs(measured - known) <= known / 50 + 200ms;
}

bool near(std::optional<Duration> measured, Duration known) {
    return measured && near(*measured, known);
}

}  // namespace

std::string profile_of(const LearnResult& result) {
    if (result.probes.empty() || result.kind != ProbingKind::keep_alive) {
        return {};
    }
    for (const KeepAliveProfile& known : profiles) {
        if (near(result.idle, known.idle) && near(result.interval, known.interval) &&
            result.count == known.count && result.probes.front().len == known.octets) {
            return std::string{known.name};
        }
    }
    return result.idle && !near(*result.idle, 7200s) ? "configured" : "";
}

std::string proportions_of(const LearnResult& result) {
    if (result.profile != "configured" || !result.interval || *result.interval <= 0us) {
        return {};
    }
    const double ratio = seconds(*result.idle) / seconds(*result.interval);
    for (const KeepAliveProfile& known : profiles) {
        const double wanted = seconds(known.idle) / seconds(known.interval);
        if (std::abs(ratio / wanted - 1) < 0.03 && result.count == known.count &&
            result.probes.front().len == known.octets) {
            const double factor = seconds(known.idle) / seconds(*result.idle);
            return fmt::format("those of {}, {:.3g} times as {}", known.name,
                               factor > 1 ? factor : 1 / factor, factor > 1 ? "fast" : "slow");
        }
    }
    return {};
}

const KeepAliveProfile* fitting_profile(std::optional<Duration> idle,
                                        std::optional<Duration> interval, std::uint32_t octets,
                                        std::size_t seen) {
    const auto fits = [&](const KeepAliveProfile& known) {
        return near(idle, known.idle) && (!interval || near(*interval, known.interval)) &&
               octets == known.octets && seen <= known.count;
    };
    const auto* const found = std::ranges::find_if(profiles, fits);
    return found == profiles.end() ? nullptr : found;
}

}  // namespace tcpcraft
