#include <algorithm>
#include <random>
#include <string_view>
#include <variant>

#include <libtcpcraft/engine/advance.hpp>
#include <libtcpcraft/sim/sim_crowd.hpp>
#include <libtcpcraft/wire/codec.hpp>

namespace tcpcraft {

namespace {

using namespace std::chrono_literals;

/// What everybody says, over and over.
constexpr std::string_view saying = "still here\n";

/// Distributions of the standard library differ from one to the next; this does not.
class Dice {
public:
    explicit Dice(std::uint64_t seed) : engine_{seed} {}
    [[nodiscard]] std::uint64_t below(std::uint64_t limit) {
        return limit == 0 ? 0 : engine_() % limit;
    }
    [[nodiscard]] Duration within(Duration length) {
        return Duration{static_cast<Duration::rep>(
            below(static_cast<std::uint64_t>(std::max(length, Duration{1}).count())))};
    }

private:
    std::mt19937_64 engine_;
};

// 198.18.0.0/15 (RFC 2544) and 2001:db8::/32 (RFC 3849): nobody's.
Endpoint end_of(std::size_t index, Family family) {
    const auto octet = [index](unsigned shift) { return static_cast<std::byte>(index >> shift); };
    const Port port{static_cast<std::uint16_t>(20000 + index % 40000)};
    if (family == Family::v4) {
        const std::array<std::byte, 4> v4{std::byte{198}, std::byte{18}, octet(8), octet(0)};
        return {Address::v4(v4), port};
    }
    std::array<std::byte, 16> v6{std::byte{0x20}, std::byte{0x01}, std::byte{0x0d}, std::byte{0xb8},
                                 std::byte{0x5}};
    v6[14] = octet(8);
    v6[15] = octet(0);
    return {Address::v6(v6), port};
}

SimFate drawn_fate(Dice& dice) {
    constexpr std::array others{SimFate::closes, SimFate::aborts, SimFate::vanishes,
                                SimFate::restarts};
    return dice.below(3) == 0 ? SimFate::stays : others[dice.below(others.size())];
}

}  // namespace

std::vector<SimVisit> drawn_visits(const SimCrowdPlan& plan) {
    Dice dice{plan.seed};
    std::vector<SimVisit> visits;
    for (std::size_t i = 0; i < plan.clients; ++i) {
        SimVisit visit{.from = end_of(i, plan.family)};
        visit.comes = Instant{} + 1ms + dice.within(plan.come_within);
        visit.fate = drawn_fate(dice);
        visit.talks_every = dice.below(2) == 0 ? Duration{} : 1s + dice.within(plan.come_within);
        visit.ends = visit.comes + 1s + dice.within(plan.end_within);
        visits.push_back(visit);
    }
    return visits;
}

SimCrowd::SimCrowd(Link& link, Alarm& alarm, Endpoint server, Policy policy,
                   std::vector<SimVisit> visits)
    : link_{link}, alarm_{alarm}, server_{server}, policy_{std::move(policy)} {
    link_.on_arrivals([this](std::span<const Arrival> arrivals) {
        for (const Arrival& arrival : arrivals) {
            arrives(arrival);
        }
    });
    for (SimVisit& visit : visits) {
        const std::size_t index = guests_.size();
        by_end_.emplace(visit.from, index);
        guests_.push_back(Guest{.visit = visit});
        (void)alarm_.call_at(visit.comes, [this, index] {
            step(index, ActiveOpen{.id = {guests_[index].visit.from, server_}});
        });
        if (visit.fate != SimFate::stays) {
            (void)alarm_.call_at(visit.ends, [this, index] { meet_fate(index); });
        }
        if (visit.talks_every > Duration{}) {
            (void)alarm_.call_at(visit.comes + visit.talks_every, [this, index] { talk(index); });
        }
    }
}

SimCrowd::~SimCrowd() { link_.on_arrivals({}); }

void SimCrowd::arrives(const Arrival& arrival) {
    const auto datagram = parse(arrival.octets, arrival.checksum_ready);
    if (!datagram || datagram->checksum == Checksum::bad) {
        return;
    }
    const Segment& segment = datagram->segment;
    const auto found = by_end_.find({datagram->ip.destination, segment.destination});
    if (found == by_end_.end()) {
        return;
    }
    const Guest& guest = guests_[found->second];
    if (!guest.gone || guest.visit.fate != SimFate::vanishes) {
        step(found->second, SegmentArrives{segment, datagram->ip.source, datagram->ip.destination});
    }
}

void SimCrowd::step(std::size_t index, const Event& event) {
    Guest& guest = guests_[index];
    actions_.clear();
    guest.tcb = advance(std::move(guest.tcb), event, alarm_.now(), policy_, actions_);
    bool closing = false;
    for (const Action& action : actions_) {
        carry_out(guest, action);
        const auto* notified = std::get_if<Notified>(&action);
        closing |= notified != nullptr && notified->notice == Notice::connection_closing;
    }
    if (closing && !guest.gone) {
        guest.shut_out = alarm_.now();
    }
    arm(index);
    if (closing && !guest.tcb.close_called) {
        step(index, Close{});
    }
}

void SimCrowd::carry_out(Guest& guest, const Action& action) {
    if (const auto* out = std::get_if<Transmit>(&action)) {
        const std::vector<std::byte> octets = serialize(
            Datagram{.ip = {.source = guest.visit.from.address, .destination = server_.address},
                     .segment = out->segment});
        const Outgoing packet{.octets = octets, .destination = server_.address};
        (void)link_.transmit({&packet, 1});
    } else if (const auto* in = std::get_if<Deliver>(&action)) {
        for (const std::byte octet : in->data) {
            guest.mistaken |=
                octet != static_cast<std::byte>(saying[guest.heard++ % saying.size()]);
        }
    } else if (const auto* entered = std::get_if<Entered>(&action)) {
        guest.established |= entered->to == State::established;
        if (entered->to == State::closed && entered->rule == Rule::rst_resets && !guest.gone) {
            guest.shut_out = alarm_.now();
        }
    }
}

void SimCrowd::arm(std::size_t index) {
    Guest& guest = guests_[index];
    alarm_.cancel(guest.timer);
    guest.timer = alarm_.call_at(next_deadline(guest.tcb), [this, index] {
        if (!guests_[index].gone || guests_[index].visit.fate != SimFate::vanishes) {
            step(index, TimePasses{});
        }
    });
}

void SimCrowd::talk(std::size_t index) {
    Guest& guest = guests_[index];
    if (guest.gone || guest.shut_out) {
        return;
    }
    if (guest.tcb.state == State::established) {
        guest.said += saying.size();
        step(index, Send{.data = std::as_bytes(std::span{saying})});
    }
    (void)alarm_.call_at(alarm_.now() + guest.visit.talks_every, [this, index] { talk(index); });
}

void SimCrowd::meet_fate(std::size_t index) {
    Guest& guest = guests_[index];
    guest.gone = true;
    switch (guest.visit.fate) {
        case SimFate::closes:
            return step(index, Close{});
        case SimFate::aborts:
            return step(index, Abort{});
        case SimFate::restarts:
            guest.tcb = Tcb{};
            guest.tcb.id = {guest.visit.from, server_};
            return arm(index);
        case SimFate::vanishes:
            alarm_.cancel(guest.timer);
            return;
        case SimFate::stays:
            return;
    }
}

}  // namespace tcpcraft
