#include <chrono>

#include <libtcpcraft/engine/rfc9293/steps.hpp>

// RFC 7323: what goes before the eight checks, and what the first of them has let pass.

namespace tcpcraft::rfc9293 {
namespace {

// RFC 7323 §5.5: TS.Recent of an idle connection is worth nothing after this long.
constexpr std::uint32_t outdated_after = 24 * 24 * 60 * 60;

std::uint32_t whole_seconds(Instant now) noexcept {
    return static_cast<std::uint32_t>(now.time_since_epoch() / std::chrono::seconds{1});
}

}  // namespace

bool older(std::uint32_t a, std::uint32_t b) noexcept { return before(Seq{a}, Seq{b}); }

// RFC 7323 §5.3 R1; §3.2 for a segment that lacks what was agreed on
Then check_timestamp(Step& s, const Segment& seg) {
    if (!s.tcb.timestamps || seg.has(Flag::rst)) {
        return Then::go_on;
    }
    const auto stamp = seg.options.find<Timestamps>();
    if (!stamp) {
        discard(s, DiscardReason::timestamp_missing, Rule::timestamp_missing);
        return Then::stop;
    }
    const bool valid = whole_seconds(s.now) - s.tcb.ts.recent_at <= outdated_after;
    if (valid && older(stamp->val, s.tcb.ts.recent)) {
        if (seg.len() == 0) {  // two sides with wrong stamps would answer each other for ever
            challenge(s, DiscardReason::old_timestamp, Rule::paws);
            return Then::stop;
        }
        send_ack(s, Rule::paws);
        discard(s, DiscardReason::old_timestamp, Rule::paws);
        return Then::stop;
    }
    return Then::go_on;
}

// RFC 7323 §4.3 (2)
void take_timestamp(Step& s, const Segment& seg) {
    const auto stamp = seg.options.find<Timestamps>();
    if (!s.tcb.timestamps || !stamp || seg.has(Flag::rst)) {
        return;
    }
    TimestampSpace& ts = s.tcb.ts;
    const bool outdated = whole_seconds(s.now) - ts.recent_at > outdated_after;
    if ((outdated || !older(stamp->val, ts.recent)) && at_or_before(seg.seq, ts.last_ack_sent)) {
        ts.recent = stamp->val;
        ts.recent_at = whole_seconds(s.now);
    }
}

}  // namespace tcpcraft::rfc9293
