#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include <libtcpcraft/base/address.hpp>
#include <libtcpcraft/base/descriptor.hpp>
#include <libtcpcraft/engine/state.hpp>

namespace tcpcraft::test {

/// The socket under test: this kernel's TCP, seen as its user and its operator see it.
class KernelEnd {
public:
    /// `id` as the kernel sees it.
    explicit KernelEnd(const ConnectionId& id);
    ~KernelEnd();
    KernelEnd(const KernelEnd&) = delete;
    KernelEnd& operator=(const KernelEnd&) = delete;

    void listen();
    void connect();
    /// No more SYNs are taken.
    void stop_listening() { listener_.reset(); }
    [[nodiscard]] bool listens() const noexcept { return listener_.open(); }
    [[nodiscard]] bool has_connection() const noexcept { return socket_.open(); }

    void send(std::span<const std::byte> octets) const;
    void shutdown() const;
    void close() { socket_.reset(); }

    /// Accepts what is ready, reads what has arrived, asks for ACKs that wait. The octets read.
    std::vector<std::byte> settle();

    struct Status {
        State state{State::closed};
        std::uint32_t unacknowledged{0};  ///< from SND.UNA to the end of what was queued, FIN too
    };
    [[nodiscard]] Status status() const;

private:
    void take_over(int fd);

    ConnectionId id_{};
    Descriptor listener_{};
    Descriptor socket_{};
    Descriptor diagnosis_{};
};

}  // namespace tcpcraft::test
