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

// The guardian looks: we may have given up what that takes.
Expected<void> IptablesGuard::standing() {
    if (lowered_) {
        return {};
    }
    const Expected<std::string> fate = guardian_.fate_of_the_rule();
    if (!fate) {
        return iptables().standing(table(), rule_.token);
    }
    return fate->empty() ? Expected<void>{} : failure({}, *fate);
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
