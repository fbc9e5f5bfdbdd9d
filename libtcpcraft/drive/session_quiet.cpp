#include <algorithm>

#include <libtcpcraft/drive/session.hpp>

// Silence of both sides. What was lost on purpose has not been on the path.

namespace tcpcraft {

namespace {

std::optional<Instant> last_traffic(const std::vector<Sighting>& seen) {
    const auto last =
        std::find_if(seen.rbegin(), seen.rend(), [](const Sighting& one) { return !one.lost; });
    return last == seen.rend() ? std::nullopt : std::optional{last->at};
}

}  // namespace

Session::Progress Session::begin(const Quiet& step) {
    quiet_in_ = connection_.tcb().state;
    quiet_at_most_ = around_.engine_now() + step.within;
    if (!waits_for_quiet(step)) {
        wait_for(Duration{});
    }
    return Progress::waits;
}

// Not beyond: kernel stamps and timers are compared, and one of them is a little early.
bool Session::waits_for_quiet(const Quiet& step) {
    const auto last = last_traffic(connection_.sightings());
    const Instant now = around_.engine_now();
    const Instant until = last ? *last - around_.paused + step.during : now + step.during;
    const Instant wanted = std::min(until, quiet_at_most_);
    if (wanted <= now) {
        return false;
    }
    wait_for(wanted - now);
    return true;
}

bool Session::closed_in_silence() const {
    return !closed_by_peer(quiet_in_) && closed_by_peer(connection_.tcb().state);
}

}  // namespace tcpcraft
