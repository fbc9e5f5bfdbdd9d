#include <optional>

#include <libtcpcraft/guard/command.hpp>
#include <libtcpcraft/guard/iptables.hpp>
#include <libtcpcraft/guard/leftovers.hpp>
#include <libtcpcraft/guard/liveness.hpp>

namespace tcpcraft {

namespace {

bool is_owned(const std::string& token) { return !Liveness::take(token).has_value(); }

std::vector<Iptables> every_iptables() {
    std::vector<Iptables> all;
    for (const IptablesVariant& variant : IptablesVariant::in_use()) {
        all.emplace_back(variant, Family::v4);
        all.emplace_back(variant, Family::v6);
    }
    return all;
}

std::vector<GuardRule> shown_by(const std::string& program, std::vector<SavedRule> rules) {
    std::vector<GuardRule> shown;
    for (SavedRule& rule : rules) {
        const bool owned = is_owned(rule.token);
        shown.push_back({std::move(rule), program, owned});
    }
    return shown;
}

Expected<void> append_rules(const Iptables& iptables, std::vector<GuardRule>& to) {
    for (const RuleTable table : {RuleTable::raw, RuleTable::filter}) {
        Expected<std::vector<SavedRule>> rules = iptables.rules(table);
        if (!rules) {
            return Unexpected<Error>{rules.error()};
        }
        for (GuardRule& rule : shown_by(iptables.program(), std::move(*rules))) {
            to.push_back(std::move(rule));
        }
    }
    return {};
}

// Only a child of a living run can own such a table; its rule is shown, never cleared.
void append_nft_tables(std::vector<GuardRule>& to) {
    const Expected<CommandResult> listed = run_checked({{"nft", "list", "counters"}});
    if (listed) {
        for (GuardRule& rule : shown_by("nft", nft_tables(listed->output))) {
            to.push_back(std::move(rule));
        }
    }
}

Expected<void> clear_table(const Iptables& iptables, RuleTable table, Clear which,
                           std::vector<GuardRule>& cleared) {
    Expected<std::vector<SavedRule>> gone =
        which == Clear::stale ? iptables.sweep(table) : iptables.rules(table);
    if (gone && which == Clear::all) {
        gone = iptables.remove(*gone).map([&] { return std::move(*gone); });
    }
    if (!gone) {
        return Unexpected<Error>{gone.error()};
    }
    for (GuardRule& rule : shown_by(iptables.program(), std::move(*gone))) {
        cleared.push_back(std::move(rule));
    }
    return {};
}

}  // namespace

Expected<std::vector<GuardRule>> list_guard_rules() {
    std::vector<GuardRule> all;
    for (const Iptables& iptables : every_iptables()) {
        if (const Expected<void> listed = append_rules(iptables, all); !listed) {
            return Unexpected<Error>{listed.error()};
        }
    }
    append_nft_tables(all);
    return all;
}

Expected<std::vector<GuardRule>> clear_guard_rules(Clear which) {
    std::vector<GuardRule> cleared;
    for (const Iptables& iptables : every_iptables()) {
        for (const RuleTable table : {RuleTable::raw, RuleTable::filter}) {
            const Expected<void> done = clear_table(iptables, table, which, cleared);
            if (!done) {
                return Unexpected<Error>{done.error()};
            }
        }
    }
    return cleared;
}

}  // namespace tcpcraft
