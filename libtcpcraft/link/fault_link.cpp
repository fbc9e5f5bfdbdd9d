#include <algorithm>
#include <utility>

#include <libtcpcraft/link/fault_link.hpp>
#include <libtcpcraft/wire/codec.hpp>

namespace tcpcraft {

namespace {

using namespace std::chrono_literals;

constexpr Duration overtaking_patience = 200ms;

bool matches(const FaultRule& rule, std::span<const std::byte> octets) {
    if (!rule.flags) {
        return true;
    }
    const auto parsed = parse(octets);
    return parsed && parsed->segment.flags == *rule.flags;
}

/// Where the segment lies in the packet.
struct Extent {
    std::size_t start{0};
    std::size_t size{0};
};

Extent extent_of(const Datagram& datagram, std::span<const std::byte> octets) {
    const std::size_t fixed = datagram.ip.family() == Family::v4 ? 20 : 40;
    const std::size_t start = fixed + datagram.ip.extension.size();
    const auto words = std::to_integer<std::size_t>(octets[start + 12]) >> 4U;
    return {start, words * 4 + datagram.segment.payload.size()};
}

void write_checksum(const Datagram& datagram, std::span<std::byte> segment) {
    constexpr std::size_t at = 16;
    const std::uint16_t sum = tcp_checksum(datagram.ip.source, datagram.ip.destination, segment);
    segment[at] = static_cast<std::byte>(sum >> 8U);
    segment[at + 1] = static_cast<std::byte>(sum & 0xffU);
}

/// Not the ports (0 to 3), nor data offset and flags (12, 13): it stays a segment of the same
/// connection and kind, with a checksum that is wrong.
void flip_a_bit(std::span<std::byte> segment, std::uint64_t number) {
    constexpr std::size_t before_flags = 12 - 4;
    const std::uint64_t bit = number % ((segment.size() - 6) * 8);
    const std::size_t nth = bit / 8;
    std::byte& victim = segment[nth < before_flags ? 4 + nth : 6 + nth];
    victim ^= std::byte{1} << (bit % 8);
}

}  // namespace

FaultLink::FaultLink(Link& inner, Alarm& alarm, std::vector<FaultRule> rules, std::uint64_t seed)
    : inner_{inner}, alarm_{alarm}, rules_{}, dice_{seed} {
    std::ranges::for_each(rules, [this](const FaultRule& rule) { rules_.push_back({rule, 0}); });
    inner_.on_arrivals([this](std::span<const Arrival> batch) {
        (void)in_runs(
            batch,
            [](const Arrival& arrival) {
                return Packet{Direction::in, arrival.octets, {}, 0, arrival};
            },
            [this](std::span<const Arrival> untouched) {
                if (on_arrivals_) {
                    on_arrivals_(untouched);
                }
                return Expected<void>{};
            });
    });
}

FaultLink::~FaultLink() {
    inner_.on_arrivals({});
    std::ranges::for_each(held_, [this](const Held& held) { alarm_.cancel(held.alarm); });
}

Expected<void> FaultLink::transmit(std::span<const Outgoing> packets) {
    if (auto late = std::exchange(late_error_, std::nullopt)) {
        return Unexpected<Error>{*late};
    }
    return in_runs(
        packets,
        [](const Outgoing& packet) {
            return Packet{Direction::out, packet.octets, packet.destination, packet.token, {}};
        },
        [this](std::span<const Outgoing> untouched) { return inner_.transmit(untouched); });
}

// What nothing is done to stays together: a span is worth more to the inner link than its packets.
template <typename Item, typename AsPacket, typename PassOn>
Expected<void> FaultLink::in_runs(std::span<const Item> items, const AsPacket& as_packet,
                                  const PassOn& pass_on) {
    std::size_t begin = 0;
    Expected<void> done{};
    const auto flush = [&](std::size_t end) {
        if (begin < end) {
            done = pass_on(items.subspan(begin, end - begin));
        }
        begin = end;
    };
    for (std::size_t at = 0; done && at < items.size(); ++at) {
        const Packet packet = as_packet(items[at]);
        const FaultRule* rule = choose(packet);
        if (rule == nullptr && held_.empty()) {
            continue;
        }
        flush(at);
        if (done) {
            begin = at + 1;
            done = handle(packet, rule);
        }
    }
    if (done) {
        flush(items.size());
    }
    return done;
}

const FaultRule* FaultLink::choose(const Packet& packet) {
    const FaultRule* chosen = nullptr;
    for (Counted& counted : rules_) {
        const FaultRule& rule = counted.rule;
        if (rule.direction != packet.direction || !matches(rule, packet.octets)) {
            continue;
        }
        ++counted.seen;
        const bool its_turn =
            counted.seen >= rule.first && (rule.last == 0 || counted.seen <= rule.last);
        if (its_turn && chosen == nullptr) {
            chosen = &rule;
        }
    }
    return chosen;
}

Expected<void> FaultLink::handle(const Packet& packet, const FaultRule* rule) {
    if (rule == nullptr) {
        return pass(packet);
    }
    report(*rule, packet);
    return act(*rule, packet);
}

Expected<void> FaultLink::act(const FaultRule& rule, const Packet& packet) {
    switch (rule.kind) {
        case FaultKind::drop:
            return {};
        case FaultKind::delay:
        case FaultKind::reorder:
            hold(rule, packet);
            return {};
        case FaultKind::duplicate:
            return pass_on(packet).and_then([&] { return pass(packet); });
        case FaultKind::corrupt:
            return pass_corrupted(packet);
    }
    return {};
}

Expected<void> FaultLink::pass(const Packet& packet) {
    return pass_on(packet).and_then([&] { return release_overtaken(packet.direction); });
}

Expected<void> FaultLink::pass_on(const Packet& packet) {
    if (packet.direction == Direction::out) {
        const Outgoing ours{packet.octets, packet.destination, packet.token};
        return inner_.transmit(std::span{&ours, 1});
    }
    Arrival arrival = packet.arrival;
    arrival.octets = packet.octets;
    if (on_arrivals_) {
        on_arrivals_(std::span{&arrival, 1});
    }
    return {};
}

Expected<void> FaultLink::pass_corrupted(const Packet& packet) {
    const bool ready = packet.direction == Direction::out || packet.arrival.checksum_ready;
    const auto parsed = parse(packet.octets, ready);
    if (!parsed) {
        return pass(packet);  // not a segment: there is nothing of TCP's to corrupt
    }
    std::vector<std::byte> octets{packet.octets.begin(), packet.octets.end()};
    const Extent extent = extent_of(*parsed, octets);
    const auto segment = std::span{octets}.subspan(extent.start, extent.size);
    if (parsed->checksum == Checksum::offloaded) {
        write_checksum(*parsed, segment);
    }
    flip_a_bit(segment, next_number());
    Packet corrupted = packet;
    corrupted.octets = octets;
    corrupted.arrival.checksum_ready = true;
    return pass(corrupted);
}

void FaultLink::hold(const FaultRule& rule, const Packet& packet) {
    const auto held = held_.emplace(held_.end());
    held->octets.assign(packet.octets.begin(), packet.octets.end());
    held->packet = packet;
    held->packet.octets = held->octets;
    held->until_overtaken = rule.kind == FaultKind::reorder;
    const Duration wait = rule.delay == Duration{} ? overtaking_patience : rule.delay;
    held->alarm = alarm_.call_at(alarm_.now() + wait, [this, held] {
        if (auto done = release(held); !done) {
            late_error_ = done.error();
        }
    });
}

Expected<void> FaultLink::release(std::list<Held>::iterator held) {
    // What is called may hold or release others: out of the list first.
    std::list<Held> one;
    one.splice(one.end(), held_, held);
    alarm_.cancel(held->alarm);
    held->packet.arrival.at = alarm_.now();
    held->packet.arrival.kernel_timestamp = false;
    return held->until_overtaken ? pass_on(held->packet) : pass(held->packet);
}

Expected<void> FaultLink::release_overtaken(Direction direction) {
    const auto waits = [direction](const Held& held) {
        return held.until_overtaken && held.packet.direction == direction;
    };
    Expected<void> done{};
    for (auto next = std::ranges::find_if(held_, waits); done && next != held_.end();
         next = std::ranges::find_if(held_, waits)) {
        done = release(next);
    }
    return done;
}

void FaultLink::report(const FaultRule& rule, const Packet& packet) const {
    if (on_fault_) {
        on_fault_({rule.kind, packet.direction, rule.delay, packet.token, alarm_.now(),
                   packet.octets, packet.arrival.checksum_ready});
    }
}

std::uint64_t FaultLink::next_number() noexcept {
    // SplitMix64 (Steele, Lea, Flood 2014): the same numbers on every machine.
    dice_ += 0x9e3779b97f4a7c15U;
    std::uint64_t mixed = dice_;
    mixed = (mixed ^ (mixed >> 30U)) * 0xbf58476d1ce4e5b9U;
    mixed = (mixed ^ (mixed >> 27U)) * 0x94d049bb133111ebU;
    return mixed ^ (mixed >> 31U);
}

void FaultLink::on_arrivals(std::function<void(std::span<const Arrival>)> handler) {
    on_arrivals_ = std::move(handler);
}

void FaultLink::on_sent(std::function<void(const Sent&)> handler) {
    inner_.on_sent(std::move(handler));
}

void FaultLink::on_icmp(std::function<void(const IcmpError&)> handler) {
    inner_.on_icmp(std::move(handler));
}

void FaultLink::on_fault(std::function<void(const FaultReport&)> handler) {
    on_fault_ = std::move(handler);
}

LinkCounters FaultLink::counters() const { return inner_.counters(); }

}  // namespace tcpcraft
