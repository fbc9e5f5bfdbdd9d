#pragma once

// Private to connection*.cpp: what the parts of Connection hand to each other.

#include <string>

#include <libtcpcraft/drive/connection.hpp>

namespace tcpcraft {

/// An arrival on its way into the records.
struct Connection::Incoming {
    const Datagram& datagram;
    const Arrival& arrival;
    std::string fault{};
    std::string note{};
    bool seen_by_peer_view{true};
};

/// A segment on its way out and into the records.
struct Connection::Leaving {
    Datagram datagram{};
    std::span<const std::byte> octets{};
    std::vector<std::byte> own_payload{};  ///< when an alteration brought its own octets
    Instant at{};
    bool kernel_timestamp{false};
    bool retransmission{false};
    bool altered{false};
    bool gone{true};  ///< the peer will see it, as far as this host knows
    std::string fault{};
    std::string note{};
    Rule rule{};
};

/// Puts an honest edit where the machine will take it from when the step is run again. Views of
/// `edit` go into the event. The window stands on the wire divided by 2^`shift`.
void apply_edit(const HonestEdit& edit, Event& event, Policy& policy, Tcb& before,
                std::uint8_t shift);

}  // namespace tcpcraft
