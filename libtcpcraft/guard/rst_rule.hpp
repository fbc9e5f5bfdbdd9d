#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <libtcpcraft/base/address.hpp>
#include <libtcpcraft/export.hpp>

namespace tcpcraft {

/// The netfilter table a rule is in. `raw` comes before connection tracking, so that a stateful
/// host firewall keeps its entry for the connection; `filter` is the makeshift where there is none.
enum class RuleTable : std::uint8_t { raw, filter };
/// Where the kernel is kept out. `departures`: its RSTs are dropped as they leave, and whatever it
/// does with a segment before that it does. `arrivals`: it never sees the segments of the ports at
/// all, which costs less, and has nothing to answer; but connection tracking does not see them
/// either, so this is for packets that leave past netfilter as well (RingLink).
enum class RuleSide : std::uint8_t { departures, arrivals };
/// What is done with a rule.
enum class RuleVerb : std::uint8_t { insert, remove };

/// `raw`, `filter`
[[nodiscard]] TCPCRAFT_API std::string_view name_of(RuleTable table) noexcept;

/// One rule that keeps the kernel's RSTs of a crafted connection from leaving: outgoing RSTs from a
/// local address and range of ports, optionally to one peer only, unless they come from a socket
/// of the owner; or, on the side of arrivals, all segments for these ports. The kernel's own RSTs
/// belong to no user, so the owner's pass and the kernel's do not.
struct RstRule {
    /// Unspecified: any local address of that family.
    Address local{};
    /// Only towards this peer; its port 0: any port.
    std::optional<Endpoint> remote{};
    /// Local ports first..last, both included.
    Port first{};
    Port last{};  ///< the last of them, included
    /// The uid whose RSTs pass: the effective uid when the raw socket was made.
    std::uint32_t owner{0};
    /// Sixteen hexadecimal digits: names the run that the rule belongs to.
    std::string token{};
    RuleTable table{RuleTable::raw};      ///< of netfilter
    RuleSide side{RuleSide::departures};  ///< where the kernel is kept out

    friend bool operator==(const RstRule&, const RstRule&) = default;
};

/// `RST from 192.0.2.1:40000 to 198.51.100.7:80`, `all for 192.0.2.1:2048-4095`
[[nodiscard]] TCPCRAFT_API std::string text(const RstRule& rule);

/// The same with what is excepted: `RST from 192.0.2.1:40000 that uid 0 did not send`
[[nodiscard]] TCPCRAFT_API std::string what_is_dropped(const RstRule& rule);

/// What follows the program's name; the same for iptables and ip6tables.
[[nodiscard]] TCPCRAFT_API std::vector<std::string> iptables_arguments(const RstRule& rule,
                                                                       RuleVerb verb);

/// The nftables table that holds this rule: `tcpcraft-TOKEN`.
[[nodiscard]] TCPCRAFT_API std::string nft_table(const RstRule& rule);
/// One line for `nft -i` that makes the table, owned by that process, with the rule in it.
[[nodiscard]] TCPCRAFT_API std::string nft_create(const RstRule& rule);
/// One line, one transaction: the rule takes the place of the one in the table; the counter goes
/// on.
[[nodiscard]] TCPCRAFT_API std::string nft_replace(const RstRule& rule);
/// The packet counter in what `nft list counters table inet TABLE` prints.
[[nodiscard]] TCPCRAFT_API std::optional<std::uint64_t> nft_packets(std::string_view listing);

/// A rule of ours as `iptables-save -c` shows it.
struct SavedRule {
    std::string table{};       ///< of netfilter
    std::string token{};       ///< the caller's; comes back in reports
    std::uint64_t packets{0};  ///< that the rule has met
    /// Without its counters: `-A OUTPUT -s …`
    std::string line{};

    friend bool operator==(const SavedRule&, const SavedRule&) = default;
};

/// Our rules among everything that `iptables-save -c` (or without -c) printed.
[[nodiscard]] TCPCRAFT_API std::vector<SavedRule> saved_rules(std::string_view saved);

/// Our tables among what `nft list counters` printed.
[[nodiscard]] TCPCRAFT_API std::vector<SavedRule> nft_tables(std::string_view listing);

/// Input for `iptables-restore -n` that deletes these rules, and nothing else, in one transaction.
[[nodiscard]] TCPCRAFT_API std::string restore_input_deleting(const std::vector<SavedRule>& rules);

}  // namespace tcpcraft
