#include <libtcpcraft/engine/rfc9293/steps.hpp>

namespace tcpcraft::rfc9293 {
namespace {

// fourth, check the SYN bit, while our own SYN is not acknowledged
void open_simultaneously(Step& s, const Segment& seg) {
    Tcb& tcb = s.tcb;
    tcb.snd.wnd = seg.wnd;
    tcb.snd.max_wnd = seg.wnd;
    tcb.snd.wl1 = seg.seq;
    tcb.snd.wl2 = tcb.snd.iss;
    hold_rest_of_syn(s, seg);
    send_syn_ack(s, Rule::syn_sent_simultaneous_open);
    enter(s, State::syn_received, Rule::syn_sent_simultaneous_open);
}

// fourth, check the SYN bit, with our SYN acknowledged; then from the sixth step of §3.10.7.4 on
void establish_actively(Step& s, const Segment& seg) {
    Tcb& tcb = s.tcb;
    acknowledge(s, seg.ack);
    tcb.snd.wnd = seg.wnd;
    tcb.snd.max_wnd = seg.wnd;
    tcb.snd.wl1 = seg.seq;
    tcb.snd.wl2 = seg.ack;
    if (anything_outstanding(tcb)) {  // data on our SYN that the peer did not take
        send_again_from_una(s);
    }
    s.ack_owed = Rule::syn_sent_establishes;
    establish(s, Rule::syn_sent_establishes);
    Segment rest = seg;
    rest.flags = seg.flags.without(Flag::syn);
    rest.seq = seg.seq + 1;
    check_urg(s, rest);
    if (process_text(s, rest) == Then::go_on) {
        check_fin(s, rest);
    }
    output_and_ack(s, Rule::send_call);
}

}  // namespace

// RFC 9293 §3.10.7.3
void arrives_syn_sent(Step& s, const Segment& seg) {
    Tcb& tcb = s.tcb;
    // first, check the ACK bit
    if (seg.has(Flag::ack) &&
        (at_or_before(seg.ack, tcb.snd.iss) || before(tcb.snd.nxt, seg.ack))) {
        if (!seg.has(Flag::rst)) {
            reset_in_answer(s, seg, Rule::syn_sent_resets_bad_ack);
        }
        return discard(s, DiscardReason::ack_unacceptable, Rule::syn_sent_resets_bad_ack);
    }
    // second, check the RST bit
    if (seg.has(Flag::rst)) {
        if (!seg.has(Flag::ack)) {
            return discard(s, DiscardReason::reset_ignored, Rule::syn_sent_discards_bad_rst);
        }
        notify(s, Notice::connection_reset, Rule::syn_sent_reset);
        return enter_closed(s, Rule::syn_sent_reset);
    }
    // third, security: no compartments here (§A.1.2)
    // fourth, check the SYN bit
    if (seg.has(Flag::syn)) {
        tcb.rcv.nxt = seg.seq + 1;
        tcb.rcv.irs = seg.seq;
        tcb.rcv.up = tcb.rcv.nxt;
        take_syn_options(s, seg);
        return seg.has(Flag::ack) ? establish_actively(s, seg) : open_simultaneously(s, seg);
    }
    // fifth, neither SYN nor RST
    discard(s, DiscardReason::nothing_for_this_state, Rule::syn_sent_discards_rest);
}

}  // namespace tcpcraft::rfc9293
