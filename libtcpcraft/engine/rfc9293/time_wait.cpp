#include <libtcpcraft/engine/iss.hpp>
#include <libtcpcraft/engine/rfc9293/steps.hpp>

// TIME-WAIT: its timer, and a SYN that wants the name of the connection (RFC 9293 §3.6.1).

namespace tcpcraft::rfc9293 {
namespace {

/// RFC 6191 §2: newer by timestamp, else by number. The last number used was the FIN's.
bool is_newer(const Step& s, const Segment& syn) noexcept {
    const bool number = before(s.tcb.rcv.nxt - 1, syn.seq);
    const auto stamp = syn.options.find<Timestamps>();
    const bool stamped = stamp && s.policy.syn_options.find<Timestamps>();
    if (!s.tcb.timestamps || !stamped) {
        return stamped || number;
    }
    return older(s.tcb.ts.recent, stamp->val) || (s.tcb.ts.recent == stamp->val && number);
}

}  // namespace

void start_time_wait(Step& s) {
    Timers& timers = s.tcb.timers;
    timers.clear_all();
    timers.set(Timer::time_wait, s.now + s.policy.time_wait.value_or(2 * s.policy.msl));
}

bool asks_to_reopen(const Step& s, const Segment& seg) noexcept {
    return s.tcb.state == State::time_wait && s.policy.rfc6191 && s.tcb.opened_passively &&
           seg.has(Flag::syn) && !seg.has(Flag::ack) && !seg.has(Flag::rst);
}

// A SYN in TIME-WAIT (§3.6.1, MAY-2, SHLD-4). Our new ISS lies beyond all that the old connection
// used. Should the SYN prove to be an old copy, TIME-WAIT does not come back.
void reopen(Step& s, const Segment& syn) {
    if (!is_newer(s, syn)) {
        return discard(s, DiscardReason::syn_unexpected, Rule::syn_in_time_wait);
    }
    const ConnectionId id = s.tcb.id;
    const Seq least = s.tcb.snd.nxt + 1;
    const Seq iss = later(least, initial_sequence_number(id, s.policy.isn_key, s.now));
    enter_listen(s, Rule::syn_in_time_wait);
    s.tcb.snd.iss = iss;
    s.tcb.snd.una = iss;
    s.tcb.snd.up = iss;
    s.tcb.snd.nxt = iss + 1;
    arrives_listen(s, {syn, id.remote.address, id.local.address});
}

}  // namespace tcpcraft::rfc9293
