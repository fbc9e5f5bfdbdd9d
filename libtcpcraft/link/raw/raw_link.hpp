#pragma once

#include <memory>
#include <string>
#include <vector>

#include <libtcpcraft/link/link.hpp>
#include <libtcpcraft/link/raw/capture_scope.hpp>
#include <libtcpcraft/link/raw/runtime.hpp>

namespace tcpcraft {

/// What a raw link is to see, and how.
struct RawLinkOptions {
    /// Whose segments to see: at least one; none may overlap another.
    std::vector<CaptureScope> scopes{};
    /// Receive and send here only. Empty: wherever packets come in and routes lead out (traffic to
    /// this host's own addresses goes over `lo`).
    std::string interface {};
    /// False: on_arrivals stays silent, as somebody else captures.
    bool arrivals{true};
    /// So long after a packet has left the loop looks for the answer without rest, which keeps a
    /// processor busy: to be woken takes longer than to answer.
    Duration wakeful{};
    /// False: nobody looks for RSTs of the kernel's (LinkCounters::escaped_resets), as it sees none
    /// of the segments that would lead to them (RuleSide::arrivals). Looking costs something for
    /// every packet of this host.
    bool escaped_resets{true};
    /// Opens now what it might need later, for each interface: the caller is about to give up
    /// CAP_NET_RAW.
    bool foresees{false};
};

/// What the kernel could be asked for; a report says which clock its times are from.
struct RawLinkTimestamps {
    bool arrivals{false};    ///< of what arrives
    bool departures{false};  ///< of what leaves
};

/// A Link on a real host. Sends whole IP packets through libnet's raw sockets, where the kernel
/// routes and resolves neighbours, and captures with AF_PACKET sockets, behind which netfilter has
/// no say. Needs CAP_NET_RAW. Does not keep the kernel's TCP quiet: that is guard's part.
///
/// on_sent comes during transmit() where the packet leaves at once; while it waits for a neighbour,
/// later; and after 200 ms without a word from the kernel, with our own clock.
class TCPCRAFT_API RawLink : public Link {
public:
    /// Sees everything from the moment it returns. Errors: the privilege is missing, there is no
    /// such interface, no scope.
    [[nodiscard]] static Expected<std::unique_ptr<RawLink>> open(Runtime& runtime,
                                                                 const RawLinkOptions& options);
    ~RawLink() override;

    /// A packet goes where its own header says; `destination` adds the zone. Stops at the first
    /// that cannot be sent.
    Expected<void> transmit(std::span<const Outgoing> packets) override;
    /// Who gets what arrives; empty: nobody.
    void on_arrivals(std::function<void(std::span<const Arrival>)> handler) override;
    /// Who is told when a packet left.
    void on_sent(std::function<void(const Sent&)> handler) override;
    /// Who is told of ICMP errors.
    void on_icmp(std::function<void(const IcmpError&)> handler) override;
    /// What the capture says of itself.
    [[nodiscard]] LinkCounters counters() const override;

    /// Whose clock stamps what.
    [[nodiscard]] RawLinkTimestamps timestamps() const noexcept;

private:
    struct State;
    explicit RawLink(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace tcpcraft
