#include <algorithm>
#include <array>

#include <libtcpcraft/engine/rfc9293/steps.hpp>

// Building what is sent: SYN, ACK, data, FIN, probes.

namespace tcpcraft::rfc9293 {
namespace {

constexpr std::array<std::byte, 1> garbage{};

Flags joined(Flags a, Flags b) noexcept {
    return Flags::from_bits(static_cast<std::uint16_t>(a.bits() | b.bits()));
}

std::uint16_t window_field(const Tcb& tcb, Flags flags) noexcept {
    const std::uint8_t shift = flags.has(Flag::syn) ? std::uint8_t{0} : tcb.rcv_shift;
    return static_cast<std::uint16_t>(std::min<std::uint32_t>(tcb.rcv.wnd >> shift, 65535));
}

Segment shaped(const Step& s, Flags flags, Seq seq) {
    const Tcb& tcb = s.tcb;
    Segment segment;
    segment.source = tcb.id.local.port;
    segment.destination = tcb.id.remote.port;
    segment.seq = seq;
    segment.ack = flags.has(Flag::ack) ? tcb.rcv.nxt : Seq{};
    segment.flags = flags;
    segment.wnd = window_field(tcb, flags);
    if (tcb.timestamps && !flags.has(Flag::syn)) {  // RFC 7323 §3.2
        segment.options.append(NoOperation{});
        segment.options.append(NoOperation{});
        segment.options.append(Timestamps{timestamp_now(s), tcb.ts.recent});
    }
    return segment;
}

SackBlock block_of(const Buffers::Piece& piece) noexcept {
    return {piece.seq, piece.seq + static_cast<std::uint32_t>(piece.data.size())};
}

// RFC 2018 §4: the block that arrived last comes first; beside timestamps there is room for three
Sack blocks_held(const Buffers& buffers, std::size_t room) noexcept {
    Sack sack;
    const auto add = [&](const Buffers::Piece& piece) {
        sack.block[sack.count++] = block_of(piece);
    };
    const auto is_newest = [&](const auto& piece) { return piece.seq == buffers.newest; };
    const auto& pieces = buffers.out_of_order;
    if (const auto at = std::find_if(pieces.begin(), pieces.end(), is_newest); at != pieces.end()) {
        add(*at);
    }
    for (const Buffers::Piece& piece : pieces) {
        if (sack.count < room && !is_newest(piece)) {
            add(piece);
        }
    }
    return sack;
}

bool has_blocks(const Tcb& tcb) noexcept {
    const Buffers* buffers = tcb.buffers.peek();
    return tcb.sack_permitted && buffers != nullptr && !buffers->out_of_order.empty();
}

void append_sack(const Tcb& tcb, Segment& segment) {
    if (has_blocks(tcb)) {
        segment.options.append(NoOperation{});
        segment.options.append(NoOperation{});
        segment.options.append(blocks_held(*tcb.buffers.peek(), tcb.timestamps ? 3 : 4));
    }
}

// RFC 6298 (3), (4): one segment in flight is timed, never one that was sent twice
void time_round_trip(Step& s, const Segment& segment) {
    Tcb& tcb = s.tcb;
    if (before(segment.seq, tcb.snd.nxt)) {
        tcb.timing = false;
    } else if (!tcb.timing) {
        tcb.timing = true;
        tcb.timed_seq = segment.seq;
        tcb.timed_at = static_cast<std::uint32_t>(s.now.time_since_epoch().count());
    }
}

void start_user_timeout(Step& s) {
    if (s.policy.user_timeout && !s.tcb.timers.at(Timer::user)) {
        s.tcb.timers.set(Timer::user, s.now + *s.policy.user_timeout);
    }
}

void start_timers(Step& s) {
    Timers& timers = s.tcb.timers;
    if (!timers.at(Timer::retransmission) && !timers.at(Timer::zero_window)) {
        timers.set(Timer::retransmission, s.now + s.tcb.rto.value());  // RFC 6298 (5.1)
    }
    start_user_timeout(s);
}

void emit(Step& s, const Segment& segment, Rule rule) {
    Tcb& tcb = s.tcb;
    // The SYN,ACK of a simultaneous open has the number of our SYN, but is none of its repetitions.
    const bool again = segment.len() > 0 && before(segment.seq, tcb.snd.nxt) &&
                       rule != Rule::syn_sent_simultaneous_open;
    if (segment.has(Flag::ack)) {
        tcb.ts.last_ack_sent = tcb.rcv.nxt;
        tcb.timers.clear(Timer::delayed_ack);
        s.ack_owed = Rule::none;
    }
    if (segment.len() > 0) {
        time_round_trip(s, segment);
        start_timers(s);
        tcb.snd.nxt = later(tcb.snd.nxt, segment.range().end());
    }
    s.out.add(Transmit{segment, rule, again});
}

/// Whether an option of our template may stand in a SYN,ACK: what the peer's SYN did not offer may
/// not (RFC 7323 §2.2, §3.2; RFC 2018 §2).
bool stands_in_syn_ack(const Tcb& tcb, const Option& option) noexcept {
    if (std::holds_alternative<WindowScale>(option)) {
        return tcb.window_scaling;
    }
    if (std::holds_alternative<SackPermitted>(option)) {
        return tcb.sack_permitted;
    }
    if (std::holds_alternative<Timestamps>(option)) {
        return tcb.timestamps;
    }
    return !std::holds_alternative<FastOpen>(option);
}

bool is_padding(const Option& option) noexcept {
    return std::holds_alternative<NoOperation>(option) || std::holds_alternative<EndOfList>(option);
}

Options syn_ack_options(const Step& s) {
    const Options& ours = s.policy.syn_options;
    const auto stands = [&](const Option& option) { return stands_in_syn_ack(s.tcb, option); };
    if (std::all_of(ours.begin(), ours.end(), stands)) {
        return ours;
    }
    Options kept;
    for (auto at = ours.begin(); at != ours.end(); ++at) {
        if (stands(*at) && !is_padding(*at)) {
            kept.append_octets(at.octets());
        }
    }
    kept.pad(OptionKind::no_operation);
    return kept;
}

/// Data that rides on a SYN: at most one segment of it (§3.10.7.3 end).
std::span<const std::byte> syn_text(const Step& s) noexcept {
    if (s.tcb.state == State::syn_sent) {  // again: what rode on the first
        const std::size_t sent = s.tcb.snd.nxt.raw() - s.tcb.snd.iss.raw() - 1U;
        return queued(s.tcb).first(sent);
    }
    const auto text = queued(s.tcb);
    const std::size_t options = s.policy.syn_options.padded_size();
    const std::size_t mss = effective_send_mss(s);
    return text.first(std::min(text.size(), mss > options ? mss - options : 0));
}

std::uint32_t usable_window(const Tcb& tcb) noexcept {
    const std::int32_t left = distance(tcb.snd.nxt, tcb.snd.una + tcb.snd.wnd);
    return left > 0 ? static_cast<std::uint32_t>(left) : 0;
}

bool fin_waits(const Tcb& tcb) noexcept { return tcb.close_called && !tcb.fin_sent; }

bool may_send(const Tcb& tcb) noexcept {
    // CLOSE in SYN-RECEIVED with nothing queued sends its FIN at once (§3.10.4)
    return synchronized(tcb.state) || (tcb.state == State::syn_received && fin_waits(tcb));
}

void send_text(Step& s, std::span<const std::byte> text, bool last, bool fin, Rule rule) {
    Flags flags{Flag::ack};
    if (!text.empty() && last && (s.push || fin)) {
        flags = flags.with(Flag::psh);  // §3.9.1.2
    }
    if (fin) {
        flags = flags.with(Flag::fin);
    }
    Segment segment = shaped(s, flags, s.tcb.snd.nxt);
    segment.payload = text;
    emit(s, segment, rule);
    if (fin) {
        s.tcb.fin_sent = true;
        if (s.tcb.state == State::close_wait) {
            enter(s, State::last_ack, Rule::close_call);
        }
    }
}

// §3.8.6.1: something waits, nothing is under way that could bring a window update
void start_probing(Step& s) {
    Tcb& tcb = s.tcb;
    const bool waits = !unsent(tcb).empty() || fin_waits(tcb);
    if (waits && !anything_outstanding(tcb) && !tcb.timers.at(Timer::zero_window)) {
        tcb.backoffs = 0;
        tcb.probes = 0;  // those of keep-alive are others
        tcb.timers.set(Timer::zero_window, s.now + tcb.rto.value());  // SHLD-29
        start_user_timeout(s);
    }
}

}  // namespace

void send_syn(Step& s, Rule rule, Flags more) {
    Segment syn = shaped(s, joined({Flag::syn}, more), s.tcb.snd.iss);
    syn.options = s.policy.syn_options;
    syn.options.set_timestamps({timestamp_now(s), 0});
    syn.payload = syn_text(s);
    emit(s, syn, rule);
}

void send_syn_ack(Step& s, Rule rule, Flags more) {
    Segment syn = shaped(s, joined({Flag::syn, Flag::ack}, more), s.tcb.snd.iss);
    syn.options = syn_ack_options(s);
    syn.options.set_timestamps({timestamp_now(s), s.tcb.ts.recent});
    emit(s, syn, rule);
}

void send_ack(Step& s, Rule rule) {
    Segment ack = shaped(s, {Flag::ack}, s.tcb.snd.nxt);
    append_sack(s.tcb, ack);
    emit(s, ack, rule);
}

void output(Step& s, Rule rule) {
    if (!may_send(s.tcb)) {
        return;
    }
    for (;;) {
        const auto text = unsent(s.tcb);
        const std::size_t room = usable_window(s.tcb);
        const std::size_t size = std::min({text.size(), room, std::size_t{effective_send_mss(s)}});
        const bool last = size == text.size();
        const bool fin = last && fin_waits(s.tcb) && room > size;
        if (size == 0 && !fin) {
            break;
        }
        send_text(s, text.first(size), last, fin, fin && size == 0 ? Rule::close_call : rule);
    }
    start_probing(s);
}

void output_and_ack(Step& s, Rule rule) {
    if (s.ack_owed != Rule::none && has_blocks(s.tcb)) {
        send_ack(s, s.ack_owed);  // apart: data has no room for them (RFC 2018 §4)
    }
    output(s, s.ack_owed != Rule::none ? s.ack_owed : rule);
    if (s.ack_owed != Rule::none) {
        send_ack(s, s.ack_owed);
    }
}

void retransmit(Step& s, Rule rule) {
    Tcb& tcb = s.tcb;
    if (syn_outstanding(tcb)) {
        tcb.syn_retransmitted = true;
        return tcb.state == State::syn_sent ? send_syn(s, rule) : send_syn_ack(s, rule);
    }
    const std::size_t sent = tcb.snd.nxt.raw() - tcb.snd.una.raw() - (tcb.fin_sent ? 1U : 0U);
    const std::size_t room = std::max(tcb.snd.wnd, 1U);
    const std::size_t size = std::min({sent, room, std::size_t{effective_send_mss(s)}});
    const bool fin = tcb.fin_sent && size == sent && (room > size || sent == 0);
    Flags flags{Flag::ack};
    if (size > 0 && size == queued(tcb).size()) {
        flags = flags.with(Flag::psh);
    }
    Segment segment = shaped(s, fin ? flags.with(Flag::fin) : flags, tcb.snd.una);
    segment.payload = queued(tcb).first(size);
    emit(s, segment, rule);
}

void send_again_from_una(Step& s) {
    s.tcb.snd.nxt = s.tcb.snd.una;
    s.tcb.fin_sent = false;
    s.tcb.timing = false;
    s.tcb.timers.clear(Timer::retransmission);
}

void send_window_probe(Step& s) {
    if (anything_outstanding(s.tcb)) {
        return retransmit(s, Rule::zero_window_probe);
    }
    const auto text = unsent(s.tcb);
    const std::size_t size = std::min<std::size_t>(text.size(), 1);
    const bool last = size == text.size();
    send_text(s, text.first(size), last, last && size == 0, Rule::zero_window_probe);
    s.tcb.timing = false;
}

void send_keep_alive_probe(Step& s, bool octet) {
    Segment probe = shaped(s, {Flag::ack}, s.tcb.snd.nxt - 1);
    if (octet) {
        probe.payload = garbage;
    }
    s.tcb.ts.last_ack_sent = s.tcb.rcv.nxt;
    send_bare(s, probe, Rule::keep_alive_probe);
}

void send_bare(Step& s, const Segment& segment, Rule rule) {
    s.out.add(Transmit{segment, rule, false});
}

}  // namespace tcpcraft::rfc9293
