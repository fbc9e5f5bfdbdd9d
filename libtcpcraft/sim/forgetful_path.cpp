#include <utility>

#include <libtcpcraft/sim/forgetful_path.hpp>

namespace tcpcraft {

namespace {

using Then = ForgetfulPathOptions::Then;

ConnectionId id_of(const Datagram& datagram, Direction direction) {
    const Endpoint from{datagram.ip.source.with_zone(0), datagram.segment.source};
    const Endpoint to{datagram.ip.destination.with_zone(0), datagram.segment.destination};
    return direction == Direction::out ? ConnectionId{from, to} : ConnectionId{to, from};
}

Datagram without_views(Datagram datagram) {
    datagram.segment.payload = {};
    datagram.ip.extension = {};
    return datagram;
}

/// RFC 9293 §3.10.7.1: what a host without the connection would answer.
Datagram reset_for(const Datagram& late, std::uint8_t hop_limit) {
    Datagram made;
    made.ip.source = late.ip.destination;
    made.ip.destination = late.ip.source;
    made.ip.hop_limit = hop_limit;
    made.segment.source = late.segment.destination;
    made.segment.destination = late.segment.source;
    made.segment.flags = Flags{Flag::rst};
    made.segment.seq = late.segment.ack;
    return made;
}

}  // namespace

ForgetfulPath::ForgetfulPath(Link& inner, Alarm& alarm, const ForgetfulPathOptions& options)
    : inner_{inner}, alarm_{alarm}, options_{options} {
    inner_.on_arrivals([this](std::span<const Arrival> arrivals) {
        for (const Arrival& arrival : arrivals) {
            const auto datagram = parse(arrival.octets, arrival.checksum_ready);
            if (arrivals_ && (!datagram || passes(*datagram, Direction::in))) {
                arrivals_({&arrival, 1});
            }
        }
    });
}

ForgetfulPath::~ForgetfulPath() {
    for (auto& [id, entry] : entries_) {
        alarm_.cancel(entry.over);
    }
    inner_.on_arrivals({});
}

Expected<void> ForgetfulPath::transmit(std::span<const Outgoing> packets) {
    for (const Outgoing& packet : packets) {
        const auto datagram = parse(packet.octets);
        if (!datagram || passes(*datagram, Direction::out)) {
            if (auto done = inner_.transmit({&packet, 1}); !done) {
                return done;
            }
        } else if (sent_) {
            sent_(Sent{.token = packet.token, .at = alarm_.now()});
        }
    }
    return {};
}

void ForgetfulPath::on_arrivals(std::function<void(std::span<const Arrival>)> handler) {
    arrivals_ = std::move(handler);
}

void ForgetfulPath::on_sent(std::function<void(const Sent&)> handler) {
    sent_ = handler;
    inner_.on_sent(std::move(handler));
}

void ForgetfulPath::on_icmp(std::function<void(const IcmpError&)> handler) {
    inner_.on_icmp(std::move(handler));
}

Duration ForgetfulPath::timeout(const Entry& entry) const {
    const auto or_usual = [this](Duration chosen) {
        return chosen == Duration::zero() ? options_.established : chosen;
    };
    if (!entry.completed) {
        return or_usual(options_.half_open);
    }
    if (entry.near_fin && entry.far_fin) {
        return or_usual(options_.closed);
    }
    return entry.near_fin || entry.far_fin ? or_usual(options_.half_closed) : options_.established;
}

bool ForgetfulPath::passes(const Datagram& datagram, Direction direction) {
    const ConnectionId id = id_of(datagram, direction);
    const Segment& segment = datagram.segment;
    auto found = entries_.find(id);
    const bool opens = segment.has(Flag::syn) && !segment.has(Flag::ack);
    if (found != entries_.end()) {
        const Duration allowed = timeout(found->second);
        if (allowed > Duration::zero() && alarm_.now() - found->second.restarted >= allowed) {
            alarm_.cancel(found->second.over);
            entries_.erase(found);
            found = entries_.end();
        }
    }
    if (found == entries_.end() && !opens) {
        if (options_.then == Then::reset && !segment.has(Flag::rst)) {
            answer_with_reset(datagram, direction);
        }
        return false;
    }
    if (found == entries_.end()) {
        found = entries_.emplace(id, Entry{}).first;
        found->second.restarted = alarm_.now();
    }
    if (segment.has(Flag::rst)) {
        alarm_.cancel(found->second.over);
        entries_.erase(found);
        return true;
    }
    note(found->second, datagram, direction);
    rearm(id, found->second);
    return true;
}

void ForgetfulPath::note(Entry& entry, const Datagram& datagram, Direction direction) const {
    const Segment& segment = datagram.segment;
    const bool out = direction == Direction::out;
    const Duration before = timeout(entry);
    const bool repeated = entry.answered && segment.has(Flag::syn);
    entry.answered = entry.answered || (segment.has(Flag::syn) && segment.has(Flag::ack));
    entry.completed = entry.completed || (out && entry.answered && !segment.has(Flag::syn));
    (out ? entry.near_fin : entry.far_fin) |= segment.has(Flag::fin);
    (out ? entry.last_out : entry.last_in) = without_views(datagram);
    const bool bare = segment.len() == 0 && timeout(entry) == before;
    if ((bare && !options_.empty_restarts) || (!out && !options_.inbound_restarts) || repeated) {
        return;
    }
    entry.restarted = alarm_.now();
}

void ForgetfulPath::rearm(const ConnectionId& id, Entry& entry) {
    alarm_.cancel(std::exchange(entry.over, AlarmId::none));
    const Duration allowed = timeout(entry);
    if (options_.then == Then::reset_at_once && allowed > Duration::zero()) {
        entry.over = alarm_.call_at(entry.restarted + allowed, [this, id] { reset_both(id); });
    }
}

void ForgetfulPath::answer_with_reset(const Datagram& late, Direction direction) {
    const Datagram reset = reset_for(late, options_.hop_limit);
    direction == Direction::out ? to_near(reset) : to_far(reset);
}

void ForgetfulPath::reset_both(const ConnectionId& id) {
    const auto found = entries_.find(id);
    if (found == entries_.end()) {
        return;
    }
    const Entry entry = found->second;
    entries_.erase(found);
    if (entry.answered) {
        Datagram near = reset_for(entry.last_out, options_.hop_limit);
        near.segment.seq = entry.last_in.segment.seq + entry.last_in.segment.len();
        to_near(near);
        Datagram far = reset_for(entry.last_in, options_.hop_limit);
        far.segment.seq = entry.last_in.segment.ack;
        to_far(far);
    }
}

// Never from inside transmit(): on the loop's next turn.
void ForgetfulPath::to_near(const Datagram& datagram) {
    (void)alarm_.call_at(alarm_.now(), [this, octets = serialize(datagram)] {
        if (arrivals_) {
            const Arrival arrival{.octets = octets, .at = alarm_.now()};
            arrivals_({&arrival, 1});
        }
    });
}

void ForgetfulPath::to_far(const Datagram& datagram) {
    const std::vector<std::byte> octets = serialize(datagram);
    const Outgoing out{.octets = octets, .destination = datagram.ip.destination};
    (void)inner_.transmit({&out, 1});
}

}  // namespace tcpcraft
