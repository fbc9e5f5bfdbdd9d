#pragma once

#include <cstdint>

#include <libtcpcraft/base/expected.hpp>

namespace tcpcraft {

/// Capabilities 0 to 63, one bit each.
using CapabilityBits = std::uint64_t;

[[nodiscard]] constexpr CapabilityBits capability_bit(int capability) noexcept {
    return CapabilityBits{1} << static_cast<unsigned>(capability);
}

/// What the calling thread may do, may still make use of, and may hand on (capabilities(7)).
struct CapabilitySets {
    CapabilityBits effective{0};
    CapabilityBits permitted{0};
    CapabilityBits inheritable{0};

    friend bool operator==(const CapabilitySets&, const CapabilitySets&) = default;
};

[[nodiscard]] Expected<CapabilitySets> read_capabilities();
[[nodiscard]] Expected<void> write_capabilities(const CapabilitySets& sets);

/// Keeps these of the capabilities that there are, and none for programs that are started later.
/// The error says what could not be given up.
[[nodiscard]] Expected<void> keep_capabilities(CapabilityBits wanted);

}  // namespace tcpcraft
