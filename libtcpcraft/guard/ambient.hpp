#pragma once

#include <libtcpcraft/guard/capability_sets.hpp>

namespace tcpcraft {

/// While it lives, programs started by this thread keep those of the wanted capabilities that this
/// process has as file capabilities: an exec would drop them otherwise. Does nothing for root.
class AmbientCapabilities {
public:
    explicit AmbientCapabilities(CapabilityBits wanted) noexcept;
    ~AmbientCapabilities();
    AmbientCapabilities(const AmbientCapabilities&) = delete;
    AmbientCapabilities& operator=(const AmbientCapabilities&) = delete;

private:
    CapabilityBits raised_{0};
    CapabilityBits inheritable_before_{0};
};

}  // namespace tcpcraft
