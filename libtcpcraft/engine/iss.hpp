#pragma once

#include <libtcpcraft/base/address.hpp>
#include <libtcpcraft/base/time.hpp>
#include <libtcpcraft/engine/policy.hpp>
#include <libtcpcraft/export.hpp>
#include <libtcpcraft/seq/seq.hpp>

namespace tcpcraft {

/// ISN = M + F(local, remote, key) with M a clock of 4 microseconds and F SipHash-2-4 (RFC 6528
/// §3; MUST-8, MUST-9, SHLD-1).
[[nodiscard]] TCPCRAFT_API Seq initial_sequence_number(const ConnectionId& id, const IsnKey& key,
                                                       Instant now) noexcept;

}  // namespace tcpcraft
