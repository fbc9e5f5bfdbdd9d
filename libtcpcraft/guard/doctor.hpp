#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <libtcpcraft/export.hpp>
#include <libtcpcraft/guard/privilege.hpp>

namespace tcpcraft {

/// One thing about this host that crafted connections depend on.
struct Check {
    /// `capabilities`, `users`, `iptables`, `ip6tables`, `xtables-lock`, `nft`, `rp-filter`,
    /// `offload`, `conntrack`, `namespaces`, `leftover-rules`
    std::string check{};
    bool ok{false};  ///< nothing is wrong
    /// What was found.
    std::string detail{};
    /// The exact command (or package) that changes it; empty: nothing to change. An ok check may
    /// have one too: what one could choose otherwise.
    std::string fix{};
};

/// Every check of this host, in the order of the list above. Raises a guard of each kind for a
/// moment where the privileges allow it; otherwise changes nothing.
[[nodiscard]] TCPCRAFT_API std::vector<Check> examine_host();

/// Single checks, on another /proc where that makes them testable.
[[nodiscard]] TCPCRAFT_API Check check_capabilities(const Privileges& have,
                                                    const std::string& program);
/// Who may use the tools without being root, and why capabilities of the file came to nothing.
[[nodiscard]] TCPCRAFT_API Check check_users(const Privileges& have, const ProgramFile& file);
/// Whether reverse path filtering may drop what arrives.
[[nodiscard]] TCPCRAFT_API Check check_rp_filter(const std::filesystem::path& proc = "/proc");
/// Whether connection tracking may meddle.
[[nodiscard]] TCPCRAFT_API Check check_conntrack(const std::filesystem::path& proc = "/proc");
/// Whether an ordinary user may make network namespaces.
[[nodiscard]] TCPCRAFT_API Check check_namespaces(const std::filesystem::path& proc = "/proc");
/// Whether checksums are left to hardware.
[[nodiscard]] TCPCRAFT_API Check check_offload();
/// Whether another program holds the lock of iptables.
[[nodiscard]] TCPCRAFT_API Check check_xtables_lock();
/// Whether an earlier run has left rules behind.
[[nodiscard]] TCPCRAFT_API Check check_leftover_rules(const Privileges& have);
/// Whether a rule of iptables can be made and taken away, in this family.
[[nodiscard]] TCPCRAFT_API Check check_iptables(const Privileges& have, Family family);
/// Whether a table of nftables can be made and taken away.
[[nodiscard]] TCPCRAFT_API Check check_nft(const Privileges& have);

}  // namespace tcpcraft
