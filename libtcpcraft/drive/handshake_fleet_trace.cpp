#include <libtcpcraft/drive/handshake_fleet_parts.hpp>

// What of both directions goes into the trace, when somebody wants to see it.

namespace tcpcraft {

void HandshakeFleet::Crew::trace_sent(Member& member, const Datagram& sent,
                                      std::span<const std::byte> octets, const Transmit& action) {
    member.peer->sent(sent.segment);
    const Instant at = around.alarm.now();
    around.trace.write(Record{at, member.connection, member.tcb.id,
                              SegmentSeen{.number = around.segments_seen++,
                                          .direction = Direction::out,
                                          .datagram = sent,
                                          .octets = octets,
                                          .origin = {member.peer->our_isn(), member.peer->isn()},
                                          .state = member.tcb.state,
                                          .peer_state = member.peer->state(),
                                          .at = at,
                                          .retransmission = action.retransmission,
                                          .rule = action.rule}});
}

void HandshakeFleet::Crew::trace_arrival(Member& member, const Incoming& incoming) {
    member.peer->arrived(incoming.datagram.segment);
    around.trace.write(Record{incoming.arrival.at, member.connection, member.tcb.id,
                              SegmentSeen{.number = around.segments_seen++,
                                          .direction = Direction::in,
                                          .datagram = incoming.datagram,
                                          .octets = incoming.arrival.octets,
                                          .origin = {member.peer->isn(), member.peer->our_isn()},
                                          .state = member.tcb.state,
                                          .peer_state = member.peer->state(),
                                          .at = incoming.arrival.at,
                                          .kernel_timestamp = incoming.arrival.kernel_timestamp}});
}

void HandshakeFleet::Crew::trace_state(const Member& member, const Entered& entered,
                                       const std::string& why) {
    around.trace.write(Record{around.alarm.now(), member.connection, member.tcb.id,
                              StateChanged{Who::us, entered.from, entered.to, why, entered.rule}});
}

}  // namespace tcpcraft
