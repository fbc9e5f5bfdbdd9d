#include <utility>

#include <libtcpcraft/engine/deviations.hpp>

namespace tcpcraft {
namespace {

bool resets_without_connection(const Transmit& transmit) noexcept {
    return transmit.rule == Rule::closed_resets_with_ack ||
           transmit.rule == Rule::closed_resets_without_ack ||
           transmit.rule == Rule::listen_resets_ack;
}

// A host that is off, or filtered: what CLOSED and LISTEN would say to strangers is not said.
void mute(Action& action) {
    const auto* transmit = std::get_if<Transmit>(&action);
    if (transmit != nullptr && resets_without_connection(*transmit)) {
        action = Discarded{DiscardReason::no_connection, Rule::mute_when_closed};
    }
}

// The textbooks' two-way handshake: the SYN alone establishes; nobody need acknowledge ours.
bool establish_on_syn(Tcb& tcb, Action& action) {
    auto* entered = std::get_if<Entered>(&action);
    if (entered == nullptr || entered->rule != Rule::listen_accepts_syn) {
        return false;
    }
    *entered = {entered->from, State::established, Rule::two_way_handshake};
    tcb.state = State::established;
    tcb.snd.una = tcb.snd.nxt;
    tcb.timing = false;
    tcb.timers.clear(Timer::retransmission);
    tcb.timers.clear(Timer::user);
    return true;
}

void skip_time_wait(Tcb& tcb, Action& action) {
    auto* entered = std::get_if<Entered>(&action);
    if (entered == nullptr || entered->to != State::time_wait) {
        return;
    }
    *entered = {entered->from, State::closed, Rule::no_time_wait};
    Tcb closed;
    closed.id = tcb.id;
    tcb = std::move(closed);
}

}  // namespace

void deviate(Tcb& tcb, const Deviations& deviations, Actions& out, std::size_t first) {
    bool established = false;
    for (Action& action : out.all().subspan(first)) {
        if (deviations.mute_when_closed) {
            mute(action);
        }
        if (deviations.two_way_handshake) {
            established |= establish_on_syn(tcb, action);
        }
        if (deviations.no_time_wait) {
            skip_time_wait(tcb, action);
        }
    }
    if (established) {
        out.add(Notified{Notice::connection_established, Rule::two_way_handshake});
    }
}

}  // namespace tcpcraft
