#pragma once

#include <cstddef>
#include <utility>
#include <vector>

#include <libtcpcraft/base/address.hpp>
#include <libtcpcraft/base/descriptor.hpp>
#include <libtcpcraft/base/expected.hpp>
#include <libtcpcraft/export.hpp>

namespace tcpcraft {

/// Keeps many consecutive local ports ours, on every address of this host, without a socket for
/// each: no socket has them when they are taken, they lie outside of the range that the kernel
/// chooses ports from (net.ipv4.ip_local_port_range), and other runs of this library keep away from
/// them, whether they want a range or one port (PortLease). Gone with the process, however it ends.
/// What it cannot prevent: that another program binds one of them by its number. Before Linux 6.8 a
/// socket that is bound and nothing more is not seen, so a single port of another run may lie
/// within.
class TCPCRAFT_API PortRange {
public:
    /// `first` 0: wherever there are so many. Errors: too many, in use, or the kernel may give them
    /// to others.
    [[nodiscard]] static Expected<PortRange> take(Port first, std::size_t count);

    /// The first of them.
    [[nodiscard]] Port first() const noexcept { return first_; }
    /// The last of them.
    [[nodiscard]] Port last() const noexcept { return last_; }

private:
    PortRange(std::vector<Descriptor> blocks, Port first, Port last)
        : blocks_{std::move(blocks)}, first_{first}, last_{last} {}

    std::vector<Descriptor> blocks_;
    Port first_{};
    Port last_{};
};

/// Whether a run of this library holds a range with this port in it.
[[nodiscard]] bool in_a_held_range(Port port);

}  // namespace tcpcraft
