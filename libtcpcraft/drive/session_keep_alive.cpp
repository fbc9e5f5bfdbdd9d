#include <algorithm>

#include <libtcpcraft/drive/keep_alive.hpp>
#include <libtcpcraft/drive/session.hpp>

// Keep-alive, seen from both sides: we probe (AwaitKeepAlive), or the peer does (Overhear).

namespace tcpcraft {

using namespace std::chrono_literals;

Session::Progress Session::begin(const AwaitKeepAlive& /*step*/) { return Progress::waits; }

Session::Progress Session::begin(const Overhear& step) {
    overheard_.clear();
    let_through_ = 0;
    wait_for(step.first_within);
    return Progress::waits;
}

std::size_t Session::probes_answered() const {
    const auto probes = probes_in(connection_.sightings(), Direction::out);
    return static_cast<std::size_t>(std::ranges::count_if(
        probes, [](const KeepAliveProbe& probe) { return probe.answer.has_value(); }));
}

bool Session::octet_answered() const {
    const auto probes = probes_in(connection_.sightings(), Direction::out);
    const auto last = std::find_if(probes.rbegin(), probes.rend(), [](const KeepAliveProbe& probe) {
        return probe.answer.has_value();
    });
    return last != probes.rend() && last->len == 1;
}

bool Session::overhear(const Datagram& datagram, const Arrival& arrival) {
    const auto* step = waiting_for<Overhear>();
    const Tcb& tcb = connection_.tcb();
    if (step == nullptr || finished() || datagram.checksum == Checksum::bad || arrival.truncated ||
        !looks_like_probe(datagram.segment, tcb.rcv.nxt)) {
        return false;
    }
    if (let_through_++ < step->answer) {
        wait_for(step->first_within);  // its idle time begins anew
        return false;
    }
    overheard_.push_back(around_.engine_now());
    wait_for(overdue_after(overheard_, step->first_within));
    connection_.kept_back(datagram, arrival, "drop", "its keep-alive probe: not answered");
    if (step->progress) {
        tell_progress();
    }
    return true;
}

void Session::tell_progress() {
    const LearnProgress made = learn_progress(connection_.sightings());
    const Instant now = around_.alarm.now();
    Progressed told{.done = made.seen, .total = made.expected};
    if (made.ends_at != never) {
        told.left = std::max<Duration>(made.ends_at - now, 0us);
    }
    connection_.write(told);
}

}  // namespace tcpcraft
