#pragma once

#include <cstdint>
#include <string>

#include <sys/types.h>

#include <libtcpcraft/base/expected.hpp>
#include <libtcpcraft/guard/channel.hpp>
#include <libtcpcraft/guard/iptables.hpp>
#include <libtcpcraft/guard/liveness.hpp>
#include <libtcpcraft/guard/rst_rule.hpp>

namespace tcpcraft {

/// A rule in the firewall and what can be done with it. Runs in the guardian.
class RuleKeeper {
public:
    RuleKeeper(RstRule rule, Liveness liveness);

    /// In table raw; in table filter, with a warning, where the kernel has no raw.
    [[nodiscard]] Expected<void> install();
    /// The narrower rule first, then the old one goes.
    [[nodiscard]] Expected<void> narrow(const Endpoint& remote);
    /// Packets that the rule, and the one it took the place of, have held back.
    [[nodiscard]] Expected<std::uint64_t> packets() const;
    /// See Iptables::standing().
    [[nodiscard]] Expected<void> standing() const;
    /// After a failed install(): nothing of ours may stay.
    [[nodiscard]] Expected<void> remove_if_there();
    /// Gives up the name and sweeps until the rule is gone: one transaction deletes the rules of
    /// everybody who is leaving. Two hundred would else each search the whole chain for their own.
    [[nodiscard]] Expected<void> remove();
    /// Deletes what dead runs left in this family and variant.
    void sweep_own() const;
    /// The same in the other family and variants; in table filter everywhere.
    void sweep_others() const;

    [[nodiscard]] const std::string& warning() const noexcept { return warning_; }

private:
    [[nodiscard]] std::uint64_t packets_of_the_old_one() const;
    /// One sweep; whether our rule is gone after it.
    [[nodiscard]] Expected<bool> sweep_with_own() const;

    RstRule rule_;
    Liveness liveness_;
    Iptables iptables_;
    std::string warning_{};
    std::uint64_t packets_before_{0};
};

/// A process of its own that keeps one rule: it installs it, and removes it when it is told to or
/// when the process that started it is gone. Doing both, it can never install after the removal.
class Guardian {
public:
    struct Started;
    /// Forks it; returns when the rule is in place. On an error nothing is left.
    [[nodiscard]] static Expected<Started> start(const RstRule& rule, const Liveness& liveness);

    Guardian(Guardian&& other) noexcept;
    Guardian& operator=(Guardian&&) = delete;
    Guardian(const Guardian&) = delete;
    Guardian& operator=(const Guardian&) = delete;
    /// Leaves it to itself: it finds that we are gone and removes the rule.
    ~Guardian();

    [[nodiscard]] Expected<void> narrow(const Endpoint& remote);
    [[nodiscard]] Expected<std::uint64_t> packets();
    /// What became of the rule, in words; empty: nothing did. An error when it cannot say.
    [[nodiscard]] Expected<std::string> fate_of_the_rule();
    /// Returns when the rule is gone, with the last packets().
    [[nodiscard]] Expected<std::uint64_t> dismiss();
    /// Whether it died before its work was done. Its names and descriptors are free then.
    [[nodiscard]] bool lost() const noexcept { return lost_; }

private:
    Guardian(Channel channel, pid_t process) noexcept
        : channel_{std::move(channel)}, process_{process} {}
    [[nodiscard]] Expected<std::string> ask(const std::string& request);

    Channel channel_;
    pid_t process_;
    bool lost_{false};
};

struct Guardian::Started {
    Guardian guardian;
    std::string warning{};
};

}  // namespace tcpcraft
