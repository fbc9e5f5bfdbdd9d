#include <cassert>
#include <utility>

#include <libtcpcraft/engine/advance.hpp>
#include <libtcpcraft/engine/deviations.hpp>
#include <libtcpcraft/engine/invariants.hpp>
#include <libtcpcraft/engine/rfc9293/steps.hpp>

namespace tcpcraft {
namespace {

using namespace rfc9293;

void arrives(Step& s, const SegmentArrives& event) {
    switch (s.tcb.state) {
        case State::closed:
            return arrives_closed(s, event.segment);
        case State::listen:
            return arrives_listen(s, event);
        case State::syn_sent:
            return arrives_syn_sent(s, event.segment);
        default:
            return arrives_other(s, event.segment);
    }
}

struct Dispatch {
    Step& s;

    void operator()(const ActiveOpen& call) const { open(s, call); }
    void operator()(const PassiveOpen& call) const { open(s, call); }
    void operator()(const Send& call) const { send(s, call); }
    void operator()(const Close&) const { close(s); }
    void operator()(const Abort&) const { abort(s); }
    void operator()(const ProbeKeepAlive& call) const { probe_keep_alive(s, call); }
    void operator()(const SegmentArrives& event) const { arrives(s, event); }
    void operator()(const IcmpArrives& icmp) const { icmp_arrives(s, icmp); }
    void operator()(const TimePasses&) const { time_passes(s); }
};

}  // namespace

Tcb advance(Tcb tcb, const Event& event, Instant now, const Policy& policy, Actions& out) {
    const std::size_t before_this_step = out.size();
    Step step{tcb, now, policy, out};
    std::visit(Dispatch{step}, event);
    if (policy.deviations.any()) {
        deviate(tcb, policy.deviations, out, before_this_step);
    }
    assert(!broken_invariant(tcb));
    return tcb;
}

Instant next_deadline(const Tcb& tcb) noexcept { return tcb.timers.next(); }

}  // namespace tcpcraft
