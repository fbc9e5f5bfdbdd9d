#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <libtcpcraft/drive/answer.hpp>
#include <libtcpcraft/export.hpp>

namespace tcpcraft {

/// Who sent a RST.
enum class ResetSender : std::uint8_t { unknown, peer, path };
/// `unknown`, `peer`, `path`
[[nodiscard]] TCPCRAFT_API std::string_view text(ResetSender sender) noexcept;

/// Who sent a RST that bears the peer's address, and what speaks for it.
struct ResetOrigin {
    ResetSender sender{};                 ///< who sent it
    std::vector<std::string> evidence{};  ///< a clause each
    /// All of it in a line.
    [[nodiscard]] TCPCRAFT_API std::string why() const;
};

/// Compares a RST with what `seen` has of the peer before it: the hops that its TTL (hop limit)
/// has left behind, its timestamp beside the peer's clock (RFC 7323 §3.2), its IPv4 identification
/// beside the peer's count. A box that borrows all of these from the peer is taken for it; one hop
/// less or more is not.
[[nodiscard]] TCPCRAFT_API ResetOrigin origin_of(const Sighting& reset,
                                                 std::span<const Sighting> seen);

}  // namespace tcpcraft
