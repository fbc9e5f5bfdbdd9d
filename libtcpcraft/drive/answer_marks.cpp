#include <algorithm>
#include <optional>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <libtcpcraft/drive/answer_marks.hpp>

namespace tcpcraft {

namespace {

// RFC 7323 §5.4: a tick of 1 ms or more. Clocks are not exact, and stamps wait in queues.
constexpr std::int64_t grace = 1000;

std::optional<std::string> by_clock(const Sighting& answer, const Sighting& peer) {
    if (!peer.timestamps) {
        return std::nullopt;
    }
    if (!answer.timestamps) {
        return "no timestamp, though the peer's segments have them";
    }
    const auto ahead = static_cast<std::int32_t>(answer.ts_val - peer.ts_val);
    const std::int64_t elapsed = (answer.at - peer.at) / std::chrono::milliseconds{1};
    if (elapsed > (std::int64_t{1} << 30U)) {
        return std::nullopt;  // the clock may have gone round
    }
    if (ahead < 0 || ahead > elapsed + elapsed / 10 + grace) {
        return fmt::format("a timestamp {} ticks {} the peer's last, {} ms later",
                           ahead < 0 ? -std::int64_t{ahead} : std::int64_t{ahead},
                           ahead < 0 ? "behind" : "ahead of", elapsed);
    }
    return std::nullopt;
}

}  // namespace

std::string foreign_marks(const Sighting& answer, std::span<const Sighting> seen,
                          std::size_t before) {
    const auto peers = [before](const Sighting& one) {
        return one.direction == Direction::in && !one.stray && !one.flags.has(Flag::rst) &&
               one.number < before;
    };
    std::vector<std::string> found;
    std::optional<Sighting> last;
    bool same_distance = false;
    for (const Sighting& one : seen) {
        if (peers(one)) {
            last = one;
            same_distance |= one.hop_limit == answer.hop_limit;
        }
    }
    if (!last) {
        return {};
    }
    if (!same_distance) {
        found.push_back(fmt::format("hop limit {} where the peer's segments have {}",
                                    answer.hop_limit, last->hop_limit));
    }
    if (auto clock = by_clock(answer, *last)) {
        found.push_back(std::move(*clock));
    }
    return fmt::format("{}", fmt::join(found, "; "));
}

}  // namespace tcpcraft
