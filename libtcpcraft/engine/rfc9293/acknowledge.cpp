#include <algorithm>

#include <libtcpcraft/engine/rfc9293/steps.hpp>

// RFC 9293 §3.10.7.4, fifth: the ACK field, by state.

namespace tcpcraft::rfc9293 {
namespace {

void forget_octets(Tcb& tcb, std::uint32_t count) {
    if (count > 0) {
        auto& send = tcb.buffers.use().send;
        const std::size_t gone = std::min<std::size_t>(count, send.size());
        send.erase(send.begin(), send.begin() + static_cast<std::ptrdiff_t>(gone));
    }
}

// RFC 6298 (3): Karn; `timing` has been dropped when anything was sent twice
void take_round_trip(Step& s, Seq ack) {
    Tcb& tcb = s.tcb;
    if (tcb.timing && before(tcb.timed_seq, ack)) {
        const auto now = static_cast<std::uint32_t>(s.now.time_since_epoch().count());
        tcb.rto.sample(Duration{now - tcb.timed_at}, s.policy.rto);
        tcb.timing = false;
    }
}

// RFC 6298 (5.2), (5.3)
void restart_retransmission(Step& s) {
    s.tcb.timers.clear(Timer::zero_window);
    s.tcb.timers.clear(Timer::retransmission);
    if (anything_outstanding(s.tcb)) {
        s.tcb.timers.set(Timer::retransmission, s.now + s.tcb.rto.value());
    }
}

void restart_user_timeout(Step& s) {
    s.tcb.timers.clear(Timer::user);
    if (s.policy.user_timeout && (anything_outstanding(s.tcb) || !queued(s.tcb).empty())) {
        s.tcb.timers.set(Timer::user, s.now + *s.policy.user_timeout);
    }
}

// "If SND.UNA =< SEG.ACK =< SND.NXT, the send window should be updated"
void update_window(Step& s, const Segment& seg) {
    SendSpace& snd = s.tcb.snd;
    const bool newer =
        before(snd.wl1, seg.seq) || (snd.wl1 == seg.seq && at_or_before(snd.wl2, seg.ack));
    if (!newer) {
        return;
    }
    const bool probing = s.tcb.timers.at(Timer::zero_window).has_value();
    snd.wnd = scaled_window(s, seg);
    snd.max_wnd = std::max(snd.max_wnd, snd.wnd);
    snd.wl1 = seg.seq;
    snd.wl2 = seg.ack;
    if (probing && snd.wnd > 0) {
        s.tcb.timers.clear(Timer::zero_window);
        s.tcb.backoffs = 0;
        send_again_from_una(s);  // the probe's octet had no room
    }
}

Then refuse_ack(Step& s, Rule rule) {
    challenge(s, DiscardReason::ack_unacceptable, rule);
    return Then::stop;
}

// what ESTABLISHED does, and every later state first
Then check_ack_established(Step& s, const Segment& seg) {
    SendSpace& snd = s.tcb.snd;
    if (before(snd.nxt, seg.ack)) {
        return refuse_ack(s, Rule::ack_of_unsent);
    }
    if (s.policy.challenge_ack && before(seg.ack, snd.una - snd.max_wnd)) {
        return refuse_ack(s, Rule::ack_too_old);  // RFC 5961 §5 (MAY-12)
    }
    if (before(seg.ack, snd.una)) {
        discard(s, DiscardReason::ack_duplicate, Rule::ack_duplicate);  // the rest counts
        return Then::go_on;
    }
    s.tcb.probes = 0;
    if (before(snd.una, seg.ack)) {
        acknowledge(s, seg.ack);
    } else if (snd.wnd == 0 && s.tcb.timers.at(Timer::retransmission)) {
        s.tcb.backoffs = 0;  // §3.8.6.1 (MUST-37): alive, only full
    }
    update_window(s, seg);
    return Then::go_on;
}

Then check_ack_syn_received(Step& s, const Segment& seg) {
    SendSpace& snd = s.tcb.snd;
    if (!before(snd.una, seg.ack) || before(snd.nxt, seg.ack)) {
        reset_in_answer(s, seg, Rule::ack_bad_in_syn_received);
        discard(s, DiscardReason::ack_unacceptable, Rule::ack_bad_in_syn_received);
        return Then::stop;
    }
    acknowledge(s, seg.ack);
    snd.wnd = scaled_window(s, seg);
    snd.max_wnd = std::max(snd.max_wnd, snd.wnd);
    snd.wl1 = seg.seq;
    snd.wl2 = seg.ack;
    establish(s, Rule::ack_establishes);
    return Then::go_on;
}

// "if the FIN segment is now acknowledged"
Then check_ack_of_fin(Step& s) {
    if (!fin_acknowledged(s.tcb)) {
        return Then::go_on;  // CLOSING and LAST-ACK: the steps that follow do nothing there
    }
    switch (s.tcb.state) {
        case State::fin_wait_1:
            enter(s, State::fin_wait_2, Rule::ack_of_fin);
            if (s.policy.fin_wait_2) {
                s.tcb.timers.set(Timer::fin_wait_2, s.now + *s.policy.fin_wait_2);
            }
            break;
        case State::closing:
            enter(s, State::time_wait, Rule::ack_of_fin);
            start_time_wait(s);
            break;
        case State::last_ack:
            enter_closed(s, Rule::ack_of_fin);
            break;
        default:
            return Then::go_on;
    }
    notify(s, Notice::connection_closed, Rule::ack_of_fin);
    return s.tcb.state == State::closed ? Then::stop : Then::go_on;
}

}  // namespace

void acknowledge(Step& s, Seq ack) {
    Tcb& tcb = s.tcb;
    std::uint32_t octets = ack.raw() - tcb.snd.una.raw();
    const bool syn = syn_outstanding(tcb);
    octets -= syn ? 1U : 0U;
    octets -= tcb.fin_sent && ack == tcb.snd.nxt ? 1U : 0U;
    take_round_trip(s, ack);
    if (syn && tcb.syn_retransmitted) {
        tcb.rto.raise_after_syn_timeout(s.policy.rto);  // RFC 6298 (5.7)
    }
    forget_octets(tcb, octets);
    tcb.snd.una = ack;
    tcb.backoffs = 0;
    restart_retransmission(s);
    restart_user_timeout(s);
}

void establish(Step& s, Rule rule) {
    enter(s, State::established, rule);
    notify(s, Notice::connection_established, rule);
    if (s.tcb.close_called) {  // the CLOSE that waited (§3.10.4)
        output(s, Rule::close_call);
        enter(s, State::fin_wait_1, Rule::close_call);
    }
    restart_keep_alive(s);
}

// fifth, check the ACK field
Then check_ack(Step& s, const Segment& seg) {
    if (!seg.has(Flag::ack)) {
        discard(s, DiscardReason::ack_missing, Rule::ack_missing);
        return Then::stop;
    }
    if (s.tcb.state == State::syn_received) {
        return check_ack_syn_received(s, seg);
    }
    if (check_ack_established(s, seg) == Then::stop) {
        return Then::stop;
    }
    return check_ack_of_fin(s);
}

}  // namespace tcpcraft::rfc9293
