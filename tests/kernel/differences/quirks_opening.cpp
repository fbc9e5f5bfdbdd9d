#include <tests/kernel/differences/quirks.hpp>

#include <libtcpcraft/engine/rfc9293/steps.hpp>

namespace tcpcraft::test::quirks {
namespace {

/// What Linux holds as a request, not yet as a connection.
bool is_request(const Tcb& tcb) noexcept {
    return tcb.state == State::syn_received && tcb.opened_passively;
}

}  // namespace

Tcb syn_fin_to_listen(const Step& engine, Tcb tcb, const Moment& at) {
    const Segment* segment = at.segment();
    const bool syn_fin = segment != nullptr && segment->has(Flag::syn) && segment->has(Flag::fin) &&
                         !segment->has(Flag::ack) && !segment->has(Flag::rst);
    if (syn_fin && tcb.state == State::listen) {
        return tcb;
    }
    const bool in_time_wait = tcb.state == State::time_wait;
    tcb = as_it_is(engine, std::move(tcb), at);
    if (syn_fin && in_time_wait && tcb.state == State::syn_received) {
        at.out.clear();  // TIME-WAIT has been given up for it all the same
        rfc9293::Step step{tcb, at.now, at.policy, at.out};
        rfc9293::enter_listen(step, Rule::none);
    }
    return tcb;
}

Tcb text_of_syn_dropped(const Step& engine, Tcb tcb, const Moment& at) {
    const Segment* segment = at.segment();
    const bool there = segment != nullptr && segment->has(Flag::syn) &&
                       (tcb.state == State::syn_sent || tcb.state == State::listen ||
                        tcb.state == State::time_wait);
    if (!there) {
        return as_it_is(engine, std::move(tcb), at);
    }
    return with(engine, std::move(tcb), at, bare(*segment));
}

Tcb syn_ack_repeats_options(const Step& engine, Tcb tcb, const Moment& at) {
    tcb = as_it_is(engine, std::move(tcb), at);
    if (tcb.state != State::syn_received || tcb.opened_passively) {
        return tcb;
    }
    for (Action& action : at.out.all()) {
        auto* transmit = std::get_if<Transmit>(&action);
        if (transmit != nullptr && transmit->segment.has(Flag::syn)) {
            transmit->segment.options = at.policy.syn_options;
        }
    }
    return tcb;
}

Tcb ack_before_sequence(const Step& engine, Tcb tcb, const Moment& at) {
    const Segment* segment = at.segment();
    const bool there = segment != nullptr && is_request(tcb) && segment->has(Flag::ack) &&
                       segment->ack != tcb.snd.iss + 1;
    Tcb ours = as_it_is(engine, tcb, at);
    if (!there || synchronized(ours.state)) {  // such an ACK establishes nothing
        return ours;
    }
    at.out.clear();
    if (!segment->has(Flag::rst)) {
        answer_with_reset(tcb, at);
    }
    return tcb;
}

Tcb in_window_syn_reset(const Step& engine, Tcb tcb, const Moment& at) {
    const Segment* segment = at.segment();
    const bool request = is_request(tcb);
    tcb = as_it_is(engine, std::move(tcb), at);
    const bool dropped = request && tcb.state == State::listen && segment != nullptr &&
                         segment->has(Flag::syn) && !segment->has(Flag::rst);
    if (dropped) {
        answer_with_reset(tcb, at);
    }
    return tcb;
}

Tcb syn_ack_not_taken(const Step& engine, Tcb tcb, const Moment& at) {
    const Segment* segment = at.segment();
    const bool there = segment != nullptr && is_request(tcb) && segment->has(Flag::syn) &&
                       segment->has(Flag::ack) && !segment->has(Flag::rst) &&
                       segment->seq == tcb.rcv.irs && segment->ack == tcb.snd.nxt;
    if (!there) {
        return as_it_is(engine, std::move(tcb), at);
    }
    tcb.opened_passively = false;  // no request any more, a socket that is not in the listener's
    return only_ack(std::move(tcb), at);
}

Tcb completing_syn_ack_acknowledged(const Step& engine, Tcb tcb, const Moment& at) {
    const Segment* segment = at.segment();
    const bool there = segment != nullptr && tcb.state == State::syn_received &&
                       !tcb.opened_passively && segment->has(Flag::syn) &&
                       segment->has(Flag::ack) && segment->seq == tcb.rcv.irs &&
                       segment->len() == 1;
    tcb = as_it_is(engine, std::move(tcb), at);
    if (!there || tcb.state != State::established) {
        return tcb;
    }
    tcb.snd.wnd = std::uint32_t{segment->wnd} << tcb.snd_shift;  // though it is on a SYN
    tcb.snd.max_wnd = tcb.snd.wnd;
    return only_ack(std::move(tcb), at);
}

Tcb reset_under_paws(const Step& engine, Tcb tcb, const Moment& at) {
    const Segment* segment = at.segment();
    const auto stamp =
        segment != nullptr ? segment->options.find<Timestamps>() : std::optional<Timestamps>{};
    const bool there = stamp && is_request(tcb) && tcb.timestamps && segment->has(Flag::rst) &&
                       rfc9293::older(stamp->val, tcb.ts.recent);
    return there ? tcb : as_it_is(engine, std::move(tcb), at);
}

Tcb repeated_syn_challenged(const Step& engine, Tcb tcb, const Moment& at) {
    const Segment* segment = at.segment();
    const bool there = segment != nullptr && tcb.state == State::syn_received &&
                       !tcb.opened_passively && segment->has(Flag::syn) &&
                       !segment->has(Flag::rst) && segment->seq == tcb.rcv.irs;
    const bool completes =
        there && segment->has(Flag::ack) && segment->ack == tcb.snd.nxt && segment->len() == 1;
    return there && !completes ? only_ack(std::move(tcb), at)
                               : as_it_is(engine, std::move(tcb), at);
}

Tcb ack_of_iss_establishes(const Step& engine, Tcb tcb, const Moment& at) {
    const Segment* segment = at.segment();
    const bool there = segment != nullptr && tcb.state == State::syn_received &&
                       !tcb.opened_passively && segment->has(Flag::ack) &&
                       segment->ack == tcb.snd.una;
    if (!there) {
        return as_it_is(engine, std::move(tcb), at);
    }
    Segment better = *segment;
    better.ack = tcb.snd.nxt;
    return with(engine, std::move(tcb), at, better);
}

}  // namespace tcpcraft::test::quirks
