#pragma once

#include <optional>
#include <string_view>

#include <libtcpcraft/engine/tcb.hpp>
#include <libtcpcraft/export.hpp>

namespace tcpcraft {

/// What holds of every Tcb that advance() returns: the sentence that does not, or nullopt. Builds
/// with assertions check it after each step.
[[nodiscard]] TCPCRAFT_API std::optional<std::string_view> broken_invariant(
    const Tcb& tcb) noexcept;

}  // namespace tcpcraft
