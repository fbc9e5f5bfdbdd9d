#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <tools/cli/options.hpp>

#include <libtcpcraft/base/address.hpp>
#include <libtcpcraft/base/expected.hpp>
#include <libtcpcraft/engine/policy.hpp>
#include <libtcpcraft/link/alarm.hpp>
#include <libtcpcraft/link/link.hpp>
#include <libtcpcraft/sim/forgetful_path.hpp>
#include <libtcpcraft/sim/sim_host.hpp>
#include <libtcpcraft/trace/record.hpp>

namespace tcpcraft::cli {

/// Where connections to many targets begin: consecutive local ports of one address.
struct Origin {
    Address source{};  ///< this host's
    std::size_t ports{1};
    bool by_frames{false};  ///< every route from there leads over an Ethernet
};

/// What a run is to reach; everything that can be derived is.
struct WorldRequest {
    CommonOptions options{};
    /// Client role, many targets: what of this host to hold, in place of one target. With
    /// --simulate there is a host at each address of simulated_peers, with these ports open.
    std::vector<Origin> origins{};
    std::vector<Endpoint> simulated_peers{};
    std::size_t ports{1};  ///< consecutive local ports (client role)
    /// Many connections at once: packets in batches, with our own clock's departure times, past the
    /// rules of this host's own firewall (RingLink) rather than one by one (RawLink).
    bool many{false};
    /// The answer to a segment of ours is looked for without rest for a moment, as it is the very
    /// thing that is waited for. Not for those who mostly wait, nor for many connections.
    bool wakeful{false};
    /// For --simulate; addresses, listening ports and the active open are filled in.
    std::optional<SimHostOptions> simulated_peer{};
    std::optional<ForgetfulPathOptions> simulated_path{};  ///< in between
    bool simulated_peer_refuses{false};                    ///< nothing listens there
    bool simulated_peer_opens{false};                      ///< it connects to us
    std::uint16_t simulated_clients{1};                    ///< so often, when it does
    /// Others at the far end in place of a peer; they live as long as the world.
    std::function<std::shared_ptr<void>(Link& far, Alarm& alarm, const Endpoint& local)>
        simulated_others{};
};

/// As many simulated clients as a server takes; of one that takes any number (0) one is enough.
[[nodiscard]] std::uint16_t simulated_clients_for(const PeerOptions& server);

/// Where a run takes place: this host (privileges checked, port leased, guard raised, capture
/// open, in this order) or the simulator. Everything is undone in reverse order on destruction.
class World {
public:
    /// Errors are of the environment (exit status 4), unless a flag says otherwise.
    struct Failure {
        Error error{};
        bool usage{false};        ///< exit status 2
        bool interrupted{false};  ///< by a signal; all is undone again: exit status 130
    };
    [[nodiscard]] static tl::expected<std::unique_ptr<World>, Failure> open(
        const WorldRequest& request);
    virtual ~World() = default;

    [[nodiscard]] virtual Link& link() = 0;  ///< with the fault rules around it
    [[nodiscard]] virtual Alarm& alarm() = 0;
    /// Local side: address, first port. In the server role the address may be unspecified.
    [[nodiscard]] virtual Endpoint local() const = 0;
    /// Many targets: address and first port of each origin that was requested, in that order.
    [[nodiscard]] virtual std::vector<Endpoint> origins() const { return {}; }
    /// The peer; unspecified in the server role and with many targets.
    [[nodiscard]] virtual Endpoint remote() const = 0;
    [[nodiscard]] virtual std::uint32_t mtu() const = 0;
    /// `10.0.0.1:80 (example.org)`, `listening on :8080`
    [[nodiscard]] virtual std::string target_text() const = 0;
    /// The wall clock when the alarm's was zero.
    [[nodiscard]] virtual std::chrono::system_clock::time_point started_at() const = 0;
    /// Runs the loop until `finished`, or until interrupted: SIGINT, SIGTERM and SIGHUP call
    /// `interrupted` once; a second one leaves the loop at once. So does a simulation in which
    /// nothing can happen any more.
    virtual void run(const std::function<bool()>& finished,
                     const std::function<void()>& interrupted) = 0;
    /// Server role with --accept 1: the guard's rule narrowed to this peer.
    virtual void narrow(const ConnectionId& id) = 0;
    /// Notes about the guard and the capture for the end of the run: RSTs that were held back,
    /// that escaped, packets that the capture lost.
    [[nodiscard]] virtual std::vector<Note> evidence() = 0;
    /// --dry-run: the firewall rule and the route, as they would be.
    [[nodiscard]] virtual std::vector<std::string> plan() const = 0;
    /// The simulated peer, null on a real host.
    [[nodiscard]] virtual SimHost* simulated_peer() { return nullptr; }
    /// Called by the loop when a descriptor (standard input) can be read.
    virtual void watch(int descriptor, std::function<void()> readable) = 0;
};

}  // namespace tcpcraft::cli
