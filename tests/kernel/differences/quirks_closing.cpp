#include <algorithm>

#include <tests/kernel/differences/quirks.hpp>

#include <libtcpcraft/engine/rfc9293/steps.hpp>

namespace tcpcraft::test::quirks {
namespace {

/// TIME-WAIT and, after close(), FIN-WAIT-2 are held by Linux in a small record.
bool is_small_fin_wait_2(const Tcb& tcb, const Policy& policy) noexcept {
    return tcb.state == State::fin_wait_2 && policy.half_duplex_close;
}

bool in_window(const Tcb& tcb, const Segment& segment) noexcept {
    const Seq edge = tcb.rcv.nxt + tcb.rcv.wnd;
    const Seq end = segment.range().end();
    return segment.seq == tcb.rcv.nxt || (before(tcb.rcv.nxt, end) && before(segment.seq, edge)) ||
           (segment.seq == edge && end == edge);
}

bool is_old(const Tcb& tcb, const Segment& segment) noexcept {
    const auto stamp = segment.options.find<Timestamps>();
    return tcb.timestamps && stamp && rfc9293::older(stamp->val, tcb.ts.recent);
}

bool bare_at_rcv_nxt(const Tcb& tcb, const Segment& segment) noexcept {
    return segment.seq == tcb.rcv.nxt && segment.len() == 0 && !is_old(tcb, segment);
}

}  // namespace

Tcb reset_without_timestamps(const Step& engine, Tcb tcb, const Moment& at) {
    tcb = as_it_is(engine, std::move(tcb), at);
    for (Action& action : at.out.all()) {
        auto* transmit = std::get_if<Transmit>(&action);
        if (transmit == nullptr || !transmit->segment.has(Flag::rst)) {
            continue;
        }
        transmit->segment.options.clear();
        if (transmit->rule == Rule::data_after_close) {
            transmit->segment.seq = at.segment()->ack;
        }
    }
    return tcb;
}

// Where close() has left nobody to read, whatever ends behind RCV.NXT is data that is lost.
Tcb gap_after_close(const Step& engine, Tcb tcb, const Moment& at) {
    const Segment* segment = at.segment();
    const bool there = segment != nullptr && at.policy.half_duplex_close &&
                       tcb.state == State::fin_wait_1 && segment->has(Flag::ack) &&
                       !segment->has(Flag::rst) && !segment->has(Flag::syn) &&
                       segment->payload.empty() && before(tcb.rcv.nxt, segment->seq);
    if (!there) {
        return as_it_is(engine, std::move(tcb), at);
    }
    tcb = with(engine, std::move(tcb), at, bare(*segment));
    const bool refused = std::any_of(at.out.begin(), at.out.end(), [](const Action& action) {
        const auto* transmit = std::get_if<Transmit>(&action);
        return transmit != nullptr && transmit->segment.len() == 0;
    });
    if (refused || tcb.state == State::closed) {
        return tcb;
    }
    at.out.clear();
    return reset_and_close(std::move(tcb), at);
}

// The peer's FIN lies unread after close(), so that Linux takes nothing across the right edge.
Tcb across_the_right_edge(const Step& engine, Tcb tcb, const Moment& at) {
    const Segment* segment = at.segment();
    const bool there = segment != nullptr && at.policy.half_duplex_close && tcb.close_called &&
                       (tcb.state == State::closing || tcb.state == State::last_ack) &&
                       before(tcb.rcv.nxt + tcb.rcv.wnd, segment->range().end());
    if (!there) {
        return as_it_is(engine, std::move(tcb), at);
    }
    return segment->has(Flag::rst) ? tcb : only_ack(std::move(tcb), at);
}

Tcb last_ack_at_once(const Step& engine, Tcb tcb, const Moment& at) {
    tcb = as_it_is(engine, std::move(tcb), at);
    if (tcb.state == State::close_wait && tcb.close_called) {
        tcb.state = State::last_ack;
    }
    return tcb;
}

Tcb time_wait_ack(const Step& engine, Tcb tcb, const Moment& at) {
    const Segment* segment = at.segment();
    const bool there = segment != nullptr && tcb.state == State::time_wait &&
                       !segment->has(Flag::rst) && !bare_at_rcv_nxt(tcb, *segment) &&
                       (!segment->has(Flag::syn) || segment->has(Flag::ack));
    Tcb ours = as_it_is(engine, tcb, at);
    if (!there || ours.state != State::time_wait) {  // nothing of that kind ends it
        return ours;
    }
    at.out.clear();
    return only_ack(std::move(tcb), at);
}

Tcb time_wait_silence(const Step& engine, Tcb tcb, const Moment& at) {
    const Segment* segment = at.segment();
    if (segment == nullptr || tcb.state != State::time_wait) {
        return as_it_is(engine, std::move(tcb), at);
    }
    const bool bare_segment = bare_at_rcv_nxt(tcb, *segment) && !segment->has(Flag::rst);
    const bool inexact_reset =
        segment->has(Flag::rst) && (segment->seq != tcb.rcv.nxt || is_old(tcb, *segment));
    return bare_segment || inexact_reset ? tcb : as_it_is(engine, std::move(tcb), at);
}

Tcb time_wait_syn_refused(const Step& engine, Tcb tcb, const Moment& at) {
    const Segment* segment = at.segment();
    const bool syn = segment != nullptr && tcb.state == State::time_wait &&
                     segment->has(Flag::syn) && !segment->has(Flag::ack) &&
                     !segment->has(Flag::rst);
    if (!syn) {
        return as_it_is(engine, std::move(tcb), at);
    }
    const auto stamp = segment->options.find<Timestamps>();
    const bool newer = before(tcb.rcv.nxt, segment->seq) ||
                       (tcb.timestamps && stamp && rfc9293::older(tcb.ts.recent, stamp->val));
    const bool accepted = newer && !is_old(tcb, *segment) && at.policy.rfc6191;
    return accepted ? as_it_is(engine, std::move(tcb), at) : only_ack(std::move(tcb), at);
}

Tcb fin_wait_2_reset(const Step& engine, Tcb tcb, const Moment& at) {
    const Segment* segment = at.segment();
    const bool there = segment != nullptr && is_small_fin_wait_2(tcb, at.policy) &&
                       segment->has(Flag::rst) && in_window(tcb, *segment) &&
                       !is_old(tcb, *segment);
    if (!there) {
        return as_it_is(engine, std::move(tcb), at);
    }
    rfc9293::Step step{tcb, at.now, at.policy, at.out};
    rfc9293::enter_closed(step, Rule::none);
    return tcb;
}

Tcb fin_wait_2_ack(const Step& engine, Tcb tcb, const Moment& at) {
    const Segment* segment = at.segment();
    const bool there = segment != nullptr && is_small_fin_wait_2(tcb, at.policy) &&
                       (is_old(tcb, *segment) || !in_window(tcb, *segment));
    Tcb ours = as_it_is(engine, tcb, at);
    const bool stays = ours.state == State::fin_wait_2;
    if (!there || !(stays || segment->has(Flag::rst))) {  // ours ignores the timestamp of a RST
        return ours;
    }
    at.out.clear();
    return only_ack(std::move(tcb), at);
}

Tcb fin_wait_2_silence(const Step& engine, Tcb tcb, const Moment& at) {
    const Segment* segment = at.segment();
    const bool there = segment != nullptr && is_small_fin_wait_2(tcb, at.policy) &&
                       !is_old(tcb, *segment) && in_window(tcb, *segment) &&
                       !segment->has(Flag::rst) &&
                       (!segment->has(Flag::syn) || before(segment->seq, tcb.rcv.nxt));
    if (!there) {
        return as_it_is(engine, std::move(tcb), at);
    }
    const Seq end = segment->range().end();
    if (!segment->has(Flag::ack) || !before(tcb.rcv.nxt, end) || segment->len() == 0) {
        return tcb;
    }
    if (!segment->has(Flag::fin) || end != tcb.rcv.nxt + 1) {
        return reset_and_close(std::move(tcb), at);
    }
    Segment fin = *segment;  // whatever it acknowledges
    fin.ack = tcb.snd.nxt;
    fin.seq = tcb.rcv.nxt;
    fin.payload = {};
    fin.flags = {Flag::fin, Flag::ack};
    return with(engine, std::move(tcb), at, fin);
}

Tcb fin_wait_2_syn(const Step& engine, Tcb tcb, const Moment& at) {
    const Segment* segment = at.segment();
    const bool there = segment != nullptr && is_small_fin_wait_2(tcb, at.policy) &&
                       !is_old(tcb, *segment) && in_window(tcb, *segment) &&
                       !segment->has(Flag::rst) && segment->has(Flag::syn) &&
                       !before(segment->seq, tcb.rcv.nxt);
    return there ? reset_and_close(std::move(tcb), at) : as_it_is(engine, std::move(tcb), at);
}

}  // namespace tcpcraft::test::quirks
