#pragma once

#include <cstdint>
#include <string>

#include <libtcpcraft/base/address.hpp>

namespace tcpcraft {

/// An ICMP or ICMPv6 error as its header has it.
struct IcmpKind {
    Family family{};
    std::uint8_t type{0};
    std::uint8_t code{0};
    std::uint32_t mtu{0};  ///< of the next hop, where the error is about that
};

/// "destination port unreachable"
[[nodiscard]] std::string icmp_text(const IcmpKind& kind);
/// The same as the word of this host's own kernel, which has found no neighbour on the way to
/// `peer`.
[[nodiscard]] std::string unanswered_text(const IcmpKind& kind, const Address& peer);

/// Hard errors should abort the connection (RFC 9293 §3.9.2.2, SHLD-26; for IPv6 RFC 5927 §5.1).
/// "Fragmentation needed" is not one here: our packets have DF set, and then it is a message about
/// the path's MTU.
[[nodiscard]] bool is_hard(const IcmpKind& kind) noexcept;

}  // namespace tcpcraft
