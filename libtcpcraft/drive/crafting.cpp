#include <libtcpcraft/drive/crafting.hpp>

namespace tcpcraft {

namespace {

Decision hold_back(std::string note) {
    return Decision{.fate = Decision::Fate::drop, .note = std::move(note)};
}

}  // namespace

Decision Crafting::leaving(const Proposal& proposal) {
    if (auto decision = opening(proposal)) {
        return *decision;
    }
    if (auto decision = third(proposal)) {
        return *decision;
    }
    return next_ != nullptr ? next_->leaving(proposal) : Decision{};
}

bool Crafting::arriving(std::size_t connection, const Datagram& datagram, SeqOrigin origin,
                        const Tcb& tcb) {
    return next_ == nullptr || next_->arriving(connection, datagram, origin, tcb);
}

std::optional<Decision> Crafting::opening(const Proposal& proposal) {
    if (!proposal.datagram.segment.has(Flag::syn)) {
        return std::nullopt;
    }
    if (request_.delay_syn && !syn_delayed_) {
        syn_delayed_ = true;
        return Decision{.fate = Decision::Fate::delay, .delay = *request_.delay_syn};
    }
    if (!request_.syn_flags && !request_.bad_syn_checksum) {
        return std::nullopt;
    }
    Decision decision;
    decision.altered.flags = request_.syn_flags;
    decision.lies.bad_checksum = request_.bad_syn_checksum;
    return decision;
}

// The third segment is the first that acknowledges the peer's SYN; without it every later bare ACK
// would complete the handshake as well.
std::optional<Decision> Crafting::third(const Proposal& proposal) {
    const Segment& segment = proposal.datagram.segment;
    const bool bare_ack = segment.flags == Flags{Flag::ack} && segment.payload.empty();
    if (request_.third == Third::ack || !bare_ack || segment.ack != proposal.after.rcv.irs + 1) {
        return std::nullopt;
    }
    if (request_.third == Third::none) {
        return hold_back("withheld: the peer stays in SYN-RECEIVED");
    }
    if (third_done_) {  // the answer to a SYN,ACK that is repeated meanwhile would be the third
        return request_.third == Third::late
                   ? std::optional{hold_back("withheld: the third segment comes late")}
                   : std::nullopt;
    }
    third_done_ = true;
    Decision decision;
    switch (request_.third) {
        case Third::wrong_ack:
            decision.altered.ack = segment.ack + 1;
            decision.note = "acknowledges what was never sent";
            return decision;
        case Third::late:
            decision.fate = Decision::Fate::delay;
            decision.delay = request_.late;
            return decision;
        case Third::data:
            return hold_back("withheld: the data that follows acknowledges as well");
        case Third::rst:
            decision.altered.flags = Flags{Flag::rst};
            decision.note = "RST in place of the ACK";
            return decision;
        default:
            return std::nullopt;
    }
}

}  // namespace tcpcraft
