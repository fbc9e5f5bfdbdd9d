#include <libtcpcraft/engine/iss.hpp>
#include <libtcpcraft/engine/rfc9293/steps.hpp>

namespace tcpcraft::rfc9293 {
namespace {

void name_the_connection(Tcb& tcb, const SegmentArrives& event) noexcept {
    tcb.id.remote = {event.from, event.segment.source};
    if (tcb.id.local.address.is_unspecified()) {
        tcb.id.local.address = event.to;
    }
}

Seq choose_iss(const Step& s) noexcept {
    const bool given = s.tcb.snd.nxt != s.tcb.snd.iss;
    return given ? s.tcb.snd.iss : initial_sequence_number(s.tcb.id, s.policy.isn_key, s.now);
}

/// RFC 3168 §6.1.1: ECE alone answers ECE and CWR.
Flags ecn_answer(const Step& s, const Segment& syn) noexcept {
    const bool asked = syn.has(Flag::ece) && syn.has(Flag::cwr) && !syn.has(Flag::ae);
    return s.policy.ecn && asked ? Flags{Flag::ece} : Flags{};
}

void accept_syn(Step& s, const SegmentArrives& event) {
    const Segment& seg = event.segment;
    Tcb& tcb = s.tcb;
    name_the_connection(tcb, event);
    tcb.rcv.nxt = seg.seq + 1;
    tcb.rcv.irs = seg.seq;
    tcb.rcv.up = tcb.rcv.nxt;
    tcb.snd.iss = choose_iss(s);
    tcb.snd.una = tcb.snd.iss;
    tcb.snd.up = tcb.snd.iss;
    tcb.snd.nxt = tcb.snd.iss;
    tcb.snd.wnd = seg.wnd;
    tcb.snd.max_wnd = seg.wnd;
    tcb.snd.wl1 = seg.seq;
    tcb.snd.wl2 = tcb.snd.iss;
    take_syn_options(s, seg);
    hold_rest_of_syn(s, seg);
    send_syn_ack(s, Rule::listen_accepts_syn, ecn_answer(s, seg));
    enter(s, State::syn_received, Rule::listen_accepts_syn);
}

}  // namespace

// RFC 9293 §3.10.7.2
void arrives_listen(Step& s, const SegmentArrives& event) {
    const Segment& seg = event.segment;
    // first, check for a RST
    if (seg.has(Flag::rst)) {
        return discard(s, DiscardReason::reset_ignored, Rule::listen_ignores_rst);
    }
    // second, check for an ACK
    if (seg.has(Flag::ack)) {
        reset_in_answer(s, seg, Rule::listen_resets_ack);
        return discard(s, DiscardReason::ack_unacceptable, Rule::listen_resets_ack);
    }
    // third, check for a SYN; never from or to a group (§3.9.2.3, MUST-57, MUST-63)
    const bool group =
        event.from.is_multicast_or_broadcast() || event.to.is_multicast_or_broadcast();
    if (seg.has(Flag::syn) && !group) {
        return accept_syn(s, event);
    }
    // fourth, other data or control
    discard(s, DiscardReason::nothing_for_this_state, Rule::listen_discards_rest);
}

}  // namespace tcpcraft::rfc9293
