#include <algorithm>
#include <utility>

#include <tests/engine/pair.hpp>

namespace tcpcraft::test {

Pair::Pair() {
    a_to_b = {Endpoint::read("192.0.2.1:40000").value(), Endpoint::read("192.0.2.2:80").value()};
}

void Pair::call(Side& side, const Event& event) {
    actions_.clear();
    side.tcb = advance(std::move(side.tcb), event, now, side.policy, actions_);
    take(side);
}

void Pair::take(Side& side) {
    auto& wire = &side == &a ? to_b : to_a;
    for (const Action& action : actions_) {
        if (const auto* sent = std::get_if<Transmit>(&action)) {
            const auto& payload = sent->segment.payload;
            wire.push_back({sent->segment, {payload.begin(), payload.end()}});
        } else if (const auto* data = std::get_if<Deliver>(&action)) {
            side.received.insert(side.received.end(), data->data.begin(), data->data.end());
        } else if (const auto* entered = std::get_if<Entered>(&action)) {
            side.went_through.push_back(entered->to);
        }
    }
}

bool Pair::deliver_to(Side& side) {
    auto& wire = &side == &a ? to_a : to_b;
    if (wire.empty()) {
        return false;
    }
    InFlight flight = std::move(wire.front());
    wire.pop_front();
    flight.segment.payload = flight.octets;
    const Address peer = &side == &a ? a_to_b.remote.address : a_to_b.local.address;
    const Address own = &side == &a ? a_to_b.local.address : a_to_b.remote.address;
    call(side, SegmentArrives{flight.segment, peer, own});
    return true;
}

void Pair::run(std::size_t loses) {
    while (!to_a.empty() || !to_b.empty()) {
        for (Side* side : {&a, &b}) {
            auto& wire = side == &a ? to_a : to_b;
            if (wire.empty()) {
                continue;
            }
            if (loses != 0 && chance_() % loses == 0) {
                wire.pop_front();
            } else {
                deliver_to(*side);
            }
        }
    }
}

bool Pair::wait() {
    const Instant next = std::min(next_deadline(a.tcb), next_deadline(b.tcb));
    if (next == never) {
        return false;
    }
    now = std::max(now, next);
    call(a, TimePasses{});
    call(b, TimePasses{});
    return true;
}

}  // namespace tcpcraft::test
