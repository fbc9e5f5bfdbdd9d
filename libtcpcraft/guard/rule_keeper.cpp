#include <algorithm>
#include <thread>

#include <libtcpcraft/guard/guardian.hpp>

namespace tcpcraft {

namespace {

using Clock = std::chrono::steady_clock;

// The lock may be held, another sweeper may be at work on our rule: go on trying for this long.
constexpr std::chrono::seconds removal_patience{60};
constexpr std::chrono::milliseconds between_attempts{5};

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
    // The new rule stands before the old one and counts from now on.
    packets_before_ = packets().value_or(packets_before_);
    const RstRule old = std::exchange(rule_, narrower);
    return iptables_.remove(old);
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

Expected<bool> RuleKeeper::still_there() const {
    return iptables_.rules(rule_.table).map([&](const std::vector<SavedRule>& rules) {
        return std::any_of(rules.begin(), rules.end(),
                           [&](const SavedRule& rule) { return rule.token == rule_.token; });
    });
}

Expected<void> RuleKeeper::remove_if_there() {
    const Expected<bool> there = still_there();
    return there && *there ? iptables_.remove(rule_) : Expected<void>{};
}

Expected<void> RuleKeeper::remove() {
    // One transaction deletes the rules of everybody who is leaving: two hundred that end at once
    // would else each search the whole chain for their own.
    liveness_.release();
    const Clock::time_point deadline = Clock::now() + removal_patience;
    for (;;) {
        const auto swept = iptables_.sweep(rule_.table);
        const bool own = swept && std::any_of(swept->begin(), swept->end(), [&](const auto& rule) {
                             return rule.token == rule_.token;
                         });
        if (own) {
            return {};
        }
        const Expected<bool> there = still_there();
        if (there && !*there) {
            return {};
        }
        if (Clock::now() > deadline) {
            return swept ? failure({}, "the rule of " + rule_.token + " could not be removed")
                         : Unexpected<Error>{swept.error()};
        }
        std::this_thread::sleep_for(between_attempts);
    }
}

void RuleKeeper::sweep_own() const { static_cast<void>(iptables_.sweep(RuleTable::raw)); }

void RuleKeeper::sweep_others() const {
    const std::string own = iptables_.program();
    for (const IptablesVariant& variant : IptablesVariant::in_use()) {
        for (const Family family : {Family::v4, Family::v6}) {
            if (const Iptables other{variant, family}; other.program() != own) {
                static_cast<void>(other.sweep(RuleTable::raw));
            }
        }
    }
}

}  // namespace tcpcraft
