#include <tests/kernel/differences/peer.hpp>

namespace tcpcraft::test {

Setup draw_setup(Chance& chance) {
    Setup setup;
    setup.family = chance.percent(50) ? Family::v4 : Family::v6;
    setup.active = chance.percent(40);
    setup.keeps_listening = chance.percent(50);
    setup.half_duplex = chance.percent(40);
    setup.stamps = chance.percent(40);
    setup.scale = chance.percent(60);
    setup.sack = chance.percent(60);
    setup.segments = 5 + chance.below(26);
    return setup;
}

Peer::Peer(const Setup& setup, const ConnectionId& kernels, Chance& chance)
    : setup_{setup}, id_{kernels}, chance_{chance}, clock_{chance.number()} {
    // every fourth connection crosses the end of the numbers
    isn_ = chance.percent(25) ? Seq{0U - 1U - chance.below(2000)} : Seq{chance.number()};
    rcv_nxt_ = isn_ + 1;
    nxt_ = Seq{chance.number()};
    una_ = nxt_;
}

void Peer::look(const Tcb& tcb) noexcept {
    if (tcb.state == State::closed || tcb.state == State::listen) {
        return;
    }
    una_ = tcb.snd.una;
    nxt_ = tcb.snd.nxt;
    max_wnd_ = tcb.snd.max_wnd;
    if (tcb.state != State::syn_sent) {
        rcv_nxt_ = tcb.rcv.nxt;
        rcv_wnd_ = tcb.rcv.wnd;
    }
}

Segment Peer::next(const Tcb& tcb) {
    look(tcb);
    Segment segment =
        chance_.percent(tcb.state == State::closed ? 10 : 58) ? progress(tcb) : wild(tcb);
    segment.source = id_.remote.port;
    segment.destination = id_.local.port;
    stamp(segment);
    return segment;
}

// What an honest host would say now.
Segment Peer::progress(const Tcb& tcb) {
    switch (tcb.state) {
        case State::closed:
        case State::listen:
            isn_ = Seq{chance_.number()};
            return syn(isn_, {Flag::syn});
        case State::syn_sent:
            if (chance_.percent(20)) {
                return syn(isn_, {Flag::syn});
            }
            return syn(isn_, {Flag::syn, Flag::ack});
        case State::established:
        case State::fin_wait_1:
        case State::fin_wait_2:
            return data_or_fin();
        case State::syn_received:
            if (chance_.percent(10)) {
                return syn(isn_,
                           chance_.percent(50) ? Flags{Flag::syn} : Flags{Flag::syn, Flag::ack});
            }
            return plain({Flag::ack}, 0);
        case State::time_wait:
            if (chance_.percent(30)) {
                isn_ = rcv_nxt_ + chance_.below(100'000);
                return syn(isn_, {Flag::syn});
            }
            rcv_nxt_ = rcv_nxt_ - 1;
            return plain({Flag::fin, Flag::ack}, 0);
        default:
            return plain({Flag::ack}, 0);
    }
}

Segment Peer::data_or_fin() {
    if (chance_.percent(20)) {
        return plain({Flag::fin, Flag::ack}, chance_.percent(30) ? 1 + chance_.below(400) : 0);
    }
    if (chance_.percent(50)) {
        return plain({Flag::ack, Flag::psh}, 1 + chance_.below(1400));
    }
    if (chance_.percent(6)) {
        Segment old = plain({Flag::ack}, 1 + chance_.below(400));
        old.ack = una_ - 1'000'000'000;
        return old;
    }
    Segment ack = plain({Flag::ack}, 0);
    if (chance_.percent(30)) {
        ack.ack = una_ + chance_.below(nxt_.raw() - una_.raw() + 1);
    }
    return ack;
}

Segment Peer::plain(Flags flags, std::uint32_t size) {
    Segment segment;
    segment.flags = flags;
    segment.seq = rcv_nxt_;
    segment.ack = nxt_;
    const bool shut = nxt_ == una_ && !flags.has(Flag::syn) && chance_.percent(6);
    segment.wnd = shut ? std::uint16_t{0} : std::uint16_t{65535};
    fill(segment, size);
    return segment;
}

Segment Peer::syn(Seq seq, Flags flags) {
    Segment segment = plain(flags, 0);
    segment.seq = seq;
    if (!flags.has(Flag::ack)) {
        segment.ack = Seq{};
    }
    return segment;
}

Segment Peer::wild(const Tcb& tcb) {
    const std::uint32_t size = chance_.percent(60) ? 0 : 1 + chance_.below(1400);
    Segment segment = plain(some_flags(), 0);
    segment.seq = some_seq(size);
    segment.ack = some_ack();
    const bool handshake = tcb.state == State::listen || tcb.state == State::syn_sent;
    if (handshake || segment.has(Flag::syn)) {  // mostly without data, as SYNs are
        fill(segment, chance_.percent(80) ? 0 : size);
    } else {
        fill(segment, size);
    }
    if (chance_.percent(20)) {
        segment.wnd = static_cast<std::uint16_t>(16'384 + chance_.below(49'152));
    }
    segment.up = chance_.percent(10) ? static_cast<std::uint16_t>(chance_.below(2000)) : 0;
    return segment;
}

Flags Peer::some_flags() {
    if (chance_.percent(45)) {
        return Flags::from_bits(static_cast<std::uint16_t>(chance_.below(256)));
    }
    return chance_.among<Flags>({{Flag::ack},
                                 {Flag::ack, Flag::psh},
                                 {Flag::ack},
                                 {Flag::fin, Flag::ack},
                                 {Flag::rst},
                                 {Flag::rst, Flag::ack},
                                 {Flag::syn},
                                 {Flag::syn, Flag::ack}});
}

// Valid, stale, ahead, at the edges and beyond them.
Seq Peer::some_seq(std::uint32_t size) {
    switch (chance_.below(12)) {
        case 0:
            return rcv_nxt_ - 1;
        case 1:
            return rcv_nxt_ - 1 - chance_.below(3000);
        case 2:
            return rcv_nxt_ - chance_.below(size + 1);  // across the left edge
        case 3:
            return rcv_nxt_ + 1 + chance_.below(3000);
        case 4:
            return rcv_nxt_ + rcv_wnd_ - chance_.below(size + 2);  // across the right edge
        case 5:
            return rcv_nxt_ + rcv_wnd_;
        case 6:
            return rcv_nxt_ + rcv_wnd_ + 1 + chance_.below(3000);
        case 7:
            return Seq{chance_.number()};
        case 8:
            return isn_;
        default:
            return rcv_nxt_;
    }
}

Seq Peer::some_ack() {
    switch (chance_.below(12)) {
        case 0:
            return una_;
        case 1:
            return una_ + chance_.below(nxt_.raw() - una_.raw() + 1);
        case 2:
            return una_ - 1 - chance_.below(3000);
        case 3:
            return una_ - max_wnd_ - chance_.below(3);
        case 4:
            return una_ - max_wnd_ - 100'000;
        case 5:
            return nxt_ + 1;
        case 6:
            return nxt_ + 1 + chance_.below(100'000);
        case 7:
            return Seq{chance_.number()};
        default:
            return nxt_;
    }
}

void Peer::stamp(Segment& segment) {
    segment.options.clear();
    if (segment.has(Flag::syn)) {
        segment.options.append(MaximumSegmentSize{1400});
        if (setup_.sack) {
            segment.options.append(SackPermitted{});
        }
        if (setup_.scale) {
            segment.options.append(WindowScale{3});
        }
    }
    if (!setup_.stamps || (!segment.has(Flag::syn) && chance_.percent(3))) {
        return segment.options.pad(OptionKind::no_operation);
    }
    clock_ += 1 + chance_.below(5);
    const bool old = !segment.has(Flag::syn) && chance_.percent(6);
    segment.options.append(Timestamps{old ? clock_ - 10'000 : clock_, echo_});
    segment.options.pad(OptionKind::no_operation);
}

// An octet belongs to its number, so that copies and overlaps agree.
void Peer::fill(Segment& segment, std::uint32_t size) {
    octets_.resize(size);
    const std::uint32_t first = segment.seq.raw() + (segment.has(Flag::syn) ? 1U : 0U);
    for (std::uint32_t i = 0; i < size; ++i) {
        octets_[i] = std::byte(((first + i) * 2654435761U) >> 24);
    }
    segment.payload = octets_;
}

}  // namespace tcpcraft::test
