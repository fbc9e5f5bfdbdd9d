#pragma once

#include <cstddef>
#include <optional>
#include <span>

#include <libtcpcraft/base/address.hpp>

namespace tcpcraft {

/// The source of a packet that may leave as it is. Nothing where the kernel's raw socket would
/// complete or correct its IPv4 header (length, checksum, source, identification) or refuse it, or
/// where it is no IP packet.
[[nodiscard]] std::optional<Address> source_of_finished(std::span<const std::byte> packet) noexcept;

}  // namespace tcpcraft
