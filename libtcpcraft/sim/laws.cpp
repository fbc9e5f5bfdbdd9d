#include <algorithm>

#include <fmt/format.h>

#include <libtcpcraft/engine/invariants.hpp>
#include <libtcpcraft/sim/laws.hpp>

namespace tcpcraft {

const InFlight* Passage::arrived() const noexcept {
    return move.kind == Move::Kind::deliver ? &was().arriving[move.which] : nullptr;
}

namespace laws {
namespace {

using Broken = std::optional<std::string>;

/// Both have numbers, and they mean the same connection.
bool same_connection(const Tcb& one, const Tcb& peer) noexcept {
    return synchronized(one.state) && synchronized(peer.state) && one.snd.iss == peer.rcv.irs &&
           one.rcv.irs == peer.snd.iss;
}

bool answers_with(const Passage& passage, bool (*wanted)(const Segment&)) {
    return std::any_of(passage.did.begin(), passage.did.end(), [wanted](const Action& action) {
        const auto* transmit = std::get_if<Transmit>(&action);
        return transmit != nullptr && wanted(transmit->segment);
    });
}

bool is_reset(const Segment& segment) { return segment.has(Flag::rst); }
bool is_ack(const Segment& segment) { return segment.has(Flag::ack) && !segment.has(Flag::rst); }

Broken beyond(const Transmit& sent, const Tcb& us, const Tcb& peer) {
    const Seq edge = peer.rcv.nxt + peer.rcv.wnd;
    const Segment& segment = sent.segment;
    const bool exempt = segment.has(Flag::rst) || sent.rule == Rule::zero_window_probe;
    if (exempt || !same_connection(us, peer) || !before(edge, segment.range().end())) {
        return std::nullopt;
    }
    return fmt::format("something is sent {} beyond the peer's window",
                       distance(edge, segment.range().end()));
}

Broken disagreement(const Tcb& sender, const Tcb& receiver) {
    if (sender.snd.iss != receiver.rcv.irs) {
        return "both are ESTABLISHED, and mean different initial sequence numbers";
    }
    if (!at_or_before(sender.snd.una, receiver.rcv.nxt) ||
        !at_or_before(receiver.rcv.nxt, sender.snd.nxt)) {
        return "both are ESTABLISHED, and RCV.NXT is not between the peer's SND.UNA and SND.NXT";
    }
    return std::nullopt;
}

bool took_a_fin(State from, State to) noexcept {
    const auto has_fin = [](State s) {
        return s == State::close_wait || s == State::closing || s == State::last_ack ||
               s == State::time_wait;
    };
    return !has_fin(from) && has_fin(to);
}

}  // namespace

Broken invariants(const Passage& passage) {
    const auto broken = broken_invariant(passage.is().tcb);
    return broken ? Broken{fmt::format("it no longer holds that {}", *broken)} : std::nullopt;
}

Broken within_the_window(const Passage& passage) {
    for (const Action& action : passage.did) {
        if (const auto* sent = std::get_if<Transmit>(&action)) {
            if (Broken broken = beyond(*sent, passage.is().tcb, passage.peer().tcb)) {
                return broken;
            }
        }
    }
    return std::nullopt;
}

Broken no_reset_for_a_reset(const Passage& passage) {
    const InFlight* arrived = passage.arrived();
    if (arrived == nullptr || !arrived->flags.has(Flag::rst) || !answers_with(passage, is_reset)) {
        return std::nullopt;
    }
    return "a reset is answered with a reset";
}

Broken reset_only_at_rcv_nxt(const Passage& passage) {
    const InFlight* arrived = passage.arrived();
    const Tcb& was = passage.was().tcb;
    const bool reset = arrived != nullptr && arrived->flags.has(Flag::rst);
    if (!reset || !synchronized(was.state) || arrived->seq == was.rcv.nxt ||
        passage.is().tcb.state == was.state) {
        return std::nullopt;
    }
    return "a reset that is not at RCV.NXT ends a connection";
}

Broken octets_as_sent(const Passage& passage) {
    std::uint8_t place = passage.was().delivered;
    const bool gone = passage.is().tcb.state == State::closed;  // with the last octet, and its IRS
    const Seq irs = gone ? passage.was().tcb.rcv.irs : passage.is().tcb.rcv.irs;
    for (const Action& action : passage.did) {
        const auto* delivered = std::get_if<Deliver>(&action);
        if (delivered == nullptr) {
            continue;
        }
        for (const std::byte octet : delivered->data) {
            if (octet != octet_at(irs, place)) {
                return fmt::format(
                    "what is delivered at place {} is not what was sent there on this connection",
                    place);
            }
            ++place;
        }
    }
    return std::nullopt;
}

Broken fin_behind_all_octets(const Passage& passage) {
    const WorldSide& us = passage.is();
    const WorldSide& peer = passage.peer();
    if (!took_a_fin(passage.was().tcb.state, us.tcb.state) || !same_connection(us.tcb, peer.tcb) ||
        us.delivered == peer.submitted) {
        return std::nullopt;
    }
    return fmt::format("a FIN is taken when {} of {} octets before it have been delivered",
                       us.delivered, peer.submitted);
}

Broken agreement(const Passage& passage) {
    const Tcb& us = passage.is().tcb;
    const Tcb& peer = passage.peer().tcb;
    if (us.state != State::established || peer.state != State::established) {
        return std::nullopt;
    }
    Broken broken = disagreement(us, peer);
    return broken ? broken : disagreement(peer, us);
}

Broken repeated_fin_is_answered(const Passage& passage) {
    const InFlight* arrived = passage.arrived();
    const bool fin = arrived != nullptr && arrived->flags.has(Flag::fin) &&
                     !arrived->flags.has(Flag::syn) && !arrived->flags.has(Flag::rst);
    if (!fin || !passage.was().last_word || answers_with(passage, is_ack)) {
        return std::nullopt;
    }
    return "a repeated FIN is not answered with an ACK by the side that has the last word";
}

Law never_synchronized_by(Seq old) {
    return [old](const Passage& passage) -> Broken {
        const Tcb& tcb = passage.is().tcb;
        // CLOSE may have come before the ACK of our SYN: FIN-WAIT-1, and nobody was taken in
        const bool acknowledged = synchronized(tcb.state) && tcb.snd.una != tcb.snd.iss;
        if (!acknowledged || tcb.rcv.irs != old) {
            return std::nullopt;
        }
        return fmt::format("an old duplicate SYN leaves a side {}", text(tcb.state));
    };
}

std::vector<Law> all() {
    return {invariants,
            within_the_window,
            no_reset_for_a_reset,
            reset_only_at_rcv_nxt,
            octets_as_sent,
            fin_behind_all_octets,
            agreement,
            repeated_fin_is_answered};
}

}  // namespace laws
}  // namespace tcpcraft
