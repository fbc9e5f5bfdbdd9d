#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include <libtcpcraft/wire/options.hpp>

namespace tcpcraft::cli {

/// Raw option octets, two digits each, blanks, colons and commas between them allowed. None: not
/// that, or more than the 40 octets that a header holds.
[[nodiscard]] std::optional<Options> read_options_hex(std::string_view text);

/// The TTL or hop limit that a system starts from (--like).
[[nodiscard]] std::uint8_t hop_limit_like(std::string_view system) noexcept;

}  // namespace tcpcraft::cli
