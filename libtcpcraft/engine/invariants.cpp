#include <libtcpcraft/engine/invariants.hpp>
#include <libtcpcraft/engine/rfc9293/steps.hpp>

namespace tcpcraft {
namespace {

using rfc9293::anything_outstanding;
using rfc9293::queued;
using rfc9293::syn_outstanding;

struct Invariant {
    std::string_view sentence{};
    bool (*holds)(const Tcb& tcb){};
};

bool has_connection(const Tcb& tcb) noexcept {
    return tcb.state != State::closed && tcb.state != State::listen;
}

bool timer(const Tcb& tcb, Timer which) noexcept { return tcb.timers.at(which).has_value(); }

bool pieces_in_order(const Tcb& tcb) {
    const Buffers* buffers = tcb.buffers.peek();
    if (buffers == nullptr) {
        return true;
    }
    Seq reached = tcb.rcv.nxt - 1;
    for (const auto& piece : buffers->out_of_order) {
        if (piece.data.empty() || !before(reached, piece.seq)) {
            return false;
        }
        reached = piece.seq + static_cast<std::uint32_t>(piece.data.size());
    }
    return at_or_before(reached, tcb.rcv.nxt + tcb.rcv.wnd);
}

/// Everything sent and not acknowledged can be sent again.
bool queue_covers_flight(const Tcb& tcb) {
    const std::uint32_t controls = (syn_outstanding(tcb) ? 1U : 0U) + (tcb.fin_sent ? 1U : 0U);
    const std::uint32_t flight = tcb.snd.nxt.raw() - tcb.snd.una.raw();
    return !has_connection(tcb) || rfc9293::fin_acknowledged(tcb) ||
           flight <= queued(tcb).size() + controls;
}

constexpr Invariant invariants[] = {
    {"SND.UNA =< SND.NXT", [](const Tcb& t) { return at_or_before(t.snd.una, t.snd.nxt); }},
    {"CLOSED holds no timer",
     [](const Tcb& t) { return t.state != State::closed || t.timers == Timers{}; }},
    {"CLOSED and LISTEN hold no data",
     [](const Tcb& t) { return has_connection(t) || t.buffers.peek() == nullptr; }},
    {"LISTEN was opened passively",
     [](const Tcb& t) { return t.state != State::listen || t.opened_passively; }},
    {"what is outstanding has a timer",
     [](const Tcb& t) {
         return !has_connection(t) || !anything_outstanding(t) || t.state == State::time_wait ||
                timer(t, Timer::retransmission) || timer(t, Timer::zero_window);
     }},
    {"the timer of TIME-WAIT runs there and only there",
     [](const Tcb& t) { return (t.state == State::time_wait) == timer(t, Timer::time_wait); }},
    {"a FIN follows CLOSE", [](const Tcb& t) { return !t.fin_sent || t.close_called; }},
    {"FIN-WAIT-2 and TIME-WAIT have their FIN acknowledged",
     [](const Tcb& t) {
         return (t.state != State::fin_wait_2 && t.state != State::time_wait) ||
                rfc9293::fin_acknowledged(t);
     }},
    {"what was sent is still held", queue_covers_flight},
    {"what waits to be delivered is ordered, apart and in the window", pieces_in_order},
    {"a held FIN lies in the window",
     [](const Tcb& t) {
         const Buffers* held = t.buffers.peek();
         return held == nullptr || !held->fin ||
                SeqRange{t.rcv.nxt, t.rcv.wnd}.contains(*held->fin);
     }},
    {"shifts are at most 14", [](const Tcb& t) { return t.snd_shift <= 14 && t.rcv_shift <= 14; }},
    {"a round trip is timed only while something is outstanding",
     [](const Tcb& t) { return !t.timing || before(t.timed_seq, t.snd.nxt); }},
};

}  // namespace

std::optional<std::string_view> broken_invariant(const Tcb& tcb) noexcept {
    for (const Invariant& invariant : invariants) {
        if (!invariant.holds(tcb)) {
            return invariant.sentence;
        }
    }
    return std::nullopt;
}

}  // namespace tcpcraft
