#include <libtcpcraft/drive/keep_alive_serve_parts.hpp>
#include <libtcpcraft/seq/range.hpp>

// Out onto the wire, and what of both directions goes into the trace.

namespace tcpcraft {

void KeepAliveServer::Roster::transmit(Client& client, const Transmit& action) {
    Datagram leaving{.ip = setup.ip, .segment = action.segment};
    leaving.ip.source = client.tcb.id.local.address;
    leaving.ip.destination = client.tcb.id.remote.address;
    const std::span<const std::byte> octets = serialize_into(around.scratch, leaving);
    const Outgoing packet{octets, leaving.ip.destination, client.number};
    const auto done = around.link.transmit({&packet, 1});
    ++counts.segments_out;
    if (!done) {
        ++counts.unsent;
        counts.last_error = done.error().message();
    }
    promise(client, action.segment);
    if (client.peer) {
        trace_sent(client, leaving, octets, action, done ? "" : done.error().message());
    }
}

void KeepAliveServer::Roster::promise(Client& client, const Segment& segment) {
    if (segment.has(Flag::syn)) {  // its window is never scaled (RFC 7323 §2.2)
        client.edge = segment.ack + segment.wnd;
    } else if (segment.has(Flag::ack)) {
        client.edge = later(client.edge, segment.ack + client.tcb.rcv.wnd);
    }
}

void KeepAliveServer::Roster::trace_sent(Client& client, const Datagram& sent,
                                         std::span<const std::byte> octets, const Transmit& action,
                                         const std::string& failure) {
    if (failure.empty()) {
        client.peer->sent(sent.segment);
    }
    const Instant now = around.alarm.now();
    around.trace.write(Record{now, client.number, client.tcb.id,
                              SegmentSeen{.number = around.segments_seen++,
                                          .direction = Direction::out,
                                          .datagram = sent,
                                          .octets = octets,
                                          .origin = {client.peer->our_isn(), client.peer->isn()},
                                          .state = client.tcb.state,
                                          .peer_state = client.peer->state(),
                                          .at = now,
                                          .retransmission = action.retransmission,
                                          .fault = failure.empty() ? "" : "not sent",
                                          .note = failure,
                                          .rule = action.rule}});
}

void KeepAliveServer::Roster::trace_arrival(Client& client, const Incoming& incoming) {
    client.peer->arrived(incoming.datagram.segment);
    around.trace.write(Record{incoming.arrival.at, client.number, client.tcb.id,
                              SegmentSeen{.number = around.segments_seen++,
                                          .direction = Direction::in,
                                          .datagram = incoming.datagram,
                                          .octets = incoming.arrival.octets,
                                          .origin = {client.peer->isn(), client.peer->our_isn()},
                                          .state = client.tcb.state,
                                          .peer_state = client.peer->state(),
                                          .at = incoming.arrival.at,
                                          .kernel_timestamp = incoming.arrival.kernel_timestamp}});
}

void KeepAliveServer::Roster::trace_state(const Client& client, const Entered& entered,
                                          const std::string& why) {
    around.trace.write(Record{around.alarm.now(), client.number, client.tcb.id,
                              StateChanged{Who::us, entered.from, entered.to, why, entered.rule}});
}

}  // namespace tcpcraft
