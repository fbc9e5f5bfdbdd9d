#include <algorithm>
#include <chrono>

#include <libtcpcraft/engine/rfc9293/steps.hpp>

// RFC 9293 §3.5.2, §3.5.3 and RFC 5961: sending resets, judging them, asking for proof.

namespace tcpcraft::rfc9293 {
namespace {

Segment answer_to(const Segment& seg) noexcept {
    Segment answer;
    answer.source = seg.destination;
    answer.destination = seg.source;
    return answer;
}

// RFC 7323 §3.2: a RST should carry it; there is no clock of the connection to show
void echo_timestamp(Segment& rst, const Segment& seg) {
    if (const auto stamp = seg.options.find<Timestamps>(); stamp && !seg.has(Flag::syn)) {
        rst.options = {NoOperation{}, NoOperation{}, Timestamps{0, stamp->val}};
    }
}

std::uint32_t milliseconds(Instant now) noexcept {
    const auto ticks = now.time_since_epoch() / std::chrono::milliseconds{1};
    return std::max(static_cast<std::uint32_t>(ticks), 1U);  // 0 is "never"
}

/// RFC 5961 §7, for each connection apart: one for the host would be a side channel.
bool throttled(const Step& s) noexcept {
    const auto spacing = s.policy.challenge_spacing / std::chrono::milliseconds{1};
    return s.tcb.challenged_at != 0 &&
           static_cast<std::int64_t>(milliseconds(s.now) - s.tcb.challenged_at) < spacing;
}

void take_reset(Step& s) {
    switch (s.tcb.state) {
        case State::syn_received:
            if (s.tcb.opened_passively) {
                return enter_listen(s, Rule::rst_returns_to_listen);
            }
            notify(s, Notice::connection_refused, Rule::rst_refuses);
            return enter_closed(s, Rule::rst_refuses);
        case State::established:
        case State::fin_wait_1:
        case State::fin_wait_2:
        case State::close_wait:
            notify(s, Notice::connection_reset, Rule::rst_resets);
            return enter_closed(s, Rule::rst_resets);
        default:  // CLOSING, LAST-ACK, TIME-WAIT
            return enter_closed(s, Rule::rst_resets);
    }
}

}  // namespace

void reset_in_answer(Step& s, const Segment& seg, Rule rule) {
    Segment rst = answer_to(seg);
    if (seg.has(Flag::ack)) {
        rst.seq = seg.ack;
        rst.flags = {Flag::rst};
    } else {
        rst.ack = seg.range().end();
        rst.flags = {Flag::rst, Flag::ack};
    }
    echo_timestamp(rst, seg);
    send_bare(s, rst, rule);
}

void reset_to_abort(Step& s, Rule rule) {
    Segment rst;
    rst.source = s.tcb.id.local.port;
    rst.destination = s.tcb.id.remote.port;
    rst.seq = s.tcb.snd.nxt;
    rst.flags = {Flag::rst};
    if (s.tcb.timestamps) {  // RFC 7323 §3.2
        rst.options = {NoOperation{}, NoOperation{}, Timestamps{timestamp_now(s), s.tcb.ts.recent}};
    }
    send_bare(s, rst, rule);
}

void challenge(Step& s, DiscardReason why, Rule rule) {
    if (!throttled(s)) {
        s.tcb.challenged_at = milliseconds(s.now);
        send_ack(s, rule);
    }
    discard(s, why, rule);
}

// second, check the RST bit
Then check_rst(Step& s, const Segment& seg) {
    if (!seg.has(Flag::rst)) {
        return Then::go_on;
    }
    if (s.policy.challenge_ack && seg.seq != s.tcb.rcv.nxt) {
        challenge(s, DiscardReason::reset_ignored, Rule::rst_challenge);
    } else if (s.tcb.state == State::time_wait && s.policy.rfc1337) {
        discard(s, DiscardReason::reset_ignored, Rule::time_wait_ignores_rst);
    } else {
        take_reset(s);
    }
    return Then::stop;
}

// §3.9.2.2
void icmp_arrives(Step& s, const IcmpArrives& icmp) {
    const SendSpace& snd = s.tcb.snd;
    const bool connected = s.tcb.state != State::closed && s.tcb.state != State::listen;
    const bool in_flight = at_or_before(snd.una, icmp.seq) && before(icmp.seq, snd.nxt);
    if (!connected || !in_flight) {  // RFC 5927 §4.1
        return discard(s, DiscardReason::icmp_unrelated, Rule::icmp_unrelated);
    }
    if (!icmp.hard) {
        return notify(s, Notice::soft_error, Rule::icmp_soft);
    }
    const bool opening = !synchronized(s.tcb.state);
    notify(s, opening ? Notice::connection_refused : Notice::connection_reset, Rule::icmp_hard);
    enter_closed(s, Rule::icmp_hard);
}

}  // namespace tcpcraft::rfc9293
