#pragma once

#include <string>
#include <vector>

#include <libtcpcraft/base/address.hpp>
#include <libtcpcraft/base/expected.hpp>
#include <libtcpcraft/guard/rst_rule.hpp>

namespace tcpcraft {

/// What iptables and ip6tables are called on this host; `-legacy` and `-nft` name the variants.
/// Rules are visible only to the variant that made them.
struct IptablesVariant {
    std::string folder{};
    std::string suffix{};

    /// The default, or as TCPCRAFT_IPTABLES says (`iptables-legacy`, a path).
    [[nodiscard]] static IptablesVariant chosen();
    /// Whether it speaks to the kernel in the old way, which takes a raw socket and root's lock.
    [[nodiscard]] bool is_legacy() const;
    /// From a program's name or path.
    [[nodiscard]] static IptablesVariant of(const std::string& program);
    /// The default and, where the kernel holds rules that it does not show, the other one.
    [[nodiscard]] static std::vector<IptablesVariant> in_use();
};

/// One family of one variant, and our rules in it.
class Iptables {
public:
    Iptables(IptablesVariant variant, Family family) noexcept
        : variant_{std::move(variant)}, family_{family} {}

    /// `iptables`, `ip6tables-legacy`, …
    [[nodiscard]] std::string program() const;

    [[nodiscard]] Expected<void> insert(const RstRule& rule) const;
    /// Deletes the rule, by its text.
    [[nodiscard]] Expected<void> remove(const RstRule& rule) const;
    /// Our rules in a table; none where the table does not exist.
    [[nodiscard]] Expected<std::vector<SavedRule>> rules(RuleTable table) const;
    /// An error when there is no rule of that token: somebody deleted it. Where the rules cannot be
    /// read nothing is known against it.
    [[nodiscard]] Expected<void> standing(RuleTable table, const std::string& token) const;
    /// Deletes all of them in one transaction.
    [[nodiscard]] Expected<void> remove(const std::vector<SavedRule>& rules) const;
    /// Deletes the rules of a table whose owners are dead; says which.
    [[nodiscard]] Expected<std::vector<SavedRule>> sweep(RuleTable table) const;
    /// The same among rules just read.
    [[nodiscard]] Expected<std::vector<SavedRule>> sweep(std::vector<SavedRule> found) const;

private:
    [[nodiscard]] bool table_exists(RuleTable table) const;

    IptablesVariant variant_;
    Family family_;
};

/// Whether an error of insert() says that the kernel has no such table.
[[nodiscard]] bool says_no_table(const Error& error);

}  // namespace tcpcraft
