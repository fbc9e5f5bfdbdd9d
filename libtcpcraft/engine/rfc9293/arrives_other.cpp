#include <algorithm>

#include <libtcpcraft/engine/rfc9293/reassembly.hpp>
#include <libtcpcraft/engine/rfc9293/steps.hpp>

// RFC 9293 §3.10.7.4: the eight checks, one function each, called in the RFC's order.

namespace tcpcraft::rfc9293 {
namespace {

/// The peer's SYN once more, or, if both have opened actively, its SYN,ACK: SEQ is IRS, one left of
/// the window.
bool repeats_the_syn(const Step& s, const Segment& seg) noexcept {
    return s.tcb.state == State::syn_received && seg.has(Flag::syn) && !seg.has(Flag::rst) &&
           seg.seq == s.tcb.rcv.irs && !(seg.has(Flag::ack) && s.tcb.opened_passively);
}

// Simultaneous open (§3.5 Fig. 7 line 6, MUST-10): the SYN has been counted; trimmed of it, the
// segment begins at RCV.NXT. A SYN alone is a repetition, answered again.
Then meet_repeated_syn(Step& s, Segment& seg) {
    if (seg.has(Flag::ack)) {
        seg.flags = seg.flags.without(Flag::syn);
        seg.seq = seg.seq + 1;
        s.syn_counted = true;
        return Then::go_on;
    }
    if (s.policy.repeat_syn_ack) {
        send_syn_ack(s, Rule::syn_repeated);
    } else {
        send_ack(s, Rule::syn_repeated);
    }
    discard(s, DiscardReason::syn_unexpected, Rule::syn_repeated);
    return Then::stop;
}

/// The peer's FIN again: it ends where RCV.NXT stands.
bool repeats_the_fin(const Step& s, const Segment& seg) noexcept {
    return s.tcb.state == State::time_wait && seg.has(Flag::fin) && !seg.has(Flag::syn) &&
           seg.range().end() == s.tcb.rcv.nxt;
}

// "special allowance should be made to accept valid ACKs, URGs, and RSTs" at a zero window
// (MUST-66): what has no room is refused by an ACK, the rest of the segment counts.
void refuse_text_at_zero_window(Step& s, Segment& seg) {
    const bool has_text = !seg.payload.empty() || seg.has(Flag::fin);
    const bool counts = (seg.has(Flag::ack) || seg.has(Flag::rst)) && !seg.has(Flag::syn);
    if (s.tcb.rcv.wnd != 0 || seg.seq != s.tcb.rcv.nxt || !has_text || !counts) {
        return;
    }
    seg.payload = {};
    seg.flags = seg.flags.without(Flag::fin);
    s.ack_owed = Rule::sequence_unacceptable;
}

// first, check the sequence number
Then check_sequence(Step& s, const Segment& seg) {
    if (acceptable(seg.range(), {s.tcb.rcv.nxt, s.tcb.rcv.wnd})) {
        return Then::go_on;
    }
    if (seg.has(Flag::rst)) {
        discard(s, DiscardReason::reset_out_of_window, Rule::rst_out_of_window);
        return Then::stop;
    }
    // A repeated FIN fails this check, and yet it is what TIME-WAIT is there for: it restarts the
    // timer here, where the fifth and the eighth step would have (§3.10.7.4).
    const bool fin = repeats_the_fin(s, seg);
    if (fin) {
        start_time_wait(s);
    }
    const Rule rule = fin ? Rule::fin_repeated : Rule::sequence_unacceptable;
    if (seg.len() == 0) {  // two desynchronized sides would answer each other for ever
        challenge(s, DiscardReason::sequence_unacceptable, rule);
        return Then::stop;
    }
    send_ack(s, rule);
    discard(s, DiscardReason::sequence_unacceptable, rule);
    return Then::stop;
}

// fourth, check the SYN bit
Then check_syn(Step& s, const Segment& seg) {
    if (!seg.has(Flag::syn)) {
        return Then::go_on;
    }
    if (s.tcb.state == State::syn_received && s.tcb.opened_passively) {
        discard(s, DiscardReason::syn_unexpected, Rule::syn_returns_to_listen);
        enter_listen(s, Rule::syn_returns_to_listen);
    } else if (s.policy.challenge_ack) {
        challenge(s, DiscardReason::syn_unexpected, Rule::syn_challenge);
    } else {  // RFC 793: it is an error
        reset_in_answer(s, seg, Rule::syn_challenge);
        notify(s, Notice::connection_reset, Rule::syn_challenge);
        enter_closed(s, Rule::syn_challenge);
    }
    return Then::stop;
}

bool takes_text(State state) noexcept {
    return state == State::established || state == State::fin_wait_1 || state == State::fin_wait_2;
}

void owe_ack(Step& s, Rule rule, bool at_once) {
    if (at_once || !s.policy.delayed_ack || s.tcb.timers.at(Timer::delayed_ack)) {
        s.ack_owed = rule;  // every second segment (SHLD-19)
    } else {
        s.tcb.timers.set(Timer::delayed_ack, s.now + *s.policy.delayed_ack);
    }
}

// A delayed ACK may ride on our own FIN, so that closing takes three segments (§3.6, §3.8.6.3).
void acknowledge_fin(Step& s) {
    Timers& timers = s.tcb.timers;
    const bool may_wait = s.policy.delayed_ack && s.tcb.state == State::established;
    if (!may_wait || s.ack_owed != Rule::none) {
        send_ack(s, Rule::fin_received);
    } else if (!timers.at(Timer::delayed_ack)) {
        timers.set(Timer::delayed_ack, s.now + *s.policy.delayed_ack);
    }
}

// §3.6.1 (MAY-1, SHLD-3)
Then refuse_text_after_close(Step& s) {
    reset_to_abort(s, Rule::data_after_close);
    notify(s, Notice::connection_reset, Rule::data_after_close);
    enter_closed(s, Rule::data_after_close);
    return Then::stop;
}

}  // namespace

void hold_rest_of_syn(Step& s, const Segment& seg) {
    const Text text = trim(s.tcb.rcv, seg);
    if (!text.data.empty()) {
        hold(s.tcb.buffers.use(), text);
    }
    hold_fin(s, seg);
}

// sixth, check the URG bit
void check_urg(Step& s, const Segment& seg) {
    if (!seg.has(Flag::urg) || !takes_text(s.tcb.state)) {
        return;
    }
    const Seq up = later(s.tcb.rcv.up, seg.seq + seg.up);
    if (up != s.tcb.rcv.up) {
        s.tcb.rcv.up = up;
        notify(s, Notice::urgent_data, Rule::urgent);
    }
}

// seventh, process the segment text
Then process_text(Step& s, const Segment& seg) {
    if (!takes_text(s.tcb.state)) {
        if (!seg.payload.empty() || seg.has(Flag::fin)) {
            discard(s, DiscardReason::text_after_fin, Rule::text_ignored);
        }
        return Then::go_on;
    }
    const Text text = trim(s.tcb.rcv, seg);
    if (s.policy.half_duplex_close && s.tcb.close_called && !text.data.empty()) {
        return refuse_text_after_close(s);
    }
    if (!text.data.empty() && text.seq != s.tcb.rcv.nxt) {
        hold(s.tcb.buffers.use(), text);
        owe_ack(s, Rule::text_out_of_order, true);  // MAY-13
        return Then::go_on;
    }
    const Seq had = s.tcb.rcv.nxt;
    if (!text.data.empty()) {
        s.out.add(Deliver{text.data, seg.has(Flag::psh)});
        s.tcb.rcv.nxt = s.tcb.rcv.nxt + static_cast<std::uint32_t>(text.data.size());
    }
    // Where its own FIN comes next, what is held lies beyond the end of the stream.
    const bool ends_here = seg.has(Flag::fin) && seg.range().end() - 1 == s.tcb.rcv.nxt;
    const bool filled = !ends_here && deliver_held(s);
    if (s.tcb.rcv.nxt != had) {
        owe_ack(s, Rule::text_accepted, filled);
    } else if (!seg.payload.empty()) {
        owe_ack(s, Rule::text_accepted, true);  // nothing new in it, or beyond the window
    }
    return Then::go_on;
}

// eighth, check the FIN bit
void check_fin(Step& s, const Segment& seg) {
    Tcb& tcb = s.tcb;
    if (!takes_text(tcb.state)) {
        return;
    }
    forget_overrun_fin(tcb);
    const bool in_sequence = seg.has(Flag::fin) && seg.range().end() - 1 == tcb.rcv.nxt;
    if (!in_sequence && hold_fin(s, seg)) {
        s.ack_owed = Rule::text_out_of_order;  // MAY-13
    }
    if (!in_sequence && !held_fin_reached(tcb)) {
        return;
    }
    forget_held(tcb);
    tcb.rcv.nxt = tcb.rcv.nxt + 1;
    acknowledge_fin(s);
    notify(s, Notice::connection_closing, Rule::fin_received);
    if (tcb.state == State::established) {
        return enter(s, State::close_wait, Rule::fin_received);
    }
    if (tcb.state == State::fin_wait_1 && !fin_acknowledged(tcb)) {
        return enter(s, State::closing, Rule::fin_received);
    }
    enter(s, State::time_wait, Rule::fin_received);
    start_time_wait(s);
}

namespace {

void run_the_checks(Step& s, Segment seg) {
    if (asks_to_reopen(s, seg)) {
        return reopen(s, seg);
    }
    if (repeats_the_syn(s, seg) && meet_repeated_syn(s, seg) == Then::stop) {
        return;
    }
    if (check_timestamp(s, seg) == Then::stop) {
        return;
    }
    refuse_text_at_zero_window(s, seg);
    if (check_sequence(s, seg) == Then::stop) {
        return;
    }
    take_timestamp(s, seg);
    if (check_rst(s, seg) == Then::stop) {
        return;
    }
    // third, check security: no compartments here (§A.1.2)
    if (check_syn(s, seg) == Then::stop || check_ack(s, seg) == Then::stop) {
        return;
    }
    check_urg(s, seg);
    if (process_text(s, seg) == Then::stop) {
        return;
    }
    check_fin(s, seg);
    output_and_ack(s, Rule::send_call);
}

}  // namespace

void arrives_other(Step& s, const Segment& seg) {
    run_the_checks(s, seg);
    restart_keep_alive(s);
}

}  // namespace tcpcraft::rfc9293
