#include <libtcpcraft/engine/packed_tcb.hpp>

namespace tcpcraft {

static_assert(sizeof(PackedTcb) == 104);
static_assert(sizeof(Tcb) == 192, "who adds to it adds to what is packed");

namespace {

struct OneTimer {
    Timer timer{};
    Instant deadline{never};
};

/// The timer that runs, or nothing where two do.
std::optional<OneTimer> only_timer(const Timers& timers) noexcept {
    OneTimer found;
    for (std::size_t i = 0; i < timer_count; ++i) {
        const auto timer = static_cast<Timer>(i);
        if (const auto deadline = timers.at(timer)) {
            if (found.deadline != never) {
                return std::nullopt;
            }
            found = {timer, *deadline};
        }
    }
    return found;
}

bool rests(const Tcb& tcb) noexcept {
    return tcb.buffers == BuffersPointer{} && tcb.snd_shift < 16 && tcb.rcv_shift < 16;
}

}  // namespace

std::optional<PackedTcb> pack(const Tcb& tcb) noexcept {
    const auto timer = only_timer(tcb.timers);
    if (!timer || !rests(tcb)) {
        return std::nullopt;
    }
    PackedTcb packed;
    packed.snd = tcb.snd;
    packed.rcv = tcb.rcv;
    packed.ts = tcb.ts;
    packed.rto = tcb.rto;
    packed.timed_seq = tcb.timed_seq;
    packed.timed_at = tcb.timed_at;
    packed.challenged_at = tcb.challenged_at;
    packed.deadline = timer->deadline;
    packed.snd_mss = tcb.snd_mss;
    packed.state = tcb.state;
    packed.timer = timer->timer;
    packed.backoffs = tcb.backoffs;
    packed.probes = tcb.probes;
    packed.snd_shift = static_cast<std::uint8_t>(tcb.snd_shift & 0xfU);
    packed.rcv_shift = static_cast<std::uint8_t>(tcb.rcv_shift & 0xfU);
    packed.opened_passively = tcb.opened_passively;
    packed.close_called = tcb.close_called;
    packed.fin_sent = tcb.fin_sent;
    packed.timing = tcb.timing;
    packed.syn_retransmitted = tcb.syn_retransmitted;
    packed.window_scaling = tcb.window_scaling;
    packed.sack_permitted = tcb.sack_permitted;
    packed.timestamps = tcb.timestamps;
    return packed;
}

Tcb unpack(const PackedTcb& packed, const ConnectionId& id) noexcept {
    Tcb tcb;
    tcb.id = id;
    tcb.snd = packed.snd;
    tcb.rcv = packed.rcv;
    tcb.ts = packed.ts;
    tcb.rto = packed.rto;
    tcb.timed_seq = packed.timed_seq;
    tcb.timed_at = packed.timed_at;
    tcb.challenged_at = packed.challenged_at;
    if (packed.deadline != never) {
        tcb.timers.set(packed.timer, packed.deadline);
    }
    tcb.snd_mss = packed.snd_mss;
    tcb.state = packed.state;
    tcb.backoffs = packed.backoffs;
    tcb.probes = packed.probes;
    tcb.snd_shift = packed.snd_shift;
    tcb.rcv_shift = packed.rcv_shift;
    tcb.opened_passively = packed.opened_passively;
    tcb.close_called = packed.close_called;
    tcb.fin_sent = packed.fin_sent;
    tcb.timing = packed.timing;
    tcb.syn_retransmitted = packed.syn_retransmitted;
    tcb.window_scaling = packed.window_scaling;
    tcb.sack_permitted = packed.sack_permitted;
    tcb.timestamps = packed.timestamps;
    return tcb;
}

}  // namespace tcpcraft
