#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace tcpcraft::cells {

// What the cells bring about, as Markdown. Only the machine says what happens; the cells say only
// what is tried.

/// Mermaid's state diagram of all transitions but the abrupt ends, each with its rules.
[[nodiscard]] std::string state_diagram();
/// The rules that end a connection abruptly, and where they do.
[[nodiscard]] std::string abrupt_ends();
/// States across, events down, a few letters in each place.
[[nodiscard]] std::string overview();
/// One table for each state, one row for each cell.
[[nodiscard]] std::string tables();

/// `page` with the parts between `<!-- generated: NAME -->` and `<!-- end -->` drawn anew; nullopt
/// when a part is missing.
[[nodiscard]] std::optional<std::string> drawn_anew(std::string_view page);

}  // namespace tcpcraft::cells
