#include <algorithm>
#include <cassert>
#include <utility>

#include <libtcpcraft/drive/handshake_fleet_parts.hpp>
#include <libtcpcraft/engine/advance.hpp>
#include <libtcpcraft/engine/iss.hpp>

namespace tcpcraft {

namespace {

using namespace std::chrono_literals;

/// Those that begin together where the rate is high: the loop need not turn for each.
constexpr Duration between_beginnings = 1ms;
/// So many begin, or have their turn, before the network is looked at again.
constexpr std::size_t most_at_once = 256;
/// As long as this an answer to a SYN of ours is recognised.
constexpr Duration late_within = 2min;
/// Members that may be in TIME-WAIT beside those under way.
constexpr std::size_t least_lingering = 1024;

constexpr std::array<std::string_view, handshake_outcomes> words{
    "established", "answered",  "refused", "reset",       "icmp",
    "unreachable", "no-answer", "unsent",  "interrupted", "deadline"};

HandshakeOutcome outcome_of(const IcmpError& error) noexcept {
    if (error.unsent) {
        return HandshakeOutcome::unsent;
    }
    return error.local ? HandshakeOutcome::unreachable : HandshakeOutcome::icmp;
}

/// With the zones that a packet does not name.
ConnectionId on_its_link(const ConnectionId& id, const Arrival& arrival) {
    if (!id.remote.address.is_link_local()) {
        return id;
    }
    const std::uint32_t zone = arrival.interface_index;
    return {{id.local.address.with_zone(zone), id.local.port},
            {id.remote.address.with_zone(zone), id.remote.port}};
}

}  // namespace

std::string_view text(HandshakeOutcome outcome) noexcept {
    const auto index = static_cast<std::size_t>(outcome);
    return index < words.size() ? words[index] : "?";
}

double HandshakeCounts::rate() const noexcept {
    return last > first ? static_cast<double>(begun - 1) / seconds(last - first) : 0;
}

HandshakeFleet::Crew::Crew(Surroundings& surroundings, HandshakeFleetSetup wanted)
    : around{surroundings},
      setup{std::move(wanted)},
      pace{setup.rate},
      members{setup.policies.front().isn_key.word},
      most_members{setup.in_flight + std::max(setup.in_flight, least_lingering)} {
    assert(!setup.policies.empty() && setup.rate > 0 && setup.in_flight > 0);
}

HandshakeFleet::HandshakeFleet(Surroundings& surroundings, HandshakeFleetSetup setup)
    : crew_{std::make_unique<Crew>(surroundings, std::move(setup))} {
    Crew& crew = *crew_;
    crew.around.link.on_arrivals(
        [&crew](std::span<const Arrival> arrivals) { crew.arrived(arrivals); });
    crew.around.link.on_sent([&crew](const Sent& sent) { crew.take(sent); });
    crew.around.link.on_icmp([&crew](const IcmpError& error) {
        crew.take(error);
        crew.settle();
    });
}

HandshakeFleet::~HandshakeFleet() {
    crew_->around.alarm.cancel(crew_->alarm);
    crew_->around.link.on_arrivals({});
    crew_->around.link.on_sent({});
    crew_->around.link.on_icmp({});
}

void HandshakeFleet::on_report(std::function<void(const HandshakeReport&)> handler) {
    crew_->on_report = std::move(handler);
}

void HandshakeFleet::start(Source source) {
    crew_->source = std::move(source);
    crew_->exhausted = false;
    crew_->now = crew_->around.engine_now();
    crew_->pace = Pace{crew_->setup.rate, crew_->now};
    crew_->settle();
}

void HandshakeFleet::stop(HandshakeOutcome why) { crew_->stop(why); }

bool HandshakeFleet::under_way(const ConnectionId& id) const {
    const auto found = crew_->members.find(id);
    return found != Member::nobody && crew_->members[found].phase != Member::Phase::lingering;
}

std::size_t HandshakeFleet::in_flight() const noexcept { return crew_->in_flight; }
bool HandshakeFleet::finished() const noexcept { return crew_->exhausted && crew_->in_flight == 0; }
bool HandshakeFleet::quiet() const noexcept { return finished() && crew_->lingering == 0; }
const HandshakeCounts& HandshakeFleet::counts() const noexcept { return crew_->counts; }

void HandshakeFleet::Crew::arrived(std::span<const Arrival> arrivals) {
    now = around.engine_now();
    for (const Arrival& arrival : arrivals) {
        take(arrival);
    }
    settle();
}

void HandshakeFleet::Crew::take(const Arrival& arrival) {
    const auto parsed = parse(arrival.octets, arrival.checksum_ready);
    if (!parsed || parsed->checksum == Checksum::bad || arrival.truncated) {
        ++counts.malformed;  // RFC 9293 §3.1 (MUST-3)
        return;
    }
    ++counts.segments_in;
    const ConnectionId id = seen_from_here(*parsed);
    const Incoming incoming{*parsed, arrival};
    const Number found = members.find(id);
    found == Member::nobody ? turn_away(incoming, id) : arrives(found, incoming);
}

void HandshakeFleet::Crew::take(const IcmpError& error) {
    now = around.engine_now();
    const Number found = members.find(error.id);
    if (found == Member::nobody || members[found].phase == Phase::lingering) {
        return;
    }
    const Seq about = error.seq ? Seq{*error.seq} : members[found].tcb.snd.una;
    const Learnt learnt = step(found, IcmpArrives{.hard = error.hard, .seq = about});
    if (!learnt.unrelated && (learnt.ended || members[found].phase == Phase::opening)) {
        return finish(found, outcome_of(error), error.text);
    }
    go_on(found, learnt);
}

// Only SYNs bear a token: their member, and which connection it was then.
HandshakeFleet::Crew::Number HandshakeFleet::Crew::sender_of(std::uint64_t token) const {
    const auto number = static_cast<Number>(token & 0xffffffffU) - 1;
    const bool still = token != 0 && members.holds(number) &&
                       members[number].phase == Phase::opening &&
                       static_cast<std::uint32_t>(members[number].connection) == token >> 32U;
    return still ? number : Member::nobody;
}

void HandshakeFleet::Crew::take(const Sent& sent) {
    const Number number = sent.kernel_timestamp ? sender_of(sent.token) : Member::nobody;
    if (number != Member::nobody && members[number].syns == 1) {
        members[number].began = sent.at;
        members[number].stamped = true;
    }
}

// The answer of CLOSED (RFC 9293 §3.10.7.1). Where the third segment is not to be sent, or the
// connection was left, nobody is told that there is none.
void HandshakeFleet::Crew::turn_away(const Incoming& incoming, const ConnectionId& seen) {
    const ConnectionId id = on_its_link(seen, incoming.arrival);
    const Segment& segment = incoming.datagram.segment;
    const bool answer = late(segment, id);
    ++(answer ? counts.late : counts.strays);
    if (setup.third == Third::none || setup.then == Then::leave ||
        (!answer && !unasked.allows(now))) {
        return;
    }
    actions.clear();
    Tcb nobody;
    nobody.id = id;
    (void)advance(nobody, SegmentArrives{segment, id.remote.address, id.local.address}, now,
                  setup.policies.front(), actions);
    for (const Action& action : actions) {
        if (const auto* out = std::get_if<Transmit>(&action)) {
            Datagram leaving{.ip = setup.ip, .segment = out->segment};
            leaving.ip.source = id.local.address;
            leaving.ip.destination = id.remote.address;
            if (!outbox.room()) {
                flush();
            }
            (void)outbox.add(leaving, 0);
            ++counts.segments_out;
        }
    }
}

// What acknowledges a SYN of ours names its ISN, and the ISN its time: a clock and what the key
// makes of the four numbers (RFC 6528 §3).
bool HandshakeFleet::Crew::late(const Segment& segment, const ConnectionId& id) const {
    const bool answers =
        segment.has(Flag::ack) && (segment.has(Flag::syn) || segment.has(Flag::rst));
    const Seq today = initial_sequence_number(id, setup.policies.front().isn_key, now);
    const Duration age{std::int64_t{4} * std::uint32_t{today.raw() - (segment.ack.raw() - 1)}};
    return answers && age <= late_within;
}

void HandshakeFleet::Crew::begin_due() {
    pace.catch_up(now);
    for (std::size_t turn = 0;
         turn < most_at_once && !exhausted && pace.due(now) && in_flight < setup.in_flight;
         ++turn) {
        const auto order = source();
        if (!order) {
            exhausted = true;
            return;
        }
        pace.begun();
        begin(*order);
    }
}

void HandshakeFleet::Crew::settle() {
    begin_due();
    flush();
    rearm();
}

// Until the link knows better.
void HandshakeFleet::Crew::note_departures(std::span<const Outgoing> packets) {
    const Instant leaving = around.engine_now();
    for (const Outgoing& packet : packets) {
        const Number number = sender_of(packet.token);
        if (number != Member::nobody && members[number].syns == 1) {
            members[number].began = leaving;
        }
    }
}

void HandshakeFleet::Crew::flush() {
    if (outbox.packets().empty()) {
        return;
    }
    note_departures(outbox.packets());
    std::vector<std::pair<std::uint64_t, Error>> failed;
    const auto all = outbox.packets();
    for (std::size_t at = 0; at < all.size(); at += setup.batch) {
        const auto span = all.subspan(at, std::min(setup.batch, all.size() - at));
        if (const auto done = around.link.transmit(span); !done) {
            counts.unsent += span.size();
            for (const Outgoing& packet : span) {
                failed.emplace_back(packet.token, done.error());
            }
        }
    }
    outbox.clear();
    for (const auto& [token, error] : failed) {
        if (const Number number = sender_of(token); number != Member::nobody) {
            finish(number, HandshakeOutcome::unsent, error.message());
        }
    }
}

void HandshakeFleet::Crew::rearm() {
    Instant first = deadlines.next();
    if (!exhausted && in_flight < setup.in_flight) {
        const Instant gathered =
            pace.rate() * seconds(between_beginnings) > 1 ? now + between_beginnings : Instant{};
        first = std::min(first, pace.due(now) ? now : std::max(pace.next(), gathered));
    }
    if (first >= alarm_at && alarm_at > now) {
        return;  // it rings early, and is set again then
    }
    around.alarm.cancel(alarm);
    alarm = first == never ? AlarmId::none
                           : around.alarm.call_at(first + around.paused, [this] { ring(); });
    alarm_at = first;
}

void HandshakeFleet::Crew::ring() {
    alarm_at = never;
    alarm = AlarmId::none;
    now = around.engine_now();
    for (std::size_t turn = 0; turn < most_at_once; ++turn) {
        const Number number = deadlines.take_due(now);
        if (number == DeadlineWheel::none) {
            break;
        }
        members[number].entered = never;
        wake(number);
    }
    settle();
}

void HandshakeFleet::Crew::stop(HandshakeOutcome why) {
    now = around.engine_now();
    exhausted = true;
    for (Number number = 0; number < members.end(); ++number) {
        if (members.holds(number) && members[number].phase != Phase::lingering) {
            (void)step(number, Abort{});
            finish(number, why);
        }
    }
    settle();
}

}  // namespace tcpcraft
