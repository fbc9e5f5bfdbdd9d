#pragma once

#include <functional>
#include <string>

#include <libtcpcraft/base/address.hpp>
#include <libtcpcraft/base/descriptor.hpp>
#include <libtcpcraft/base/expected.hpp>
#include <libtcpcraft/export.hpp>
#include <libtcpcraft/link/alarm.hpp>
#include <libtcpcraft/link/link.hpp>

namespace tcpcraft {

/// The two ends of the wire that a TUN device is.
struct TunEnds {
    Address tested{};         ///< the device's own
    Address ours{};           ///< routed to it
    std::uint32_t mtu{1500};  ///< octets
};

/// Makes the device tun0 in the namespace of the calling thread, with its address and a route.
[[nodiscard]] TCPCRAFT_API Expected<Descriptor> open_tun(const TunEnds& ends);

/// A Link whose other end is the stack behind a TUN device.
class TCPCRAFT_API TunLink : public Link {
public:
    /// Made of these.
    explicit TunLink(Alarm& alarm) : alarm_{alarm} {}

    /// From now on this device.
    void use(Descriptor device) { device_ = std::move(device); }
    /// For an event loop of somebody else's.
    [[nodiscard]] int descriptor() const noexcept { return device_.raw(); }
    /// Hands over everything that has come.
    void drain();

    Expected<void> transmit(std::span<const Outgoing> packets) override;
    /// Who gets what arrives; empty: nobody.
    void on_arrivals(std::function<void(std::span<const Arrival>)> handler) override;
    /// Who is told when a packet left.
    void on_sent(std::function<void(const Sent&)> handler) override;
    /// Who is told of ICMP errors.
    void on_icmp(std::function<void(const IcmpError&)> handler) override;

private:
    Alarm& alarm_;
    Descriptor device_{};
    std::function<void(std::span<const Arrival>)> on_arrivals_{};
    std::function<void(const Sent&)> on_sent_{};
};

}  // namespace tcpcraft
