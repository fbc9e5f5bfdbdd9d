#include <array>

#include <tests/kernel/differences/altered_engines.hpp>

namespace tcpcraft::test {
namespace {

/// Hands the engine a segment that `alter` has been at.
template <typename Alter>
Tcb with_altered_segment(Tcb tcb, const Event& event, Instant now, const Policy& policy,
                         Actions& out, Alter alter) {
    const auto* arrives = std::get_if<SegmentArrives>(&event);
    if (arrives == nullptr || tcb.state < State::syn_received) {
        return advance(std::move(tcb), event, now, policy, out);
    }
    SegmentArrives altered = *arrives;
    alter(tcb, altered.segment);
    return advance(std::move(tcb), altered, now, policy, out);
}

// RFC 793's RST, against RFC 5961 §3.2
Tcb reset_anywhere(Tcb tcb, const Event& event, Instant now, const Policy& policy, Actions& out) {
    return with_altered_segment(std::move(tcb), event, now, policy, out,
                                [](const Tcb& before, Segment& segment) {
                                    const SeqRange window{before.rcv.nxt, before.rcv.wnd};
                                    if (segment.has(Flag::rst) && window.contains(segment.seq)) {
                                        segment.seq = before.rcv.nxt;
                                    }
                                });
}

Tcb no_challenge(Tcb tcb, const Event& event, Instant now, const Policy& policy, Actions& out) {
    tcb = advance(std::move(tcb), event, now, policy, out);
    out.remove_if([](const Action& action) {
        const auto* transmit = std::get_if<Transmit>(&action);
        return transmit != nullptr &&
               (transmit->rule == Rule::rst_challenge || transmit->rule == Rule::syn_challenge);
    });
    return tcb;
}

Tcb fin_out_of_order(Tcb tcb, const Event& event, Instant now, const Policy& policy, Actions& out) {
    return with_altered_segment(std::move(tcb), event, now, policy, out,
                                [](const Tcb& before, Segment& segment) {
                                    const SeqRange window{before.rcv.nxt, before.rcv.wnd};
                                    if (segment.seq != before.rcv.nxt && segment.has(Flag::fin) &&
                                        !segment.has(Flag::syn) && !segment.has(Flag::rst) &&
                                        window.contains(segment.seq)) {
                                        segment.payload = {};
                                        segment.seq = before.rcv.nxt;
                                    }
                                });
}

Tcb no_sequence_check(Tcb tcb, const Event& event, Instant now, const Policy& policy,
                      Actions& out) {
    return with_altered_segment(std::move(tcb), event, now, policy, out,
                                [](const Tcb& before, Segment& segment) {
                                    if (!segment.has(Flag::rst) && !segment.has(Flag::syn)) {
                                        segment.seq = before.rcv.nxt;
                                    }
                                });
}

Tcb ack_of_unsent_taken(Tcb tcb, const Event& event, Instant now, const Policy& policy,
                        Actions& out) {
    return with_altered_segment(std::move(tcb), event, now, policy, out,
                                [](const Tcb& before_it, Segment& segment) {
                                    if (before(before_it.snd.nxt, segment.ack)) {
                                        segment.ack = before_it.snd.nxt;
                                    }
                                });
}

Tcb no_time_wait(Tcb tcb, const Event& event, Instant now, const Policy& policy, Actions& out) {
    Policy deviating = policy;
    deviating.deviations.no_time_wait = true;
    return advance(std::move(tcb), event, now, deviating, out);
}

Tcb two_way_handshake(Tcb tcb, const Event& event, Instant now, const Policy& policy,
                      Actions& out) {
    Policy deviating = policy;
    deviating.deviations.two_way_handshake = true;
    return advance(std::move(tcb), event, now, deviating, out);
}

Tcb any_ack_establishes(Tcb tcb, const Event& event, Instant now, const Policy& policy,
                        Actions& out) {
    return with_altered_segment(
        std::move(tcb), event, now, policy, out, [](const Tcb& before, Segment& segment) {
            if (before.state == State::syn_received && !segment.has(Flag::rst)) {
                segment.ack = before.snd.nxt;
            }
        });
}

Tcb fin_ends_time_wait(Tcb tcb, const Event& event, Instant now, const Policy& policy,
                       Actions& out) {
    const auto* arrives = std::get_if<SegmentArrives>(&event);
    const bool ends = arrives != nullptr && tcb.state == State::time_wait &&
                      arrives->segment.flags == Flags{Flag::fin, Flag::ack};
    return advance(std::move(tcb), ends ? Event{Abort{}} : event, now, policy, out);
}

Tcb text_kept_after_close(Tcb tcb, const Event& event, Instant now, const Policy& policy,
                          Actions& out) {
    Policy milder = policy;
    milder.half_duplex_close = false;
    return advance(std::move(tcb), event, now, milder, out);
}

constexpr std::array engines{
    AlteredEngine{"reset_anywhere_in_the_window", reset_anywhere},
    AlteredEngine{"no_challenge", no_challenge},
    AlteredEngine{"fin_out_of_order", fin_out_of_order},
    AlteredEngine{"no_sequence_check", no_sequence_check},
    AlteredEngine{"ack_of_unsent_taken", ack_of_unsent_taken},
    AlteredEngine{"no_time_wait", no_time_wait},
    AlteredEngine{"two_way_handshake", two_way_handshake},
    AlteredEngine{"any_ack_establishes", any_ack_establishes},
    AlteredEngine{"fin_ends_time_wait", fin_ends_time_wait},
    AlteredEngine{"text_kept_after_close", text_kept_after_close},
};

}  // namespace

std::span<const AlteredEngine> altered_engines() { return engines; }

}  // namespace tcpcraft::test
