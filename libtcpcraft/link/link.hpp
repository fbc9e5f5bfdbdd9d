#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>

#include <libtcpcraft/base/address.hpp>
#include <libtcpcraft/base/direction.hpp>
#include <libtcpcraft/base/expected.hpp>
#include <libtcpcraft/base/time.hpp>
#include <libtcpcraft/export.hpp>

namespace tcpcraft {

/// One IP packet to be sent, header included.
struct Outgoing {
    std::span<const std::byte> octets{};  ///< as on the wire
    Address destination{};                ///< with its zone where it is link-local
    std::uint64_t token{0};               ///< the caller's; comes back in Sent and FaultReport
};

/// One IP packet that was captured, from its IP header on.
struct Arrival {
    std::span<const std::byte> octets{};  ///< as on the wire
    Instant at{};                         ///< when, on the run's clock
    bool kernel_timestamp{false};  ///< `at` is the kernel's stamp, not our reading of the clock
    bool checksum_ready{true};     ///< false: the kernel has not computed the checksum (offload)
    bool truncated{false};         ///< longer than the capture's buffer
    /// Where it came in; the zone of a link-local source. 0 where there are no interfaces.
    std::uint32_t interface_index{0};
};

/// When a packet left.
struct Sent {
    std::uint64_t token{0};        ///< the caller's; comes back in reports
    Instant at{};                  ///< when, on the run's clock
    bool kernel_timestamp{false};  ///< the kernel's stamp, not our reading of the clock
};

/// An ICMP error about a segment of ours, or the kernel's own word that it could not be delivered.
struct IcmpError {
    Instant at{};       ///< when, on the run's clock
    ConnectionId id{};  ///< of the quoted segment: local is our side
    Address from{};     ///< who reports; our own address when the kernel does
    bool local{false};  ///< no packet arrived: neighbour or route failed here
    /// Local, and no neighbour's silence: the segment could not be sent, as transmit() would have
    /// said had it been alone.
    bool unsent{false};
    std::uint8_t type{0};                ///< of the ICMP message
    std::uint8_t code{0};                ///< of the ICMP message
    bool hard{false};                    ///< RFC 9293 §3.9.2.2: may abort (SHLD-26)
    std::optional<std::uint32_t> seq{};  ///< SEG.SEQ of the quoted segment, if it was quoted
    std::string text{};                  ///< "destination port unreachable from 192.0.2.1"
};

/// What goes wrong with a packet.
enum class FaultKind : std::uint8_t { drop, delay, duplicate, reorder, corrupt };

/// What a fault rule has just done to a packet.
struct FaultReport {
    FaultKind kind{};                     ///< which of them
    Direction direction{};                ///< seen from us
    Duration delay{};                     ///< so long
    std::uint64_t token{0};               ///< outgoing packets
    Instant at{};                         ///< when, on the run's clock
    std::span<const std::byte> octets{};  ///< the packet as it was before
    bool checksum_ready{true};            ///< of an arrival, as there
};

/// What a capture has to say about itself.
struct LinkCounters {
    std::uint64_t lost{0};            ///< packets that the capture dropped for lack of room
    std::uint64_t escaped_resets{0};  ///< RSTs that left this host for our connections, not from us
};

/// The one interface to a world: a real host, a simulated network, a replay. Handlers are called
/// from the world's loop, never from inside transmit() but for on_sent and on_fault. Views end when
/// the handler returns. Not thread-safe: one thread owns a link.
class TCPCRAFT_API Link {
public:
    Link() = default;
    Link(const Link&) = delete;
    Link& operator=(const Link&) = delete;
    virtual ~Link();

    /// Sends all, in order. An error names what could not be sent and why; what came before it in
    /// the span is gone out.
    virtual Expected<void> transmit(std::span<const Outgoing> packets) = 0;
    /// Who gets what arrives; empty: nobody.
    virtual void on_arrivals(std::function<void(std::span<const Arrival>)> handler) = 0;
    /// Who is told when a packet left.
    virtual void on_sent(std::function<void(const Sent&)> handler) = 0;
    /// Who is told of ICMP errors.
    virtual void on_icmp(std::function<void(const IcmpError&)> handler) = 0;
    /// Only links that do things to packets call it.
    virtual void on_fault(std::function<void(const FaultReport&)> handler);
    /// What the capture says of itself.
    [[nodiscard]] virtual LinkCounters counters() const { return {}; }
};

}  // namespace tcpcraft
