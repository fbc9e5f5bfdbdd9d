#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include <libtcpcraft/base/descriptor.hpp>
#include <libtcpcraft/link/link.hpp>
#include <libtcpcraft/link/raw/filter.hpp>
#include <libtcpcraft/link/raw/packet_tap.hpp>

namespace tcpcraft {

/// Memory shared with the kernel, unmapped at the end.
class Mapping {
public:
    Mapping() noexcept = default;
    Mapping(std::byte* start, std::size_t size) noexcept : start_{start}, size_{size} {}
    Mapping(Mapping&& other) noexcept;
    Mapping& operator=(Mapping&& other) noexcept;
    Mapping(const Mapping&) = delete;
    Mapping& operator=(const Mapping&) = delete;
    ~Mapping();

    [[nodiscard]] std::byte* at(std::size_t offset) const noexcept { return start_ + offset; }

private:
    std::byte* start_{nullptr};
    std::size_t size_{0};
};

/// A PacketTap for many packets: the kernel writes those that arrive into a ring that is shared
/// with it (TPACKET_V2), so that reading them takes no system call and copies nothing. A packet
/// longer than a slot of the ring comes whole all the same, through the socket's queue.
class PacketRing {
public:
    /// The filter is in force before the first packet is let in.
    [[nodiscard]] static Expected<PacketRing> open(const TapPlace& place,
                                                   const FilterProgram& filter);

    [[nodiscard]] int raw() const noexcept { return socket_.raw(); }
    /// Whether the kernel could be asked for timestamps of arrival.
    [[nodiscard]] bool stamped() const noexcept { return stamped_; }
    /// What has come meanwhile, in order, at most a batch; empty when there is nothing. Views end
    /// with the next call, which gives their slots back to the kernel.
    [[nodiscard]] std::span<const Arrival> read(const Alarm& alarm);
    /// Packets dropped for lack of room since the ring was opened.
    [[nodiscard]] std::uint64_t lost() const;

private:
    PacketRing(Descriptor socket, Mapping ring, bool stamped);

    [[nodiscard]] std::byte* slot(std::size_t index) const noexcept;
    void give_back() noexcept;
    [[nodiscard]] bool fetch_whole(Arrival& arrival);

    Descriptor socket_;
    Mapping ring_;
    bool stamped_{false};
    mutable std::uint64_t lost_{0};
    std::size_t next_{0};  ///< slot to be read
    std::size_t held_{0};  ///< slots before it that are still ours
    std::vector<Arrival> arrivals_{};
    std::unique_ptr<std::byte[]> long_;  ///< room for packets that no slot holds
    std::size_t long_used_{0};
};

}  // namespace tcpcraft
