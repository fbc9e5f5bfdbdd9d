#pragma once

#include <functional>

#include <libtcpcraft/base/descriptor.hpp>
#include <libtcpcraft/link/alarm.hpp>
#include <libtcpcraft/link/link.hpp>

namespace tcpcraft {

/// Hears of ICMP errors about TCP segments of one family, and of neighbours that this host could
/// not resolve: the kernel tells that by an ICMP error from itself to itself, after three seconds.
/// Only a raw socket for protocol TCP is told (the one that libnet sends with is not).
class IcmpListener {
public:
    [[nodiscard]] static Expected<IcmpListener> open(Family family);

    [[nodiscard]] int raw() const noexcept { return socket_.raw(); }
    /// Calls for each error since; those about other connections of this host too.
    void drain(const Alarm& alarm, const std::function<void(const IcmpError&)>& on_error);

private:
    IcmpListener(Descriptor socket, Family family) : socket_{std::move(socket)}, family_{family} {}

    Descriptor socket_;
    Family family_{};
};

}  // namespace tcpcraft
