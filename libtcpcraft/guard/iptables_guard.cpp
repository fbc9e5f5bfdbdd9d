#include <algorithm>

#include <libtcpcraft/guard/backends.hpp>
#include <libtcpcraft/guard/guardian.hpp>

namespace tcpcraft {

namespace {

class IptablesGuard final : public RstGuard {
public:
    IptablesGuard(RstRule rule, Liveness liveness, Guardian::Started started)
        : rule_{std::move(rule)},
          liveness_{std::move(liveness)},
          guardian_{std::move(started.guardian)},
          warning_{std::move(started.warning)} {}

    ~IptablesGuard() override { static_cast<void>(lower()); }
    IptablesGuard(const IptablesGuard&) = delete;
    IptablesGuard& operator=(const IptablesGuard&) = delete;

    Expected<void> narrow(const Endpoint& remote) override;
    Expected<void> lower() override;
    Expected<void> standing() override;
    std::optional<std::uint64_t> dropped() override;
    [[nodiscard]] std::string description() const override;
    [[nodiscard]] std::string warning() const override { return warning_; }

private:
    [[nodiscard]] Expected<void> remove_without_guardian();
    [[nodiscard]] Iptables iptables() const {
        return {IptablesVariant::chosen(), rule_.local.family()};
    }
    /// Where the guardian put the rule: it warns when that is not raw.
    [[nodiscard]] RuleTable table() const noexcept {
        return warning_.empty() ? RuleTable::raw : RuleTable::filter;
    }

    RstRule rule_;
    Liveness liveness_;
    Guardian guardian_;
    std::string warning_;
    std::optional<std::uint64_t> dropped_{};
    bool lowered_{false};
};

Expected<void> IptablesGuard::narrow(const Endpoint& remote) {
    return guardian_.narrow(remote).map([&] { rule_.remote = remote; });
}

Expected<void> IptablesGuard::lower() {
    if (lowered_) {
        return {};
    }
    lowered_ = true;
    // The rule may be swept once neither of us holds its name.
    liveness_.release();
    const Expected<std::uint64_t> last = guardian_.dismiss();
    if (!last) {
        return guardian_.lost() ? remove_without_guardian() : Unexpected<Error>{last.error()};
    }
    dropped_ = *last;
    return {};
}

// Somebody killed the guardian: then it is our work.
Expected<void> IptablesGuard::remove_without_guardian() {
    rule_.table = table();
    return RuleKeeper{rule_, std::move(liveness_)}.remove();
}

Expected<void> IptablesGuard::standing() {
    const auto rules = iptables().rules(table());
    const auto is_ours = [&](const SavedRule& saved) { return saved.token == rule_.token; };
    // Where the rules cannot be read nothing is known against it.
    if (lowered_ || !rules || std::any_of(rules->begin(), rules->end(), is_ours)) {
        return {};
    }
    return failure({}, "somebody deleted its rule tcpcraft:" + rule_.token + " from table " +
                           std::string{name_of(table())});
}

std::optional<std::uint64_t> IptablesGuard::dropped() {
    if (!lowered_) {
        if (const Expected<std::uint64_t> packets = guardian_.packets()) {
            dropped_ = *packets;
        }
    }
    return dropped_;
}

std::string IptablesGuard::description() const {
    return iptables().program() + " drops " + what_is_dropped(rule_) + " (tcpcraft:" + rule_.token +
           ")";
}

}  // namespace

Expected<std::unique_ptr<RstGuard>> raise_iptables_guard(RstRule rule) {
    std::optional<Liveness> liveness = Liveness::take_new();
    if (!liveness) {
        return failure(last_system_error(), "name the firewall rule by an abstract unix socket");
    }
    rule.token = liveness->token();
    return Guardian::start(rule, *liveness).map([&](Guardian::Started started) {
        return std::unique_ptr<RstGuard>{std::make_unique<IptablesGuard>(
            std::move(rule), std::move(*liveness), std::move(started))};
    });
}

}  // namespace tcpcraft
