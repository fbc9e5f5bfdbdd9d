#include <algorithm>
#include <cassert>
#include <utility>

#include <libtcpcraft/drive/describe.hpp>
#include <libtcpcraft/drive/ends.hpp>
#include <libtcpcraft/drive/handshake_fleet_parts.hpp>
#include <libtcpcraft/engine/advance.hpp>

// One connection of a fleet, from its SYN to its report.

namespace tcpcraft {

namespace {

bool establishes(const Action& action) noexcept {
    const auto* entered = std::get_if<Entered>(&action);
    return entered != nullptr && entered->to == State::established;
}

bool crosses(const Segment& segment) noexcept {
    return segment.has(Flag::syn) && !segment.has(Flag::ack) && !segment.has(Flag::rst);
}

bool was_reset(const Entered& entered) noexcept {
    const bool both_closed = entered.from == State::closing || entered.from == State::last_ack;
    return entered.rule == Rule::rst_resets && !both_closed;
}

}  // namespace

void HandshakeFleet::Crew::begin(const HandshakeOrder& order) {
    assert(order.policy < setup.policies.size());
    if (const Number waiting = members.find(order.id); waiting != Member::nobody) {
        assert(members[waiting].phase == Phase::lingering);
        release(waiting);
    }
    make_room();
    const Number number = members.insert(order.id);
    Member& member = members[number];
    member.number = order.number;
    member.connection = ++counts.begun;
    member.policy = static_cast<std::uint32_t>(order.policy);
    member.until = now + setup.timeout;
    ++in_flight;
    counts.first = counts.begun == 1 ? now : counts.first;
    counts.last = now;
    if (setup.trace) {
        member.peer = std::make_unique<PeerView>();
    }
    const auto apart = static_cast<std::uint32_t>(hash_of(without_zones(order.id)));
    (void)step(number,
               ActiveOpen{.id = order.id, .timestamp_offset = setup.timestamp_offset ^ apart});
    enter(number);
}

// A SYN that crosses ours needs no number, so that anybody can send it, and would lead away from
// the answer that is waited for.
void HandshakeFleet::Crew::arrives(Number number, const Incoming& incoming) {
    const Segment& segment = incoming.datagram.segment;
    const Phase phase = members[number].phase;
    if ((phase == Phase::opening && crosses(segment)) ||
        (phase == Phase::mute && !segment.has(Flag::rst))) {
        counts.strays += phase == Phase::opening ? 1U : 0U;
        if (members[number].peer) {
            trace_arrival(around, members[number].traced(), incoming.datagram, incoming.arrival);
        }
        return;
    }
    const Learnt learnt =
        step(number,
             SegmentArrives{segment, incoming.datagram.ip.source, incoming.datagram.ip.destination},
             &incoming);
    if (phase == Phase::opening && learnt.established) {
        return answered(number, incoming);
    }
    go_on(number, learnt);
}

void HandshakeFleet::Crew::answered(Number number, const Incoming& incoming) {
    Member& member = members[number];
    const Segment& segment = incoming.datagram.segment;
    member.established = setup.third == Third::ack;
    member.peer_isn = segment.seq;
    member.theirs = segment.options;
    member.window = segment.wnd;
    if (member.syns == 1) {  // else it may be the answer to either (Karn)
        member.rtt = std::max(incoming.arrival.at - member.began, Duration{});
        member.rtt_from_kernel = member.stamped && incoming.arrival.kernel_timestamp;
        counts.rtt.add(*member.rtt);
    }
    member.until = now + setup.timeout;
    if (setup.third == Third::none) {
        member.phase = Phase::mute;
        return enter(number);
    }
    if (setup.third == Third::rst || setup.then == Then::reset) {
        (void)step(number, Abort{});
    }
    if (setup.third == Third::rst || setup.then != Then::close) {
        return finish(number, member.established ? HandshakeOutcome::established
                                                 : HandshakeOutcome::answered);
    }
    member.phase = Phase::closing;
    go_on(number, step(number, Close{}));
}

HandshakeFleet::Crew::Learnt HandshakeFleet::Crew::step(Number number, const Event& event,
                                                        const Incoming* incoming) {
    Member& member = members[number];
    Learnt learnt;
    actions.clear();
    member.tcb = advance(std::move(member.tcb), event, now, setup.policies[member.policy], actions);
    if (incoming != nullptr && member.peer) {
        trace_arrival(around, member.traced(), incoming->datagram, incoming->arrival);
    }
    learnt.established = std::ranges::any_of(actions, establishes);
    const bool mute = learnt.established && setup.third != Third::ack;
    for (const Action& action : actions) {
        if (const auto* out = std::get_if<Transmit>(&action); out != nullptr && !mute) {
            transmit(number, *out);
        } else if (const auto* entered = std::get_if<Entered>(&action)) {
            learnt.ended = entered->to == State::closed ? std::optional{*entered} : std::nullopt;
            if (member.peer) {
                trace_state(around, member.traced(), *entered, cause(event));
            }
        } else if (const auto* discarded = std::get_if<Discarded>(&action)) {
            learnt.unrelated |= discarded->why == DiscardReason::icmp_unrelated;
        }
    }
    return learnt;
}

void HandshakeFleet::Crew::transmit(Number number, const Transmit& action) {
    if (!outbox.room()) {
        flush();
    }
    Member& member = members[number];
    Datagram leaving{.ip = setup.ip, .segment = action.segment};
    leaving.ip.source = member.tcb.id.local.address;
    leaving.ip.destination = member.tcb.id.remote.address;
    std::uint64_t token{0};
    if (action.segment.has(Flag::syn)) {
        token = (std::uint64_t{member.connection} << 32U) | (number + 1U);
        member.isn = action.segment.seq;
        ++member.syns;
        ++counts.syns;
    }
    ++counts.segments_out;
    const auto octets = outbox.add(leaving, token);
    if (member.peer) {
        trace_sent(around, member.traced(), {leaving, octets, action});
    }
}

void HandshakeFleet::Crew::go_on(Number number, const Learnt& learnt) {
    const Member& member = members[number];
    if (learnt.ended) {
        return ended(number, *learnt.ended);
    }
    if (member.phase == Phase::closing && member.tcb.state == State::time_wait) {
        return finish(number, HandshakeOutcome::established);
    }
    enter(number);
}

void HandshakeFleet::Crew::ended(Number number, const Entered& entered) {
    switch (members[number].phase) {
        case Phase::opening:
            return finish(number, entered.rule == Rule::syn_sent_reset
                                      ? HandshakeOutcome::refused
                                      : HandshakeOutcome::no_answer);
        case Phase::mute:
            return finish(number, HandshakeOutcome::answered);
        case Phase::closing:
            return finish(number, was_reset(entered) ? HandshakeOutcome::reset
                                                     : HandshakeOutcome::established);
        case Phase::lingering:
            return release(number);
    }
}

void HandshakeFleet::Crew::wake(Number number) {
    const std::size_t connection = members[number].connection;
    if (next_deadline(members[number].tcb) <= now) {
        go_on(number, step(number, TimePasses{}));
    }
    if (!members.holds(number) || members[number].connection != connection) {
        return;
    }
    members[number].until <= now ? time_over(number) : enter(number);
}

void HandshakeFleet::Crew::time_over(Number number) {
    const Phase phase = members[number].phase;
    if (phase != Phase::mute || setup.then != Then::leave) {
        (void)step(number, Abort{});
    }
    finish(number, phase == Phase::opening ? HandshakeOutcome::no_answer
                   : phase == Phase::mute  ? HandshakeOutcome::answered
                                           : HandshakeOutcome::established);
}

// Where the deadline has only moved on, the entry stays: it is looked at when its time has come.
void HandshakeFleet::Crew::enter(Number number) {
    Member& member = members[number];
    const Instant deadline = std::min(next_deadline(member.tcb), member.until);
    if (deadline < member.entered) {
        member.entered = deadline;
        deadlines.arm(number, deadline);
    }
}

void HandshakeFleet::Crew::finish(Number number, HandshakeOutcome outcome, std::string_view why) {
    Member& member = members[number];
    --in_flight;
    ++counts.done;
    ++counts.of[static_cast<std::size_t>(outcome)];
    if (on_report) {
        report(member, outcome, why);
    }
    member.tcb.state == State::time_wait ? linger(number) : release(number);
}

void HandshakeFleet::Crew::report(const Member& member, HandshakeOutcome outcome,
                                  std::string_view why) {
    HandshakeReport made{.number = member.number,
                         .connection = member.connection,
                         .id = member.tcb.id,
                         .outcome = outcome,
                         .established = member.established,
                         .began = member.began,
                         .rtt = member.rtt,
                         .rtt_from_kernel = member.rtt_from_kernel,
                         .isn = member.isn,
                         .peer_isn = member.peer_isn,
                         .state = member.tcb.state,
                         .syns = member.syns,
                         .why = why};
    if (member.peer_isn) {
        made.negotiated = negotiated(setup.policies[member.policy].syn_options, member.theirs,
                                     member.window, member.tcb.id.local.address.family());
    }
    on_report(made);
}

}  // namespace tcpcraft
