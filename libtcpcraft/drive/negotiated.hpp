#pragma once

#include <cstdint>
#include <optional>

#include <libtcpcraft/base/address.hpp>
#include <libtcpcraft/export.hpp>
#include <libtcpcraft/wire/options.hpp>

namespace tcpcraft {

/// What was negotiated and what merely announced (RFC 9293 §3.7.1; RFC 7323; RFC 2018). Unset: not
/// known.
struct Negotiated {
    std::optional<std::uint32_t> mss_send{};     ///< octets we may send: the peer's announcement
    std::optional<std::uint32_t> mss_receive{};  ///< what we announced
    /// Of the windows that the peer sends; unset: none (RFC 7323 §2).
    std::optional<unsigned> window_scale_send{};
    std::optional<unsigned> window_scale_receive{};  ///< of the windows that we send; unset: none
    std::optional<bool> sack{};                      ///< SACK is agreed on (RFC 2018)
    std::optional<bool> timestamps{};                ///< agreed on, or carried
    std::optional<std::uint32_t> window{};           ///< the peer's first window, octets
};

/// From the options of both SYNs and the window of the peer's.
[[nodiscard]] TCPCRAFT_API Negotiated negotiated(const Options& ours, const Options& theirs,
                                                 std::uint16_t window, Family family);

}  // namespace tcpcraft
