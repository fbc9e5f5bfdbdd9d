#include <libtcpcraft/engine/rfc9293/steps.hpp>

namespace tcpcraft::rfc9293 {

// RFC 9293 §3.10.7.1
void arrives_closed(Step& s, const Segment& seg) {
    if (seg.has(Flag::rst)) {
        return discard(s, DiscardReason::no_connection, Rule::closed_discards_rst);
    }
    const Rule rule =
        seg.has(Flag::ack) ? Rule::closed_resets_with_ack : Rule::closed_resets_without_ack;
    reset_in_answer(s, seg, rule);
    discard(s, DiscardReason::no_connection, rule);
}

}  // namespace tcpcraft::rfc9293
