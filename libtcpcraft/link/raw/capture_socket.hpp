#pragma once

#include <cstdint>
#include <string>

#include <libtcpcraft/base/descriptor.hpp>
#include <libtcpcraft/base/expected.hpp>
#include <libtcpcraft/link/raw/filter.hpp>

namespace tcpcraft {

enum class TapSide : std::uint8_t { arrivals, departures };

/// Where a tap listens.
struct TapPlace {
    std::uint16_t ethertype{0};  ///< ETH_P_IP or ETH_P_IPV6; departures show with ETH_P_ALL only
    std::string interface {};    ///< empty: all of them
    TapSide side{TapSide::arrivals};
};

struct CaptureSocket {
    Descriptor socket{};
    bool stamped{false};  ///< the kernel could be asked for timestamps of arrival
};

/// An AF_PACKET socket that gives packets from their IP header on, and receives nothing yet: the
/// filter is in force before it does.
[[nodiscard]] Expected<CaptureSocket> open_capture_socket(const FilterProgram& filter);
/// Lets packets in.
[[nodiscard]] Expected<void> bind_capture(int fd, const TapPlace& place);
/// Packets dropped for lack of room since the last call.
[[nodiscard]] std::uint64_t newly_lost(int fd) noexcept;

}  // namespace tcpcraft
