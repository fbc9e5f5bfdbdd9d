#include <algorithm>

#include <libtcpcraft/drive/session.hpp>

// Segments of the peer's that a scenario keeps from the machine, and waits for.

namespace tcpcraft {

using namespace std::chrono_literals;

Session::Progress Session::begin(const KeepBack& step) {
    keeping_ = step;
    kept_count_ = 0;
    return Progress::done;
}

Session::Progress Session::begin(const AwaitKept& step) {
    wait_for(step.within);
    if (kept_count_ >= step.times) {
        find(step.row, step.came, step.go_on, last_seen(Direction::in));
    }
    return Progress::waits;
}

Session::Progress Session::begin(const AwaitLast& step) {
    last_awaited_until_ = around_.alarm.now() + step.within;
    wait_for(Duration{});
    return Progress::waits;
}

Session::Repeated Session::repeated(Flags having) const {
    Repeated made;
    for (const Sighting& seen : connection_.sightings()) {
        if (seen.direction == Direction::in &&
            (seen.flags.bits() & having.bits()) == having.bits()) {
            made.first = made.count++ == 0 ? seen.at : made.first;
            made.pause = seen.at - made.last;
            made.last = seen.at;
        }
    }
    return made;
}

// Pauses grow by two at most times (RFC 6298 §5.5), or a busy host is late: when even so the next
// one is overdue, it has given up.
bool Session::waits_for_more(const AwaitLast& step) {
    const Repeated seen = repeated(step.having);
    const Instant now = around_.alarm.now();
    const Instant over = std::min(seen.last + 4 * seen.pause + 3s, last_awaited_until_);
    if (seen.count >= 2 && now < over) {
        wait_for(over - now);
        return true;
    }
    if (seen.count >= 2 && now < last_awaited_until_) {
        gave_up_after_ = seen.last + 2 * seen.pause - seen.first;
    }
    return false;
}

Session::Progress Session::begin(const Release& /*step*/) {
    keeping_.reset();
    const std::vector<std::byte> octets = kept_;
    if (const auto parsed = parse(octets, kept_checksum_ready_)) {
        connection_.apply(
            SegmentArrives{parsed->segment, parsed->ip.source, parsed->ip.destination});
    }
    return Progress::done;
}

bool Session::keep_back(const Datagram& datagram, const Arrival& arrival) {
    const bool matches =
        keeping_ && !finished() && datagram.checksum != Checksum::bad && !arrival.truncated &&
        (datagram.segment.flags.bits() & keeping_->having.bits()) == keeping_->having.bits();
    if (!matches) {
        return false;
    }
    ++kept_count_;
    kept_.assign(arrival.octets.begin(), arrival.octets.end());
    kept_checksum_ready_ = arrival.checksum_ready;
    connection_.kept_back(datagram, arrival, keeping_->lost ? "drop" : "delay",
                          keeping_->lost ? "lost on purpose" : "kept back from our machine");
    if (const auto* step = waiting_for<AwaitKept>(); step != nullptr && met()) {
        find(step->row, step->came, step->go_on, last_seen(Direction::in));
    }
    return true;
}

}  // namespace tcpcraft
