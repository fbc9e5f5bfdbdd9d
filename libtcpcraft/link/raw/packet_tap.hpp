#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include <sys/socket.h>

#include <libtcpcraft/base/descriptor.hpp>
#include <libtcpcraft/link/link.hpp>
#include <libtcpcraft/link/raw/capture_socket.hpp>
#include <libtcpcraft/link/raw/filter.hpp>
#include <libtcpcraft/link/raw/kernel_clock.hpp>

namespace tcpcraft {

/// An AF_PACKET socket with a filter, which gives packets from their IP header on. Asked for one
/// kind of IP it sees what arrives, once, over loopback too.
class PacketTap {
public:
    /// The filter is in force before the first packet is let in.
    [[nodiscard]] static Expected<PacketTap> open(const TapPlace& place,
                                                  const FilterProgram& filter);

    [[nodiscard]] int raw() const noexcept { return socket_.raw(); }
    /// Whether the kernel could be asked for timestamps of arrival.
    [[nodiscard]] bool stamped() const noexcept { return stamped_; }
    /// What has come meanwhile, at most a batch; empty when there is nothing. Views end with the
    /// next call.
    [[nodiscard]] std::span<const Arrival> read(const Alarm& alarm);
    /// Packets dropped for lack of room since the tap was opened.
    [[nodiscard]] std::uint64_t lost() const;

private:
    struct Batch;
    struct BatchDeleter {
        void operator()(Batch* batch) const noexcept;
    };
    PacketTap(Descriptor socket, TapSide side, bool stamped);

    Descriptor socket_;
    TapSide side_{};
    bool stamped_{false};
    mutable std::uint64_t lost_{0};
    std::unique_ptr<Batch, BatchDeleter> batch_;
};

}  // namespace tcpcraft
