#include <algorithm>
#include <utility>

#include <tests/model/defects.hpp>

namespace tcpcraft::model {
namespace {

const Segment* arriving(const Event& event) {
    const auto* arrival = std::get_if<SegmentArrives>(&event);
    return arrival != nullptr ? &arrival->segment : nullptr;
}

bool in_window_ahead(const Tcb& tcb, Seq seq) {
    return before(tcb.rcv.nxt, seq) && SeqRange{tcb.rcv.nxt, tcb.rcv.wnd}.contains(seq);
}

void remove_transmits(Actions& out, Rule rule) {
    out.remove_if([rule](const Action& action) {
        const auto* transmit = std::get_if<Transmit>(&action);
        return transmit != nullptr && (rule == Rule::none || transmit->rule == rule);
    });
}

/// Alters the TCB before the honest step.
template <typename Alter>
StepFunction alters_before(Alter alter) {
    return [alter](Tcb tcb, const Event& event, Instant now, const Policy& policy, Actions& out) {
        if (const Segment* segment = arriving(event)) {
            alter(tcb, *segment);
        }
        return advance(std::move(tcb), event, now, policy, out);
    };
}

/// Alters the segment before the honest step.
template <typename Alter>
StepFunction alters_segment(Alter alter) {
    return [alter](Tcb tcb, const Event& event, Instant now, const Policy& policy, Actions& out) {
        Event altered = event;
        if (auto* arrival = std::get_if<SegmentArrives>(&altered)) {
            alter(std::as_const(tcb), arrival->segment);
        }
        return advance(std::move(tcb), altered, now, policy, out);
    };
}

}  // namespace

StepFunction compares_plain_numbers() {
    return alters_segment([](const Tcb& tcb, Segment& segment) {
        if (synchronized(tcb.state) && segment.ack.raw() <= tcb.snd.una.raw()) {
            segment.ack = tcb.snd.una;
        }
    });
}

StepFunction takes_fin_out_of_order() {
    return alters_before([](Tcb& tcb, const Segment& segment) {
        if (synchronized(tcb.state) && segment.has(Flag::fin) &&
            in_window_ahead(tcb, segment.seq)) {
            tcb.rcv.nxt = segment.seq;
        }
    });
}

StepFunction takes_text_twice() {
    return alters_before([](Tcb& tcb, const Segment& segment) {
        if (tcb.state == State::established && !segment.payload.empty() &&
            before(segment.seq, tcb.rcv.nxt)) {
            tcb.rcv.nxt = segment.seq;
        }
    });
}

StepFunction takes_text_out_of_order() {
    return alters_before([](Tcb& tcb, const Segment& segment) {
        if (tcb.state == State::established && !segment.payload.empty() &&
            in_window_ahead(tcb, segment.seq)) {
            tcb.rcv.nxt = segment.seq;
        }
    });
}

StepFunction answers_reset_with_reset() {
    return alters_segment([](const Tcb& tcb, Segment& segment) {
        if (tcb.state == State::closed) {
            segment.flags = segment.flags.without(Flag::rst);
        }
    });
}

StepFunction ignores_the_window() {
    return [](Tcb tcb, const Event& event, Instant now, const Policy& policy, Actions& out) {
        tcb.snd.wnd = synchronized(tcb.state) ? 65535 : tcb.snd.wnd;
        return advance(std::move(tcb), event, now, policy, out);
    };
}

StepFunction believes_every_ack() {
    return [](Tcb tcb, const Event& event, Instant now, const Policy& policy, Actions& out) {
        tcb = advance(std::move(tcb), event, now, policy, out);
        const Segment* segment = arriving(event);
        if (segment != nullptr && segment->has(Flag::ack) && synchronized(tcb.state)) {
            tcb.snd.una = later(tcb.snd.una, segment->ack);
        }
        return tcb;
    };
}

StepFunction takes_any_syn_ack() {
    return alters_segment([](const Tcb& tcb, Segment& segment) {
        if (tcb.state == State::syn_sent && segment.has(Flag::syn)) {
            segment.ack = tcb.snd.nxt;
        }
    });
}

StepFunction never_retransmits() {
    return [](Tcb tcb, const Event& event, Instant now, const Policy& policy, Actions& out) {
        tcb = advance(std::move(tcb), event, now, policy, out);
        remove_transmits(out, Rule::retransmission);
        return tcb;
    };
}

StepFunction silent_in_time_wait() {
    return [](Tcb tcb, const Event& event, Instant now, const Policy& policy, Actions& out) {
        const bool silent = tcb.state == State::time_wait;
        tcb = advance(std::move(tcb), event, now, policy, out);
        if (silent) {
            remove_transmits(out, Rule::none);
        }
        return tcb;
    };
}

StepFunction drops_what_is_unacceptable() {
    return [](Tcb tcb, const Event& event, Instant now, const Policy& policy, Actions& out) {
        tcb = advance(std::move(tcb), event, now, policy, out);
        remove_transmits(out, Rule::sequence_unacceptable);
        return tcb;
    };
}

}  // namespace tcpcraft::model
