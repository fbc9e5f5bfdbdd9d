#pragma once

#include <cstdint>

#include <libtcpcraft/base/address.hpp>
#include <libtcpcraft/base/expected.hpp>
#include <libtcpcraft/export.hpp>

namespace tcpcraft {

/// What a mute listener lets through to the kernel's TCP, which then answers.
enum class Muteness : std::uint8_t {
    /// Nothing: a filter drops it all. Newer kernels demand CAP_NET_ADMIN for it.
    complete,
    /// Segments that arrive with a TTL (hop limit) of 255: only a sender on the same link can.
    but_for_ttl_255
};

/// Keeps a local TCP port ours for as long as it lives: a kernel socket bound to it that never
/// speaks. Without it the kernel could give the port to another process, or a listener could answer
/// in our place. It does not stop the kernel's RSTs.
class TCPCRAFT_API PortLease {
public:
    /// Binds to the address (link-local IPv6 with its zone) and port; port 0: the kernel picks a
    /// free one. Errors: the port is in use, the address is not this host's, a port below 1024
    /// without the privilege for it.
    [[nodiscard]] static Expected<PortLease> take(const Endpoint& wanted);

    PortLease(PortLease&& other) noexcept;
    PortLease& operator=(PortLease&& other) noexcept;
    PortLease(const PortLease&) = delete;
    PortLease& operator=(const PortLease&) = delete;
    ~PortLease();

    /// What it is bound to; the port is never 0.
    [[nodiscard]] const Endpoint& local() const noexcept { return local_; }

    /// Makes the socket a mute listener: the kernel finds a socket for every segment to this port,
    /// drops the segment silently, and so has no reason for an RST. Says what gets through.
    [[nodiscard]] Expected<Muteness> mute();

private:
    PortLease(int descriptor, const Endpoint& local) noexcept
        : descriptor_{descriptor}, local_{local} {}

    int descriptor_{-1};
    Endpoint local_{};
};

}  // namespace tcpcraft
