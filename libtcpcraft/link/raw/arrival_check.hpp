#pragma once

#include <cstdint>
#include <vector>

#include <libtcpcraft/link/link.hpp>
#include <libtcpcraft/link/raw/capture_scope.hpp>

namespace tcpcraft {

/// Says which of the packets that a filter let through are for a scope: it cannot walk extension
/// headers, and knows neither interfaces nor which addresses are ours.
class ArrivalCheck {
public:
    ArrivalCheck();
    [[nodiscard]] bool accepts(const CaptureScope& scope, const Arrival& arrival) const;

private:
    std::vector<Address> own_;
    std::uint32_t loopback_;
};

}  // namespace tcpcraft
