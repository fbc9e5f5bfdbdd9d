#pragma once

// What of a connection without a session goes into the trace, when somebody wants to see it.

#include <cstddef>
#include <span>
#include <string>

#include <libtcpcraft/drive/surroundings.hpp>
#include <libtcpcraft/engine/action.hpp>
#include <libtcpcraft/engine/tcb.hpp>
#include <libtcpcraft/trace/peer_view.hpp>
#include <libtcpcraft/wire/codec.hpp>

namespace tcpcraft {

/// One of many connections: its number in the trace, our end after the event, the other's as it
/// looks.
struct Traced {
    std::size_t number{0};
    const Tcb& tcb;
    PeerView& peer;
};

/// A segment on its way out, and its octets.
struct Departing {
    const Datagram& datagram;
    std::span<const std::byte> octets{};
    const Transmit& action;
    std::string failure{};  ///< why it could not be sent; then the peer saw nothing of it
};

void trace_sent(Surroundings& around, const Traced& one, const Departing& sent);
void trace_arrival(Surroundings& around, const Traced& one, const Datagram& datagram,
                   const Arrival& arrival);
void trace_state(Surroundings& around, const Traced& one, const Entered& entered,
                 const std::string& cause);

}  // namespace tcpcraft
