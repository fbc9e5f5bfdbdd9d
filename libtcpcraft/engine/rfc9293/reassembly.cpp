#include <algorithm>

#include <libtcpcraft/engine/rfc9293/reassembly.hpp>

namespace tcpcraft::rfc9293 {
namespace {

Seq end_of(const Buffers::Piece& piece) noexcept {
    return piece.seq + static_cast<std::uint32_t>(piece.data.size());
}

/// `more` begins in or right behind `piece`: appends what of it lies beyond.
void append_beyond(Buffers::Piece& piece, const Text& more) {
    const auto known = static_cast<std::size_t>(distance(more.seq, end_of(piece)));
    if (known < more.data.size()) {
        const auto fresh = more.data.subspan(known);
        piece.data.insert(piece.data.end(), fresh.begin(), fresh.end());
    }
}

}  // namespace

Text trim(const ReceiveSpace& rcv, const Segment& seg) noexcept {
    Text text{seg.seq + (seg.has(Flag::syn) ? 1U : 0U), seg.payload};
    if (before(text.seq, rcv.nxt)) {
        const auto old = static_cast<std::size_t>(rcv.nxt.raw() - text.seq.raw());
        text.data = text.data.subspan(std::min(old, text.data.size()));
        text.seq = rcv.nxt;
    }
    const std::size_t offset = text.seq.raw() - rcv.nxt.raw();
    const std::size_t room = rcv.wnd > offset ? rcv.wnd - offset : 0;
    text.data = text.data.first(std::min(room, text.data.size()));
    return text;
}

void hold(Buffers& buffers, const Text& text) {
    auto& pieces = buffers.out_of_order;
    auto at = std::find_if(pieces.begin(), pieces.end(), [&](const Buffers::Piece& piece) {
        return at_or_before(text.seq, end_of(piece));
    });
    if (at != pieces.end() && at_or_before(at->seq, text.seq)) {
        append_beyond(*at, text);
    } else {
        at = pieces.insert(at, {text.seq, {text.data.begin(), text.data.end()}});
    }
    auto next = at + 1;
    for (; next != pieces.end() && at_or_before(next->seq, end_of(*at)); ++next) {
        append_beyond(*at, {next->seq, next->data});
    }
    buffers.newest = at->seq;
    pieces.erase(at + 1, next);
}

// Of two FINs the first to arrive counts.
bool hold_fin(Step& s, const Segment& seg) {
    if (!seg.has(Flag::fin)) {
        return false;
    }
    const ReceiveSpace& rcv = s.tcb.rcv;
    const Seq fin = seg.range().end() - 1;
    if (!SeqRange{rcv.nxt, rcv.wnd}.contains(fin)) {
        return false;
    }
    Buffers& buffers = s.tcb.buffers.use();
    buffers.fin = buffers.fin.value_or(fin);
    return true;
}

bool held_fin_reached(const Tcb& tcb) noexcept {
    const Buffers* buffers = tcb.buffers.peek();
    return buffers != nullptr && buffers->fin == tcb.rcv.nxt;
}

void forget_overrun_fin(Tcb& tcb) noexcept {
    const Buffers* buffers = tcb.buffers.peek();
    if (buffers != nullptr && buffers->fin && before(*buffers->fin, tcb.rcv.nxt)) {
        tcb.buffers.use().fin.reset();
    }
}

void forget_held(Tcb& tcb) noexcept {
    if (tcb.buffers.peek() != nullptr) {
        tcb.buffers.use().fin.reset();
        tcb.buffers.use().out_of_order.clear();
    }
}

bool deliver_held(Step& s) {
    if (s.tcb.buffers.peek() == nullptr || s.tcb.buffers.peek()->out_of_order.empty()) {
        return false;
    }
    auto& pieces = s.tcb.buffers.use().out_of_order;
    ReceiveSpace& rcv = s.tcb.rcv;
    bool filled = false;
    while (!pieces.empty() && at_or_before(pieces.front().seq, rcv.nxt)) {
        const auto old = static_cast<std::size_t>(distance(pieces.front().seq, rcv.nxt));
        auto held = s.out.keep(std::move(pieces.front().data));
        held = held.subspan(std::min(old, held.size()));
        if (!held.empty()) {
            s.out.add(Deliver{held, true});
            rcv.nxt = rcv.nxt + static_cast<std::uint32_t>(held.size());
        }
        pieces.erase(pieces.begin());
        filled = true;
    }
    return filled;
}

}  // namespace tcpcraft::rfc9293
