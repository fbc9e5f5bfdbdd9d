#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include <libtcpcraft/base/address.hpp>
#include <libtcpcraft/base/expected.hpp>
#include <libtcpcraft/export.hpp>
#include <libtcpcraft/guard/port_lease.hpp>
#include <libtcpcraft/guard/rst_rule.hpp>

namespace tcpcraft {

/// How the kernel's RSTs are held back.
enum class GuardBackend : std::uint8_t {
    /// A rule of iptables or ip6tables, whichever variant the host has. Needs CAP_NET_ADMIN.
    iptables,
    /// A table of nftables owned by a child process. Needs CAP_NET_ADMIN.
    nft,
    /// No rule: the port lease becomes a mute listener. Needs no privilege of its own.
    socket,
    /// Nothing is held back: the peer will see the kernel's RST.
    none
};

/// `iptables`, `nft`, `socket`, `none`
[[nodiscard]] TCPCRAFT_API std::string_view name_of(GuardBackend backend) noexcept;

/// What is to be guarded.
struct GuardRequest {
    GuardBackend backend{GuardBackend::iptables};  ///< what holds the kernel back
    /// Unspecified: every local address of that family.
    Address local{};
    /// Local ports first..last; last 0: first alone.
    Port first{};
    Port last{};  ///< the last of them, included
    /// Only towards this peer (client role); none: towards anybody (server role).
    std::optional<Endpoint> remote{};
    /// The lease of the port; GuardBackend::socket needs it and mutes it.
    PortLease* lease{nullptr};
    /// By a rule: which one.
    RuleSide side{RuleSide::departures};
};

/// The rule that a request asks for, with the effective uid as owner and an empty token: for
/// --dry-run.
[[nodiscard]] TCPCRAFT_API RstRule rule_of(const GuardRequest& request);

/// Keeps the kernel from answering for us: it has no TCB for a crafted connection and would reset
/// it. In place when raise() returns, gone when lower() returns or the object is destroyed; and
/// within a second of this process's end, however it ends.
///
/// Raise it before starting threads: the iptables backend forks a guardian, a process of its own
/// session that installs the rule and removes it once this process is gone.
class TCPCRAFT_API RstGuard {
public:
    /// Puts it in place. On an error nothing is left behind.
    [[nodiscard]] static Expected<std::unique_ptr<RstGuard>> raise(const GuardRequest& request);

    virtual ~RstGuard() = default;
    RstGuard(const RstGuard&) = delete;
    RstGuard& operator=(const RstGuard&) = delete;

    /// From now on only towards this peer. The new rule is in place before the old one goes.
    [[nodiscard]] virtual Expected<void> narrow(const Endpoint& remote) = 0;
    /// Takes it away. Further calls do nothing.
    [[nodiscard]] virtual Expected<void> lower() = 0;
    /// Whether it still holds the kernel back. The error says what became of it: its rule deleted,
    /// its nft killed.
    [[nodiscard]] virtual Expected<void> standing() { return {}; }
    /// How many of the kernel's RSTs were held back, or of the segments that would have led to
    /// them: the rule's packet counter, as evidence. After
    /// lower(), or when it stands no more, the last value that was seen. None where the backend
    /// cannot count.
    [[nodiscard]] virtual std::optional<std::uint64_t> dropped() = 0;
    /// One line for a person: what is held back, and by what.
    [[nodiscard]] virtual std::string description() const = 0;
    /// What a person should know about it; empty: nothing.
    [[nodiscard]] virtual std::string warning() const { return {}; }

protected:
    RstGuard() = default;
};

}  // namespace tcpcraft
