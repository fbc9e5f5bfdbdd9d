#pragma once

#include <cstdint>

namespace tcpcraft {

/// Which way a packet goes, seen from us.
enum class Direction : std::uint8_t { out, in };

}  // namespace tcpcraft
