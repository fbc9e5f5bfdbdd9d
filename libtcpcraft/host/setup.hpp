#pragma once

#include <cstddef>
#include <cstdint>

#include <libtcpcraft/base/address.hpp>
#include <libtcpcraft/base/time.hpp>
#include <libtcpcraft/drive/connection.hpp>
#include <libtcpcraft/engine/policy.hpp>
#include <libtcpcraft/export.hpp>
#include <libtcpcraft/host/host.hpp>
#include <libtcpcraft/wire/options.hpp>

namespace tcpcraft {

/// The largest segment of data that fits an IP packet of `mtu` octets without options
/// (RFC 9293 §3.7.1): 1460 of 1500 octets over IPv4, 1440 over IPv6.
[[nodiscard]] TCPCRAFT_API std::uint16_t mss_of(Family family, std::uint32_t mtu) noexcept;
/// What a SYN of Linux offers: MSS, SACK permitted, timestamps, window scale 7.
[[nodiscard]] TCPCRAFT_API Options usual_syn_options(Family family, std::uint32_t mtu);
/// The RFC's defaults, a SYN with usual_syn_options(), a window of 64240 octets, and a key for
/// initial sequence numbers that has just been drawn.
[[nodiscard]] TCPCRAFT_API Policy usual_policy(Family family, std::uint32_t mtu);
/// The same for connections of this host.
[[nodiscard]] TCPCRAFT_API Policy usual_policy(const Host& host);

/// A connection between these ends: active, an initial sequence number by the policy's key
/// (RFC 6528), a timestamp offset at random.
[[nodiscard]] TCPCRAFT_API ConnectionSetup connection_setup(const ConnectionId& id,
                                                            const Policy& policy, Instant now);
/// The host's connection number `index` (from 0), from its port number `index`. Active towards its
/// peer; passive where it has none.
[[nodiscard]] TCPCRAFT_API ConnectionSetup connection_setup(Host& host, const Policy& policy,
                                                            std::size_t index = 0);

}  // namespace tcpcraft
