#include <algorithm>
#include <optional>

#include <libtcpcraft/drive/keep_alive_profile.hpp>

namespace tcpcraft {

using namespace std::chrono_literals;

namespace {

constexpr std::size_t usual_count = 9;  // of Linux; where times are configured, it mostly stays

/// From our last segment to the first probe that was not answered.
std::optional<Duration> idle_before(std::span<const Sighting> seen, Instant first_probe) {
    std::optional<Duration> idle;
    for (const Sighting& one : seen) {
        if (one.direction == Direction::out && !one.lost && one.at < first_probe) {
            idle = first_probe - one.at;
        }
    }
    return idle;
}

}  // namespace

LearnProgress learn_progress(std::span<const Sighting> seen) {
    const auto probes = probes_in(seen, Direction::in);
    const auto from =
        std::ranges::find_if(probes.rbegin(), probes.rend(),
                             [](const KeepAliveProbe& probe) { return probe.answer.has_value(); });
    const std::span<const KeepAliveProbe> row{from.base(), probes.end()};
    LearnProgress made{.seen = row.size()};
    if (row.empty()) {
        return made;
    }
    const std::optional<Duration> interval =
        row.size() > 1 ? std::optional{row.back().at - row[row.size() - 2].at} : std::nullopt;
    const KeepAliveProfile* known =
        fitting_profile(idle_before(seen, row.front().at), interval, row.front().len, row.size());
    made.expected = std::max(known != nullptr ? known->count : usual_count, row.size());
    made.by_profile = known != nullptr;
    const auto pause = interval || known == nullptr ? interval : std::optional{known->interval};
    if (pause) {
        const auto pauses = static_cast<std::int64_t>(made.expected - row.size() + 1);
        made.ends_at = row.back().at + pauses * *pause;
    }
    return made;
}

}  // namespace tcpcraft
