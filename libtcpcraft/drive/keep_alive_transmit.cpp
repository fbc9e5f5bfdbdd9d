#include <libtcpcraft/drive/keep_alive_serve_parts.hpp>
#include <libtcpcraft/seq/range.hpp>

// Out onto the wire.

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
        trace_sent(around, client.traced(),
                   {leaving, octets, action, done ? "" : done.error().message()});
    }
}

void KeepAliveServer::Roster::promise(Client& client, const Segment& segment) {
    if (segment.has(Flag::syn)) {  // its window is never scaled (RFC 7323 §2.2)
        client.edge = segment.ack + segment.wnd;
    } else if (segment.has(Flag::ack)) {
        client.edge = later(client.edge, segment.ack + client.tcb.rcv.wnd);
    }
}

}  // namespace tcpcraft
