#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include <libtcpcraft/base/address.hpp>
#include <libtcpcraft/base/expected.hpp>
#include <libtcpcraft/export.hpp>
#include <libtcpcraft/guard/port_lease.hpp>
#include <libtcpcraft/guard/port_range.hpp>
#include <libtcpcraft/guard/rst_guard.hpp>

namespace tcpcraft {

/// What of this host a run keeps for itself: ports of its addresses.
struct Holding {
    /// Client role: consecutive ports of one address, with many peers of each origin. Server role:
    /// one port, of each family.
    std::vector<PortLease> leases{};
    /// Client role with one peer.
    std::optional<Endpoint> remote{};
    /// Many peers: where in `leases` the ports of each address begin.
    std::vector<std::size_t> origins{};
    /// In place of leases, many peers and many ports: the same for each of `sources`.
    std::optional<PortRange> range{};
    /// The addresses that `range` is held of.
    std::vector<Address> sources{};
    /// Packets leave past this host's netfilter (RingLink), so that those that arrive may be kept
    /// from it too.
    bool by_frames{false};

    /// Address and first port.
    [[nodiscard]] Endpoint local() const {
        return range ? Endpoint{sources.front(), range->first()} : leases.front().local();
    }
    /// Nobody is called: others are to come.
    [[nodiscard]] bool server() const { return !remote && origins.empty() && !range; }
};

/// Ports that lie side by side and are held for the same: one rule and one capture for each.
struct HeldPorts {
    Endpoint first{};           ///< address, and the first of them
    Port last{};                ///< the last of them, included
    PortLease* lease{nullptr};  ///< of the first, where each has one
};

/// What is held, side by side. Points into the hold.
[[nodiscard]] TCPCRAFT_API std::vector<HeldPorts> ranges_of(Holding& hold);
/// Which of the kernel's doors a rule of this backend shuts there.
[[nodiscard]] TCPCRAFT_API RuleSide side_of(const Holding& hold, GuardBackend backend) noexcept;
/// What has to be guarded: one request for each rule. Points into the hold.
[[nodiscard]] TCPCRAFT_API std::vector<GuardRequest> guard_requests(Holding& hold,
                                                                    GuardBackend backend);

/// `count` consecutive ports, at least one, from `first` on; port 0: wherever there are so many.
/// Errors: as PortLease::take(), or there are not so many above `first`.
[[nodiscard]] TCPCRAFT_API Expected<std::vector<PortLease>> take_ports(const Endpoint& first,
                                                                       std::size_t count);

}  // namespace tcpcraft
