#pragma once

#include <string>
#include <string_view>

#include <libtcpcraft/base/expected.hpp>
#include <libtcpcraft/base/time.hpp>
#include <libtcpcraft/drive/scenario.hpp>
#include <libtcpcraft/export.hpp>
#include <libtcpcraft/wire/text.hpp>

namespace tcpcraft {

// Steps from the notation (docs/notation.md). Errors: std::errc::invalid_argument, with the place.

/// ExpectSegment: numbers count from the two ISNs, the length in parentheses must be that of the
/// payload, whose octets do not matter. `<...>` stands for any options, none at all for no options.
[[nodiscard]] TCPCRAFT_API Expected<Step> expecting(std::string_view segment, Duration within);
/// Craft: numbers count from `origin`; a positive length sends so many zero octets. What the text
/// leaves out is as an honest TCP would have it.
[[nodiscard]] TCPCRAFT_API Expected<Step> crafted(std::string_view segment, SeqOrigin origin,
                                                  std::string note = {});

}  // namespace tcpcraft
