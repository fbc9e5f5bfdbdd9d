#include <algorithm>

#include <tests/kernel/differences/quirks.hpp>

#include <libtcpcraft/engine/rfc9293/steps.hpp>

namespace tcpcraft::test::quirks {
namespace {

bool past_the_handshake(const Tcb& tcb) noexcept {
    return synchronized(tcb.state) && tcb.state != State::time_wait;
}

/// Not what Linux holds as a request or as a small record.
bool is_socket(const Tcb& tcb) noexcept {
    return past_the_handshake(tcb) || (tcb.state == State::syn_received && !tcb.opened_passively);
}

bool after_the_peers_fin(State state) noexcept {
    return state == State::close_wait || state == State::closing || state == State::last_ack;
}

bool has_text(const Segment& segment) noexcept {
    return !segment.payload.empty() || segment.has(Flag::fin);
}

bool nothing_sent(const Moment& at) {
    return std::none_of(at.out.begin(), at.out.end(), [](const Action& action) {
        return std::holds_alternative<Transmit>(action);
    });
}

// What was left out of a segment is answered by an ACK, as if it had been thrown away later.
Tcb and_acknowledge(Tcb tcb, const Moment& at) {
    if (tcb.state != State::closed && tcb.state != State::listen && nothing_sent(at)) {
        return only_ack(std::move(tcb), at);
    }
    return tcb;
}

}  // namespace

Tcb with(const Step& engine, Tcb tcb, const Moment& at, const Segment& segment) {
    SegmentArrives event = std::get<SegmentArrives>(at.event);
    event.segment = segment;
    return engine(std::move(tcb), event, at.now, at.policy, at.out);
}

Tcb as_it_is(const Step& engine, Tcb tcb, const Moment& at) {
    return engine(std::move(tcb), at.event, at.now, at.policy, at.out);
}

Tcb only_ack(Tcb tcb, const Moment& at) {
    rfc9293::Step step{tcb, at.now, at.policy, at.out};
    rfc9293::send_ack(step, Rule::none);
    return tcb;
}

void answer_with_reset(Tcb& tcb, const Moment& at) {
    rfc9293::Step step{tcb, at.now, at.policy, at.out};
    rfc9293::reset_in_answer(step, *at.segment(), Rule::none);
    std::get<Transmit>(at.out.all().back()).segment.options.clear();
}

Tcb reset_and_close(Tcb tcb, const Moment& at) {
    answer_with_reset(tcb, at);
    rfc9293::Step step{tcb, at.now, at.policy, at.out};
    rfc9293::enter_closed(step, Rule::none);
    return tcb;
}

Segment bare(Segment segment) {
    segment.payload = {};
    segment.flags = segment.flags.without(Flag::fin);
    return segment;
}

Tcb right_edge(const Step& engine, Tcb tcb, const Moment& at) {
    const Segment* segment = at.segment();
    const bool there = segment != nullptr && tcb.state >= State::syn_received &&
                       tcb.state != State::time_wait && tcb.rcv.wnd > 0 &&
                       segment->seq == tcb.rcv.nxt + tcb.rcv.wnd;
    if (!there) {
        return as_it_is(engine, std::move(tcb), at);
    }
    tcb.rcv.wnd += 1;
    tcb = with(engine, std::move(tcb), at, bare(*segment));
    if (tcb.rcv.wnd > 0 && tcb.state >= State::syn_received) {
        tcb.rcv.wnd -= 1;
    }
    const bool takes_text = tcb.state == State::established || tcb.state == State::fin_wait_1 ||
                            tcb.state == State::fin_wait_2;
    return has_text(*segment) && takes_text ? and_acknowledge(std::move(tcb), at) : tcb;
}

Tcb left_edge(const Step& engine, Tcb tcb, const Moment& at) {
    const Segment* segment = at.segment();
    const bool repeats_syn = tcb.state == State::syn_received && segment != nullptr &&
                             segment->has(Flag::syn) && !segment->has(Flag::rst);
    const bool there = segment != nullptr && is_socket(tcb) && !repeats_syn && segment->len() > 0 &&
                       segment->range().end() == tcb.rcv.nxt;
    if (!there) {
        return as_it_is(engine, std::move(tcb), at);
    }
    Segment rest = bare(*segment);
    const bool reset = segment->has(Flag::rst);
    rest.seq = tcb.rcv.nxt + (reset ? 1U : 0U);
    const SendSpace had = tcb.snd;
    const bool older = before(segment->seq, had.wl1) && segment->ack == had.una;
    if (older) {  // for the window its own number counts
        rest.wnd = static_cast<std::uint16_t>(had.wnd >> tcb.snd_shift);
    }
    tcb = with(engine, std::move(tcb), at, rest);
    const bool counts = segment->has(Flag::ack) && !segment->has(Flag::syn) && !reset &&
                        at_or_before(had.una, segment->ack) && at_or_before(segment->ack, had.nxt);
    if (counts && synchronized(tcb.state) && tcb.snd.wl1 == rest.seq) {
        tcb.snd.wl1 = older ? had.wl1 : segment->seq;
    }
    return has_text(*segment) && segment->has(Flag::ack) && !reset
               ? and_acknowledge(std::move(tcb), at)
               : tcb;
}

Tcb no_ack_no_answer(const Step& engine, Tcb tcb, const Moment& at) {
    const Segment* segment = at.segment();
    const bool request = tcb.state == State::syn_received && tcb.opened_passively;
    const bool there = segment != nullptr && tcb.state >= State::syn_received && !request &&
                       tcb.state != State::time_wait && !segment->has(Flag::ack) &&
                       !segment->has(Flag::rst) && !segment->has(Flag::syn);
    return there ? tcb : as_it_is(engine, std::move(tcb), at);
}

Tcb timestamp_missing(const Step& engine, Tcb tcb, const Moment& at) {
    const Segment* segment = at.segment();
    if (segment == nullptr || !tcb.timestamps || segment->options.find<Timestamps>()) {
        return as_it_is(engine, std::move(tcb), at);
    }
    Segment stamped = *segment;
    stamped.options.clear();
    stamped.options.append(Timestamps{tcb.ts.recent, 0});
    return with(engine, std::move(tcb), at, stamped);
}

// RFC 5961 §5.2 takes MAX.SND.WND octets below SND.UNA; Linux no more than were ever acknowledged.
Tcb ack_of_nothing_sent(const Step& engine, Tcb tcb, const Moment& at) {
    const Segment* segment = at.segment();
    const bool there = segment != nullptr && past_the_handshake(tcb) && segment->has(Flag::ack) &&
                       before(segment->ack, tcb.snd.iss + (tcb.opened_passively ? 1U : 0U));
    if (!there) {
        return as_it_is(engine, std::move(tcb), at);
    }
    Segment older = *segment;
    older.ack = tcb.snd.una - tcb.snd.max_wnd - 1;
    return with(engine, std::move(tcb), at, older);
}

Tcb reset_left_of_fin(const Step& engine, Tcb tcb, const Moment& at) {
    const Segment* segment = at.segment();
    const bool there = segment != nullptr && after_the_peers_fin(tcb.state) &&
                       segment->has(Flag::rst) && segment->seq == tcb.rcv.nxt - 1;
    if (!there) {
        return as_it_is(engine, std::move(tcb), at);
    }
    Segment exact = bare(*segment);
    exact.seq = tcb.rcv.nxt;
    return with(engine, std::move(tcb), at, exact);
}

// RFC 5961 §3.2 knows only RCV.NXT; what arrived behind a gap has been acknowledged by SACK.
Tcb reset_behind_the_gap(const Step& engine, Tcb tcb, const Moment& at) {
    const Segment* segment = at.segment();
    const Buffers* held = tcb.buffers.peek();
    if (segment == nullptr || !segment->has(Flag::rst) || !tcb.sack_permitted || held == nullptr) {
        return as_it_is(engine, std::move(tcb), at);
    }
    Seq highest = tcb.rcv.nxt;
    if (!held->out_of_order.empty()) {
        const Buffers::Piece& last = held->out_of_order.back();
        highest = last.seq + static_cast<std::uint32_t>(last.data.size());
    }
    if (held->fin) {
        highest = later(highest, *held->fin + 1);
    }
    if (segment->seq != highest) {
        return as_it_is(engine, std::move(tcb), at);
    }
    Segment exact = bare(*segment);
    exact.seq = tcb.rcv.nxt;
    return with(engine, std::move(tcb), at, exact);
}

Tcb text_past_the_fin(const Step& engine, Tcb tcb, const Moment& at) {
    const Segment* segment = at.segment();
    const bool there =
        segment != nullptr && after_the_peers_fin(tcb.state) && segment->has(Flag::ack) &&
        !segment->has(Flag::rst) && !segment->has(Flag::syn) && before(segment->seq, tcb.rcv.nxt) &&
        before(tcb.rcv.nxt, segment->seq + static_cast<std::uint32_t>(segment->payload.size()));
    if (!there) {
        return as_it_is(engine, std::move(tcb), at);
    }
    const SendSpace& snd = tcb.snd;
    if (before(snd.nxt, segment->ack) || before(segment->ack, snd.una - snd.max_wnd)) {
        return as_it_is(engine, std::move(tcb), at);  // its ACK is refused first
    }
    Segment rest = bare(*segment);
    rest.seq = tcb.rcv.nxt;
    tcb = with(engine, std::move(tcb), at, rest);
    if (tcb.state == State::closed) {
        return tcb;
    }
    at.out.clear();
    return reset_and_close(std::move(tcb), at);
}

// RFC 7323 §5.3 R1 answers; Linux takes an old bare ACK left of the window for common.
Tcb old_ack_silence(const Step& engine, Tcb tcb, const Moment& at) {
    const Segment* segment = at.segment();
    const auto stamp =
        segment != nullptr ? segment->options.find<Timestamps>() : std::optional<Timestamps>{};
    const bool there = stamp && is_socket(tcb) && tcb.timestamps && segment->has(Flag::ack) &&
                       !segment->has(Flag::rst) && segment->len() == 0 &&
                       rfc9293::older(stamp->val, tcb.ts.recent) &&
                       before(segment->seq, tcb.rcv.nxt);
    return there ? tcb : as_it_is(engine, std::move(tcb), at);
}

// RFC 9293 asks for a newer number as well.
Tcb window_of_a_new_ack(const Step& engine, Tcb tcb, const Moment& at) {
    const Segment* segment = at.segment();
    const bool there = segment != nullptr && synchronized(tcb.state) && segment->has(Flag::ack) &&
                       before(tcb.snd.una, segment->ack) &&
                       at_or_before(segment->ack, tcb.snd.nxt) && before(segment->seq, tcb.snd.wl1);
    if (there) {
        tcb.snd.wl1 = segment->seq - 1;
    }
    return as_it_is(engine, std::move(tcb), at);
}

// RFC 9293 lets the same numbers say less; Linux waits for newer ones, but for zero.
Tcb smaller_window_ignored(const Step& engine, Tcb tcb, const Moment& at) {
    const Segment* segment = at.segment();
    const SendSpace& snd = tcb.snd;
    const bool there = segment != nullptr && synchronized(tcb.state) && segment->has(Flag::ack) &&
                       segment->seq == snd.wl1 && segment->ack == snd.una && segment->wnd != 0 &&
                       (std::uint32_t{segment->wnd} << tcb.snd_shift) < snd.wnd;
    if (!there) {
        return as_it_is(engine, std::move(tcb), at);
    }
    Segment same = *segment;
    same.wnd = static_cast<std::uint16_t>(snd.wnd >> tcb.snd_shift);
    return with(engine, std::move(tcb), at, same);
}

// What is just what was expected next goes a shorter way, on which an old ACK stops nothing.
Tcb expected_text(const Step& engine, Tcb tcb, const Moment& at) {
    const Segment* segment = at.segment();
    const bool there = segment != nullptr && tcb.state == State::established &&
                       !segment->payload.empty() &&
                       Flags{segment->flags}.without(Flag::psh) == Flags{Flag::ack} &&
                       segment->seq == tcb.rcv.nxt && before(segment->ack, tcb.snd.una) &&
                       (std::uint32_t{segment->wnd} << tcb.snd_shift) == tcb.snd.wnd;
    if (!there) {
        return as_it_is(engine, std::move(tcb), at);
    }
    Segment current = *segment;
    current.ack = tcb.snd.una;
    return with(engine, std::move(tcb), at, current);
}

Tcb ack_rides_on_data(const Step& engine, Tcb tcb, const Moment& at) {
    tcb = as_it_is(engine, std::move(tcb), at);
    const auto sent = [](const Action& action) {
        const auto* transmit = std::get_if<Transmit>(&action);
        return transmit != nullptr && transmit->segment.flags.has(Flag::ack) &&
               transmit->segment.len() > 0;
    };
    if (std::any_of(at.out.begin(), at.out.end(), sent)) {
        at.out.remove_if([](const Action& action) {
            const auto* transmit = std::get_if<Transmit>(&action);
            return transmit != nullptr && transmit->segment.flags == Flags{Flag::ack} &&
                   transmit->segment.len() == 0;
        });
    }
    return tcb;
}

}  // namespace tcpcraft::test::quirks
