#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include <sys/socket.h>

#include <libtcpcraft/base/expected.hpp>

struct libnet_context;

namespace tcpcraft {

/// An Ethernet address.
using HardwareAddress = std::array<std::byte, 6>;

/// Sends IP packets as Ethernet frames over one interface, many with one system call, through
/// libnet's link-layer socket. What is sent so does not pass netfilter's OUTPUT, nor the kernel's
/// routes; it does pass the interface's queue.
class FrameSender {
public:
    /// Errors: no such interface, the privilege is missing, or it is no Ethernet (`lo`, a tunnel).
    [[nodiscard]] static Expected<FrameSender> open(const std::string& interface);

    /// Whether open() would find an Ethernet there.
    [[nodiscard]] static bool is_ethernet(const std::string& interface);

    FrameSender(FrameSender&& other) noexcept;
    FrameSender& operator=(FrameSender&&) = delete;
    FrameSender(const FrameSender&) = delete;
    FrameSender& operator=(const FrameSender&) = delete;
    ~FrameSender();

    /// A packet that could not be sent, with its errno.
    using Refused = std::function<void(std::span<const std::byte> packet, int error)>;

    /// Whether the interface has become another: by its address, its MTU, or as it is gone.
    [[nodiscard]] bool outdated() const;
    [[nodiscard]] bool empty() const noexcept { return queued_ == 0; }
    [[nodiscard]] bool full() const noexcept { return queued_ == batch_size; }
    /// Whether a packet of this size goes into one frame here.
    [[nodiscard]] bool fits(std::size_t size) const noexcept { return size <= mtu_; }
    /// Copies a packet that fits; full() must be false.
    void queue(std::span<const std::byte> packet, const HardwareAddress& to) noexcept;
    /// Sends what is queued, in order. Where the interface has no room it waits, within limits.
    void flush(const Refused& refused);

private:
    struct LibnetDeleter {
        void operator()(libnet_context* context) const noexcept;
    };
    using Libnet = std::unique_ptr<libnet_context, LibnetDeleter>;
    FrameSender(Libnet libnet, std::string interface, HardwareAddress own, std::size_t mtu);

    static constexpr std::size_t batch_size = 64;
    static constexpr std::size_t header_size = 14;

    [[nodiscard]] std::byte* slot(std::size_t index) const noexcept {
        return memory_.get() + index * (header_size + mtu_);
    }

    Libnet libnet_;
    std::string interface_;
    HardwareAddress own_{};
    std::size_t mtu_{0};
    std::size_t queued_{0};
    std::unique_ptr<std::byte[]> memory_;
    std::array<iovec, batch_size> pieces_{};
    std::array<mmsghdr, batch_size> messages_{};
};

}  // namespace tcpcraft
