#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include <libtcpcraft/export.hpp>

namespace tcpcraft {

/// --color
enum class ColourWhen : std::uint8_t { automatic, always, off };

/// Automatic: on a terminal that is not dumb, unless NO_COLOR is set and not empty.
[[nodiscard]] TCPCRAFT_API bool wants_colour(ColourWhen when, int descriptor);
/// By LC_ALL, LC_CTYPE, LANG, the first of them that is set and not empty.
[[nodiscard]] TCPCRAFT_API bool locale_is_utf8();
/// Columns of the terminal behind a descriptor; else COLUMNS; else 80.
[[nodiscard]] TCPCRAFT_API std::size_t terminal_width(int descriptor);

}  // namespace tcpcraft
