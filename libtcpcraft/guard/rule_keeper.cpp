#include <algorithm>
#include <thread>

#include <libtcpcraft/guard/guardian.hpp>

namespace tcpcraft {

namespace {

using Clock = std::chrono::steady_clock;

// The lock may be held, another sweeper may be at work on our rule: go on trying for this long.
constexpr std::chrono::seconds removal_patience{60};
constexpr std::chrono::milliseconds between_attempts{10};

// Whoever holds this name sweeps. Many at once would read the same rules again and again, and get
// in each other's way; one does the work of all who wait.
std::optional<Liveness> take_turn(const Iptables& iptables, RuleTable table) {
    const std::string program = iptables.program();
    return Liveness::take("sweeping-" + program.substr(program.rfind('/') + 1) + "-" +
                          std::string{name_of(table)});
}

// Where somebody is sweeping already there is no need to.
void sweep_in_turn(const Iptables& iptables, RuleTable table) {
    if (const std::optional<Liveness> turn = take_turn(iptables, table)) {
        static_cast<void>(iptables.sweep(table));
    }
}

bool contains(const std::vector<SavedRule>& rules, const std::string& token) {
    return std::any_of(rules.begin(), rules.end(),
                       [&](const SavedRule& rule) { return rule.token == token; });
}

}  // namespace

RuleKeeper::RuleKeeper(RstRule rule, Liveness liveness)
    : rule_{std::move(rule)},
      liveness_{std::move(liveness)},
      iptables_{IptablesVariant::chosen(), rule_.local.family()} {}

Expected<void> RuleKeeper::install() {
    Expected<void> installed = iptables_.insert(rule_);
    if (!installed && says_no_table(installed.error())) {
        rule_.table = RuleTable::filter;
        installed = iptables_.insert(rule_);
        warning_ = "this kernel has no table raw for " + iptables_.program() +
                   ": the rule is in table filter, so a stateful firewall of this host will lose "
                   "sight of the connection (data after a pause of 10 s fails)";
    }
    return installed;
}

Expected<void> RuleKeeper::narrow(const Endpoint& remote) {
    RstRule narrower = rule_;
    narrower.remote = remote;
    if (narrower == rule_) {
        return {};
    }
    if (Expected<void> inserted = iptables_.insert(narrower); !inserted) {
        return inserted;
    }
    packets_before_ += packets_of_the_old_one();
    const RstRule old = std::exchange(rule_, narrower);
    return iptables_.remove(old);
}

// Of the two the new one stands first. It may have counted already, and goes on counting.
std::uint64_t RuleKeeper::packets_of_the_old_one() const {
    const auto rules = iptables_.rules(rule_.table);
    std::vector<std::uint64_t> counts;
    for (const SavedRule& rule : rules.value_or(std::vector<SavedRule>{})) {
        if (rule.token == rule_.token) {
            counts.push_back(rule.packets);
        }
    }
    return counts.size() > 1 ? counts.back() : 0;
}

Expected<std::uint64_t> RuleKeeper::packets() const {
    return iptables_.rules(rule_.table).map([&](const std::vector<SavedRule>& rules) {
        std::uint64_t sum = packets_before_;
        for (const SavedRule& rule : rules) {
            sum += rule.token == rule_.token ? rule.packets : 0;
        }
        return sum;
    });
}

Expected<void> RuleKeeper::standing() const { return iptables_.standing(rule_.table, rule_.token); }

Expected<void> RuleKeeper::remove_if_there() {
    const Expected<std::vector<SavedRule>> rules = iptables_.rules(rule_.table);
    return rules && contains(*rules, rule_.token) ? iptables_.remove(rule_) : Expected<void>{};
}

Expected<bool> RuleKeeper::sweep_with_own() const {
    return iptables_.rules(rule_.table).and_then([&](std::vector<SavedRule> rules) {
        if (!contains(rules, rule_.token)) {
            return Expected<bool>{true};
        }
        return iptables_.sweep(std::move(rules)).map([&](const std::vector<SavedRule>& swept) {
            return contains(swept, rule_.token);
        });
    });
}

Expected<void> RuleKeeper::remove() {
    liveness_.release();
    const Clock::time_point deadline = Clock::now() + removal_patience;
    Error last{{}, "others were removing rules all the time"};
    while (Clock::now() < deadline) {
        if (const std::optional<Liveness> turn = take_turn(iptables_, rule_.table)) {
            const Expected<bool> gone = sweep_with_own();
            if (gone && *gone) {
                return {};
            }
            last = gone ? last : gone.error();
        }
        std::this_thread::sleep_for(between_attempts);
    }
    return failure(last.code, "remove the rule tcpcraft:" + rule_.token + ": " + last.attempt);
}

void RuleKeeper::sweep_own() const { sweep_in_turn(iptables_, RuleTable::raw); }

void RuleKeeper::sweep_others() const {
    const std::string own = iptables_.program();
    for (const IptablesVariant& variant : IptablesVariant::in_use()) {
        for (const Family family : {Family::v4, Family::v6}) {
            if (const Iptables other{variant, family}; other.program() != own) {
                static_cast<void>(other.sweep(RuleTable::raw));
            }
            // A run before us may have known no table raw.
            sweep_in_turn({variant, family}, RuleTable::filter);
        }
    }
}

}  // namespace tcpcraft
