#pragma once

#include <cstdint>

namespace tcpcraft {

/// While it lives, programs started by this thread keep the CAP_NET_ADMIN and CAP_NET_RAW that this
/// process has as file capabilities: an exec would drop them otherwise. Does nothing for root.
class AmbientCapabilities {
public:
    AmbientCapabilities() noexcept;
    ~AmbientCapabilities();
    AmbientCapabilities(const AmbientCapabilities&) = delete;
    AmbientCapabilities& operator=(const AmbientCapabilities&) = delete;

private:
    std::uint32_t raised_{0};
    std::uint32_t inheritable_before_{0};
};

}  // namespace tcpcraft
