#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <libtcpcraft/base/expected.hpp>
#include <libtcpcraft/export.hpp>
#include <libtcpcraft/guard/rst_guard.hpp>
#include <libtcpcraft/host/holding.hpp>
#include <libtcpcraft/host/host.hpp>
#include <libtcpcraft/link/fault_rule.hpp>

namespace tcpcraft {

/// How a RawHost works.
struct RawHostOptions {
    GuardBackend guard{GuardBackend::iptables};  ///< what holds back the kernel's RSTs
    /// Receive and send here only; empty: as the routes lead.
    std::string interface {};
    /// Many connections at once: packets in batches, as frames (RingLink).
    bool many{false};
    /// So long after a segment the answer is looked for without rest (RawLinkOptions::wakeful).
    Duration wakeful{};
    std::vector<FaultRule> faults{};  ///< what goes wrong on purpose (FaultLink)
    /// SIGINT, SIGTERM and SIGHUP end run() instead of the process, so that all is undone. False:
    /// they stay the caller's.
    bool heed_signals{true};
    /// Once all is open this process gives up every capability (surrender_privileges()). False: it
    /// may open further hosts.
    bool surrender{false};
};

/// Who is to talk to whom.
struct RawHostRequest {
    /// Client role: the peer. Server role: none.
    std::optional<Endpoint> remote{};
    /// Client role: address and first port to call from; unspecified and 0: the kernel's choice.
    /// Server role: where to listen; the address may be unspecified, the port may not be 0.
    Endpoint local{};
    std::size_t ports{1};      ///< consecutive local ports, one for each connection (client role)
    RawHostOptions options{};  ///< how it works
};

/// This host: privileges checked, ports leased, the guard raised, the capture open, in this order.
/// All is undone in reverse order on destruction.
class TCPCRAFT_API RawHost final : public Host {
public:
    /// For one peer, or as a server. Sends nothing. Errors say what is missing and what would help:
    /// a privilege, a route, a free port, a firewall rule; std::errc::operation_canceled when a
    /// signal came meanwhile.
    [[nodiscard]] static Expected<std::unique_ptr<RawHost>> open(const RawHostRequest& request);
    /// With ports that are held already; `mtu` in octets.
    [[nodiscard]] static Expected<std::unique_ptr<RawHost>> open(Holding hold,
                                                                 const RawHostOptions& options,
                                                                 std::uint32_t mtu = 1500);
    ~RawHost() override;

    [[nodiscard]] Link& link() override;
    [[nodiscard]] Alarm& alarm() override;
    [[nodiscard]] Endpoint local() const override;
    [[nodiscard]] std::optional<Endpoint> remote() const override;
    [[nodiscard]] std::uint32_t mtu() const override;
    [[nodiscard]] std::chrono::system_clock::time_point started_at() const override;
    bool run(const std::function<bool()>& finished) override;
    [[nodiscard]] int descriptor() override;
    bool turn() override;
    [[nodiscard]] std::vector<Note> evidence() override;

    /// The same, but a first signal only calls `interrupted`, once, also when it came before: what
    /// there is can be brought to its end. A second one leaves the loop.
    bool run(const std::function<bool()>& finished, const std::function<void()>& interrupted);
    /// What is held.
    [[nodiscard]] const Holding& holding() const noexcept;
    /// Server role: the guard of this connection's family holds towards this peer only, from now.
    [[nodiscard]] Expected<void> narrow(const ConnectionId& id);
    /// One line for each guard: what is held back, and by what.
    [[nodiscard]] std::vector<std::string> guarded() const;
    /// What a person should know of the guards before anything is sent; empty: nothing.
    [[nodiscard]] std::vector<std::string> warnings() const;
    /// Called by the loop, again and again, while `descriptor` can be read; it stays the caller's.
    [[nodiscard]] Expected<void> watch(int descriptor, std::function<void()> readable);

private:
    struct State;
    explicit RawHost(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace tcpcraft
