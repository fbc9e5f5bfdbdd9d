#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include <libtcpcraft/base/expected.hpp>
#include <libtcpcraft/export.hpp>
#include <libtcpcraft/guard/rst_rule.hpp>

namespace tcpcraft {

/// A rule of ours that is in the host's firewall now.
struct GuardRule {
    SavedRule rule{};  ///< what it rests on: document, section, label
    /// The program that shows it: `iptables`, `ip6tables-legacy`, `nft`, …
    std::string program{};
    /// Whether the run that it belongs to, or its guardian, still lives.
    bool owned{false};
};

/// What came of removing leftovers.
enum class Clear : std::uint8_t {
    /// Only rules whose owner is dead.
    stale,
    /// All of ours, those of living runs too.
    all
};

/// Every rule of ours in this network namespace: IPv4 and IPv6, nf_tables and legacy, nft.
[[nodiscard]] TCPCRAFT_API Expected<std::vector<GuardRule>> list_guard_rules();

/// Deletes rules of ours, and says which.
[[nodiscard]] TCPCRAFT_API Expected<std::vector<GuardRule>> clear_guard_rules(Clear which);

}  // namespace tcpcraft
