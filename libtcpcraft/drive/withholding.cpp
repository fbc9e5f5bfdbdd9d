#include <algorithm>

#include <libtcpcraft/drive/withholding.hpp>

namespace tcpcraft {

Decision Withholding::leaving(const Proposal& proposal) {
    const auto& states = what_.only_in;
    const bool here =
        states.empty() || std::ranges::find(states, proposal.after.state) != states.end();
    if (what_.count > 0 && here && proposal.datagram.segment.flags == what_.flags) {
        --what_.count;
        return Decision{.fate = Decision::Fate::drop, .note = what_.note};
    }
    return next_ != nullptr ? next_->leaving(proposal) : Decision{};
}

bool Withholding::arriving(std::size_t connection, const Datagram& datagram, SeqOrigin origin,
                           const Tcb& tcb) {
    return next_ == nullptr || next_->arriving(connection, datagram, origin, tcb);
}

}  // namespace tcpcraft
