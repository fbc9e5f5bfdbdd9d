#include <libtcpcraft/drive/tracing.hpp>
#include <libtcpcraft/trace/record.hpp>

namespace tcpcraft {

void trace_sent(Surroundings& around, const Traced& one, const Departing& sent) {
    if (sent.failure.empty()) {
        one.peer.sent(sent.datagram.segment);
    }
    const Instant at = around.alarm.now();
    around.trace.write(Record{at, one.number, one.tcb.id,
                              SegmentSeen{.number = around.segments_seen++,
                                          .direction = Direction::out,
                                          .datagram = sent.datagram,
                                          .octets = sent.octets,
                                          .origin = {one.peer.our_isn(), one.peer.isn()},
                                          .state = one.tcb.state,
                                          .peer_state = one.peer.state(),
                                          .at = at,
                                          .retransmission = sent.action.retransmission,
                                          .fault = sent.failure.empty() ? "" : "not sent",
                                          .note = sent.failure,
                                          .rule = sent.action.rule}});
}

void trace_arrival(Surroundings& around, const Traced& one, const Datagram& datagram,
                   const Arrival& arrival) {
    one.peer.arrived(datagram.segment);
    around.trace.write(Record{arrival.at, one.number, one.tcb.id,
                              SegmentSeen{.number = around.segments_seen++,
                                          .direction = Direction::in,
                                          .datagram = datagram,
                                          .octets = arrival.octets,
                                          .origin = {one.peer.isn(), one.peer.our_isn()},
                                          .state = one.tcb.state,
                                          .peer_state = one.peer.state(),
                                          .at = arrival.at,
                                          .kernel_timestamp = arrival.kernel_timestamp}});
}

void trace_state(Surroundings& around, const Traced& one, const Entered& entered,
                 const std::string& cause) {
    around.trace.write(
        Record{around.alarm.now(), one.number, one.tcb.id,
               StateChanged{Who::us, entered.from, entered.to, cause, entered.rule}});
}

}  // namespace tcpcraft
