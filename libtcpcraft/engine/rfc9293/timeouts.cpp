#include <algorithm>

#include <libtcpcraft/engine/rfc9293/steps.hpp>

// RFC 9293 §3.10.8 and the timers of §3.8.

namespace tcpcraft::rfc9293 {
namespace {

bool due(const Step& s, Timer timer) noexcept {
    const auto at = s.tcb.timers.at(timer);
    return at && *at <= s.now;
}

void give_up(Step& s, Notice notice, Rule rule) {
    notify(s, notice, rule);
    enter_closed(s, rule);
}

// RFC 6298 (5.4) to (5.6); R2 as a count (§3.8.3, MUST-20, MUST-23)
void retransmission_timeout(Step& s) {
    Tcb& tcb = s.tcb;
    const bool opening = syn_outstanding(tcb);
    const std::uint8_t limit = opening ? s.policy.syn_retransmissions : s.policy.retransmissions;
    if (tcb.backoffs >= limit) {
        return give_up(s, Notice::connection_aborted_retransmissions,
                       Rule::retransmission_gives_up);
    }
    ++tcb.backoffs;
    if (tcb.backoffs == s.policy.r1) {  // SHLD-9
        notify(s, Notice::excessive_retransmissions, Rule::retransmission_advice);
    }
    tcb.rto.back_off(s.policy.rto);
    tcb.timers.set(Timer::retransmission, s.now + tcb.rto.value());
    retransmit(s, Rule::retransmission);
}

// §3.8.6.1 (MUST-36, SHLD-30). The RTO itself stays: a closed window is no loss.
void zero_window_timeout(Step& s) {
    Tcb& tcb = s.tcb;
    if (tcb.probes >= s.policy.retransmissions) {  // not one answered (MUST-37 needs answers)
        return give_up(s, Notice::connection_aborted_retransmissions,
                       Rule::retransmission_gives_up);
    }
    ++tcb.probes;
    tcb.backoffs = static_cast<std::uint8_t>(std::min(tcb.backoffs + 1, 31));
    Duration spacing = tcb.rto.value();
    for (std::uint8_t i = 0; i < tcb.backoffs && spacing < s.policy.rto.most; ++i) {
        spacing *= 2;
    }
    tcb.timers.set(Timer::zero_window, s.now + std::min(spacing, s.policy.rto.most));
    send_window_probe(s);
}

// §3.8.4
void keep_alive_timeout(Step& s) {
    const auto& keep_alive = s.policy.keep_alive;
    if (!keep_alive) {
        return s.tcb.timers.clear(Timer::keep_alive);
    }
    if (s.tcb.probes >= keep_alive->count) {  // MUST-29: never after one alone
        return give_up(s, Notice::connection_aborted_keep_alive, Rule::keep_alive_dead);
    }
    ++s.tcb.probes;
    s.tcb.timers.set(Timer::keep_alive, s.now + keep_alive->interval);
    const bool second = keep_alive->octet_in_every_second && s.tcb.probes % 2 == 0;
    send_keep_alive_probe(s, keep_alive->octet || second);
}

}  // namespace

void restart_keep_alive(Step& s) {
    Tcb& tcb = s.tcb;
    const bool may_run = synchronized(tcb.state) && tcb.state != State::time_wait;
    if (!s.policy.keep_alive || !may_run) {
        return;
    }
    if (anything_outstanding(tcb) || tcb.timers.at(Timer::zero_window)) {
        return;  // MUST-26
    }
    tcb.probes = 0;
    tcb.timers.set(Timer::keep_alive, s.now + s.policy.keep_alive->idle);
}

// What ends the connection comes first, so that nothing is sent for one that is over.
void time_passes(Step& s) {
    if (due(s, Timer::user)) {
        return give_up(s, Notice::connection_aborted_user_timeout, Rule::user_timeout);
    }
    if (due(s, Timer::time_wait)) {
        return enter_closed(s, Rule::time_wait_over);
    }
    if (due(s, Timer::fin_wait_2)) {
        return enter_closed(s, Rule::fin_wait_2_over);
    }
    if (due(s, Timer::retransmission)) {
        retransmission_timeout(s);
    } else if (due(s, Timer::zero_window)) {
        zero_window_timeout(s);
    } else if (due(s, Timer::keep_alive)) {
        keep_alive_timeout(s);
    }
    if (due(s, Timer::delayed_ack)) {
        send_ack(s, Rule::delayed_ack);
    }
}

}  // namespace tcpcraft::rfc9293
