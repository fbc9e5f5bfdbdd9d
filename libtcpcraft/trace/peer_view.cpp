#include <libtcpcraft/trace/peer_view.hpp>

namespace tcpcraft {

void PeerView::sent(const Segment& segment) noexcept {
    if (segment.has(Flag::rst)) {
        sent_reset(segment);
        return;
    }
    if (segment.has(Flag::syn)) {
        sent_syn(segment);
    }
    const Seq end = segment.range().end();
    our_nxt_ = later(our_nxt_, end);
    if (segment.has(Flag::ack)) {
        sent_ack(segment);
    }
    if (segment.has(Flag::fin)) {
        our_fin_end_ = end;
    }
}

void PeerView::sent_syn(const Segment& segment) noexcept {
    if (our_isn_ != segment.seq) {
        our_isn_ = segment.seq;
        our_nxt_ = segment.range().end();
        our_fin_end_.reset();
        our_fin_acked_ = false;
    }
    if (!segment.has(Flag::ack)) {
        our_syn_alone_ = true;
    }
}

void PeerView::sent_ack(const Segment& segment) noexcept {
    if (!acceptable_to_peer(segment.ack)) {
        bad_ack_ = segment.ack;
        return;
    }
    syn_acked_ = true;
    const bool of_its_fin = fin_end_ && at_or_before(*fin_end_, segment.ack);
    switch (state_) {
        case State::syn_sent:
            // Our own SYN, sent before, makes it a simultaneous open (RFC 9293 §3.5, Fig. 7). A
            // SYN,ACK asks for an answer like any SYN.
            if (our_syn_alone_) {
                state_ = State::syn_received;
            } else if (!segment.has(Flag::syn)) {
                state_ = State::established;
            }
            break;
        case State::syn_received:
            state_ = State::established;
            break;
        case State::fin_wait_1:
            if (of_its_fin && segment.has(Flag::fin)) {
                fin_acked_by_fin_ = true;  // one segment, and one step of the peer's
            } else if (of_its_fin) {
                state_ = our_fin_end_ && !our_fin_acked_ ? State::closing : State::fin_wait_2;
            }
            break;
        case State::closing:
            state_ = of_its_fin ? State::time_wait : state_;
            break;
        case State::last_ack:
            state_ = of_its_fin ? State::closed : state_;
            break;
        default:
            break;
    }
}

void PeerView::sent_reset(const Segment& segment) noexcept {
    switch (state_) {
        case State::closed:
        case State::listen:
            return;
        case State::syn_sent:
            if (segment.has(Flag::ack) && acceptable_to_peer(segment.ack)) {
                forget();
                state_ = State::closed;
            }
            return;
        default:
            break;
    }
    // RFC 5961 §3: only the very number that it expects next resets it.
    if (segment.seq != our_nxt_ && last_ack_ != segment.seq) {
        return;
    }
    const bool back_to_listen = state_ == State::syn_received && !syn_alone_seen_;
    forget();
    state_ = back_to_listen ? starts_in_ : State::closed;
}

void PeerView::arrived(const Segment& segment) noexcept {
    if (segment.has(Flag::rst)) {
        arrived_reset(segment);
        return;
    }
    if (segment.has(Flag::syn)) {
        segment.has(Flag::ack) ? arrived_syn_ack(segment) : arrived_syn(segment);
    } else if (segment.has(Flag::ack)) {
        arrived_ack(segment);
    }
    nxt_ = later(nxt_, segment.range().end());
    if (segment.has(Flag::ack)) {
        last_ack_ = segment.ack;
    }
    if (segment.has(Flag::fin)) {
        arrived_fin(segment);
    }
}

void PeerView::arrived_syn(const Segment& segment) noexcept {
    learn_isn(segment.seq);
    syn_alone_seen_ = true;
    state_ = State::syn_sent;
}

void PeerView::arrived_syn_ack(const Segment& segment) noexcept {
    learn_isn(segment.seq);
    const bool repeated = syn_ack_seen_;
    syn_ack_seen_ = true;
    if (passed_opening_) {
        return;  // an old duplicate
    }
    // One that is repeated shows that our acknowledgment has not got there.
    const bool simultaneous = our_syn_alone_ && syn_alone_seen_;
    const bool established = (simultaneous && syn_acked_ && !repeated) || skips_syn_received_;
    state_ = established ? State::established : State::syn_received;
}

void PeerView::arrived_reset(const Segment& segment) noexcept {
    switch (state_) {
        case State::closed:
            return;
        case State::listen:
            // Refused; a RST without ACK answers an ACK of ours, and LISTEN sends that as well.
            if (segment.has(Flag::ack)) {
                state_ = State::closed;
            }
            return;
        default:
            break;
    }
    // It refuses that acknowledgment and stays (§3.10.7.3, §3.10.7.4): what we have sent meanwhile
    // may have got there later, and nothing has come yet that only a synchronized state sends.
    if (!passed_opening_ && bad_ack_ == segment.seq) {
        return;
    }
    state_ = State::closed;
}

void PeerView::arrived_ack(const Segment& segment) noexcept {
    if (state_ == State::listen || state_ == State::closed) {
        return;  // a challenge ACK of a connection that we know nothing of
    }
    passed_opening_ = true;
    if (state_ == State::syn_received || state_ == State::syn_sent) {
        state_ = State::established;
    }
    if (!acknowledges_our_fin(segment)) {
        return;
    }
    our_fin_acked_ = true;
    switch (state_) {
        case State::established:
            state_ = State::close_wait;
            break;
        case State::fin_wait_1:
            state_ = fin_acked_by_fin_ ? State::time_wait : State::closing;
            break;
        case State::fin_wait_2:
        case State::closing:
            state_ = State::time_wait;
            break;
        default:
            break;
    }
}

void PeerView::arrived_fin(const Segment& segment) noexcept {
    if (!isn_ || segment.has(Flag::syn)) {
        return;
    }
    const bool repeated = fin_end_ == segment.range().end();
    fin_end_ = segment.range().end();
    fin_acked_by_fin_ = false;
    switch (state_) {
        case State::established:
            state_ = State::fin_wait_1;
            break;
        case State::close_wait:
            state_ = State::last_ack;
            break;
        // A FIN that comes again shows that our acknowledgment of it has not got there.
        case State::closed:
            state_ = repeated ? State::last_ack : state_;
            break;
        case State::fin_wait_2:
            state_ = State::fin_wait_1;
            break;
        case State::time_wait:
            state_ = State::closing;
            break;
        default:
            break;
    }
}

void PeerView::learn_isn(Seq isn) noexcept {
    if (isn_ == isn) {
        return;
    }
    const State kept = state_;
    forget();
    state_ = kept;
    isn_ = isn;
    nxt_ = isn + 1;
}

/// What belonged to the connection that has just ended; our own numbers stay.
void PeerView::forget() noexcept {
    fin_end_.reset();
    fin_acked_by_fin_ = false;
    bad_ack_.reset();
    last_ack_.reset();
    syn_alone_seen_ = false;
    syn_ack_seen_ = false;
    syn_acked_ = false;
    passed_opening_ = false;
}

/// SND.UNA =< SEG.ACK =< SND.NXT, with its ISN as the lower bound.
bool PeerView::acceptable_to_peer(Seq ack) const noexcept {
    return isn_ && before(*isn_, ack) && at_or_before(ack, nxt_);
}

bool PeerView::acknowledges_our_fin(const Segment& segment) const noexcept {
    return our_fin_end_ && at_or_before(*our_fin_end_, segment.ack);
}

}  // namespace tcpcraft
