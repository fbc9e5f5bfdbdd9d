#include <libtcpcraft/sim/world.hpp>

// What tells two worlds apart without ever mattering is made the same.

namespace tcpcraft {
namespace {

constexpr Instant later_in_world{std::chrono::hours{1000}};
constexpr std::uint32_t just_challenged = 3'600'000;  // in milliseconds

void normalise_times(Tcb& tcb, const Policy& policy) {
    for (std::size_t i = 0; i < timer_count; ++i) {
        if (tcb.timers.at(static_cast<Timer>(i))) {
            tcb.timers.set(static_cast<Timer>(i), later_in_world);
        }
    }
    tcb.rto = Rto{policy.rto};
    tcb.timing = false;
    tcb.timed_seq = {};
    tcb.timed_at = 0;
    tcb.syn_retransmitted = false;  // matters for the RTO only
    const bool throttles = policy.challenge_spacing > Duration{};
    tcb.challenged_at = throttles && tcb.challenged_at != 0 ? just_challenged : 0;
}

}  // namespace

void normalise(WorldSide& side, Side which, const Setting& setting) {
    Tcb& tcb = side.tcb;
    const State state = tcb.state;
    normalise_times(tcb, setting.policy_of(which));
    tcb.ts = {};  // no timestamps here
    tcb.snd.up = {};
    tcb.rcv.up = {};
    if (!setting.counts_retransmissions) {
        tcb.backoffs = 0;
        tcb.probes = 0;
    }
    if (tcb.buffers.peek() != nullptr) {
        tcb.buffers.use().newest = {};  // for SACK only
        if (tcb.buffers.peek()->empty()) {
            tcb.buffers.release();
        }
    }
    if (state == State::closed) {
        tcb = Tcb{};
        normalise_times(tcb, setting.policy_of(which));
    }
    tcb.id = connection_of(which);
    if (!side.connected()) {
        side.submitted = 0;
        side.delivered = 0;
        tcb.id.remote = {Address::unspecified(tcb.id.local.address.family()), Port{}};
    }
    const UserCalls& script = setting.script_of(which);
    while (state == State::closed && side.calls > 0 && side.calls < script.size() &&
           !script[side.calls].opens()) {
        ++side.calls;
    }
}

}  // namespace tcpcraft
