#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <libtcpcraft/export.hpp>

namespace tcpcraft {

/// A UTF-8 text as lines of at most `width` columns (0 counts as 1). Breaks at blanks, a list in <>
/// behind its commas, else anywhere; newlines are kept. Never an empty list.
[[nodiscard]] TCPCRAFT_API std::vector<std::string> wrapped(std::string_view text,
                                                            std::size_t width);

}  // namespace tcpcraft
