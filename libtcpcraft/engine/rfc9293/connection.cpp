#include <algorithm>
#include <chrono>

#include <libtcpcraft/engine/rfc9293/steps.hpp>

namespace tcpcraft::rfc9293 {
namespace {

constexpr std::uint8_t largest_shift = 14;  // RFC 7323 §2.3

std::uint8_t bounded_shift(std::uint8_t shift) noexcept { return std::min(shift, largest_shift); }

std::uint16_t default_mss(const Address& address) noexcept {
    return address.is_v6() ? 1220 : 536;  // RFC 9293 §3.7.1 (MUST-15)
}

void take_window_scale(Tcb& tcb, const Options& ours, const Options& theirs) noexcept {
    const auto our_scale = ours.find<WindowScale>();
    const auto their_scale = theirs.find<WindowScale>();
    tcb.window_scaling = our_scale && their_scale;
    tcb.rcv_shift = tcb.window_scaling ? bounded_shift(our_scale->shift) : std::uint8_t{0};
    tcb.snd_shift = tcb.window_scaling ? bounded_shift(their_scale->shift) : std::uint8_t{0};
    tcb.rcv.wnd = std::min(tcb.rcv.wnd, std::uint32_t{65535} << tcb.rcv_shift);
}

void take_timestamps(Step& s, const Options& theirs) noexcept {
    const auto stamp = theirs.find<Timestamps>();
    s.tcb.timestamps = stamp && s.policy.syn_options.find<Timestamps>();
    if (s.tcb.timestamps) {
        s.tcb.ts.recent = stamp->val;
        s.tcb.ts.recent_at =
            static_cast<std::uint32_t>(s.now.time_since_epoch() / std::chrono::seconds{1});
    }
}

}  // namespace

Tcb opened(const ConnectionId& id, std::uint32_t timestamp_offset, State state,
           const Policy& policy) noexcept {
    Tcb tcb;
    tcb.id = id;
    tcb.state = state;
    tcb.ts.offset = timestamp_offset;
    tcb.rto = Rto{policy.rto};
    tcb.rcv.wnd = policy.rcv_wnd;
    tcb.snd_mss = default_mss(id.local.address);
    return tcb;
}

void take_syn_options(Step& s, const Segment& seg) {
    Tcb& tcb = s.tcb;
    const Options& ours = s.policy.syn_options;
    if (const auto mss = seg.options.find<MaximumSegmentSize>(); mss && mss->value != 0) {
        tcb.snd_mss = mss->value;
    }
    tcb.sack_permitted = ours.find<SackPermitted>() && seg.options.find<SackPermitted>();
    take_window_scale(tcb, ours, seg.options);
    take_timestamps(s, seg.options);
}

void enter(Step& s, State to, Rule rule) {
    s.out.add(Entered{s.tcb.state, to, rule});
    s.tcb.state = to;
}

void enter_closed(Step& s, Rule rule) {
    enter(s, State::closed, rule);
    Tcb closed;
    closed.id = s.tcb.id;
    s.tcb = std::move(closed);
    s.ack_owed = Rule::none;
}

void enter_listen(Step& s, Rule rule) {
    enter(s, State::listen, rule);
    const Endpoint local = s.tcb.id.local;
    const Endpoint anyone{Address::unspecified(local.address.family()), Port{}};
    s.tcb = opened({local, anyone}, s.tcb.ts.offset, State::listen, s.policy);
    s.tcb.opened_passively = true;
    s.ack_owed = Rule::none;
}

void notify(Step& s, Notice notice, Rule rule) { s.out.add(Notified{notice, rule}); }

void discard(Step& s, DiscardReason why, Rule rule) { s.out.add(Discarded{why, rule}); }

std::uint32_t scaled_window(const Step& s, const Segment& seg) noexcept {
    const std::uint8_t shift = s.syn_counted ? std::uint8_t{0} : s.tcb.snd_shift;
    return std::uint32_t{seg.wnd} << shift;
}

std::uint32_t timestamp_now(const Step& s) noexcept {
    const auto ticks = s.now.time_since_epoch() / std::chrono::milliseconds{1};
    return s.tcb.ts.offset + static_cast<std::uint32_t>(ticks);
}

bool syn_outstanding(const Tcb& tcb) noexcept {
    if (tcb.state == State::syn_sent || tcb.state == State::syn_received) {
        return tcb.snd.una == tcb.snd.iss;
    }
    // CLOSE in SYN-RECEIVED leads to FIN-WAIT-1 with SYN and FIN both under way. All data has been
    // sent when the FIN has, so that one number more than data and FIN must be the SYN.
    const auto outstanding = static_cast<std::size_t>(tcb.snd.nxt.raw() - tcb.snd.una.raw());
    return tcb.fin_sent && outstanding == queued(tcb).size() + 2;
}

Seq first_octet(const Tcb& tcb) noexcept {
    return syn_outstanding(tcb) ? tcb.snd.una + 1 : tcb.snd.una;
}

std::span<const std::byte> queued(const Tcb& tcb) noexcept {
    const Buffers* buffers = tcb.buffers.peek();
    return buffers != nullptr ? std::span<const std::byte>{buffers->send}
                              : std::span<const std::byte>{};
}

std::span<const std::byte> unsent(const Tcb& tcb) noexcept {
    if (tcb.fin_sent) {
        return {};
    }
    const auto sent = static_cast<std::size_t>(tcb.snd.nxt.raw() - first_octet(tcb).raw());
    return queued(tcb).subspan(sent);
}

std::uint32_t effective_send_mss(const Step& s) noexcept {
    constexpr std::uint32_t header = 20;
    const std::uint32_t options = s.tcb.timestamps ? 12 : 0;
    std::uint32_t segment = std::uint32_t{s.tcb.snd_mss} + header;
    if (s.policy.mms_s) {
        segment = std::min(segment, std::uint32_t{*s.policy.mms_s});
    }
    return segment > header + options ? segment - header - options : 1;
}

}  // namespace tcpcraft::rfc9293
