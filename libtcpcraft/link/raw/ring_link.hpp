#pragma once

#include <memory>
#include <string>

#include <libtcpcraft/link/link.hpp>
#include <libtcpcraft/link/raw/raw_link.hpp>
#include <libtcpcraft/link/raw/runtime.hpp>

namespace tcpcraft {

/// A Link on a real host for many connections at once: packets arrive through rings that are shared
/// with the kernel and leave as Ethernet frames, many with one system call.
///
/// What leaves as a frame has been through neither netfilter's OUTPUT (its rules, NAT, connection
/// tracking) nor IPsec; routes, rules and neighbours are the kernel's, and changes of them are
/// followed. Where a packet cannot leave so - towards this host itself, through a tunnel, to a
/// neighbour that the kernel has yet to find, with an IP header that the kernel would complete - it
/// goes the way of RawLink. The next-hop is found by source, destination and interface: rules by
/// mark, port or user do not count, and of several equal routes one is taken.
///
/// Several packets of one span, and packets sent while a batch of arrivals is handled, leave
/// together. on_sent tells our own clock. A packet that cannot be sent does not keep the others: it
/// is told of by on_icmp, as the kernel's own word (`local`), from the loop. Only where it was
/// alone in its span and went the way of RawLink, transmit() returns the error.
class TCPCRAFT_API RingLink : public Link {
public:
    /// Whether packets leave as frames over this interface: it is an Ethernet.
    [[nodiscard]] static bool carries(const std::string& interface);
    /// Sees everything from the moment it returns. Errors: as RawLink, or there is no memory for
    /// the rings (16 MiB for each scope).
    [[nodiscard]] static Expected<std::unique_ptr<RingLink>> open(Runtime& runtime,
                                                                  const RawLinkOptions& options);
    ~RingLink() override;

    Expected<void> transmit(std::span<const Outgoing> packets) override;
    /// Who gets what arrives; empty: nobody.
    void on_arrivals(std::function<void(std::span<const Arrival>)> handler) override;
    /// Who is told when a packet left.
    void on_sent(std::function<void(const Sent&)> handler) override;
    /// Who is told of ICMP errors.
    void on_icmp(std::function<void(const IcmpError&)> handler) override;
    /// What the capture says of itself.
    [[nodiscard]] LinkCounters counters() const override;

private:
    struct State;
    explicit RingLink(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace tcpcraft
