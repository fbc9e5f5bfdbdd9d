#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <libtcpcraft/drive/fleet.hpp>
#include <libtcpcraft/drive/handshake.hpp>
#include <libtcpcraft/link/fault_link.hpp>
#include <libtcpcraft/sim/sim_host.hpp>
#include <libtcpcraft/sim/sim_network.hpp>
#include <libtcpcraft/trace/sink.hpp>

namespace tcpcraft::test {

/// 192.0.2.LAST or 2001:db8::LAST.
[[nodiscard]] Address test_address(Family family, std::byte last);

/// A segment as a test wants to see it.
struct SeenSegment {
    Direction direction{};
    std::string text{};  ///< in the notation, relative
    State state{};
    State peer_state{};
    std::string fault{};
    bool altered{false};
    bool retransmission{false};
    Instant at{};
    Checksum checksum{};
    std::string note{};
};

/// Keeps what it is told.
class KeepingSink : public TraceSink {
public:
    void write(const Record& record) override;
    std::vector<SeenSegment> segments{};
    std::vector<std::string> states{};  ///< "us CLOSED SYN-SENT"
    std::vector<std::string> notes{};
    std::vector<std::string> timers{};  ///< "set retransmission"
    std::vector<std::string> faults{};
    [[nodiscard]] std::vector<std::string> dialogue() const;  ///< "> S 0:0(0) …", "< S. …"
};

/// A handshake against a simulated host, in either family.
class SimulatedRun {
public:
    explicit SimulatedRun(Family family = Family::v4);

    /// Before run(): what the peer is, what goes wrong.
    SimHostOptions peer{};
    SimNetworkOptions network{};
    std::vector<FaultRule> faults{};
    HandshakeRequest request{};
    ConnectionSetup setup{};
    CraftingRequest lies{};

    /// Client role: until the scenario has ended and nothing more is due for `settle`.
    const Session& run();
    [[nodiscard]] const KeepingSink& seen() const { return sink_; }
    [[nodiscard]] State peer_state() const;
    [[nodiscard]] const Session& session() const { return *fleet_->sessions().front(); }
    [[nodiscard]] HandshakeResult result() const { return judge_handshake(session(), request); }

private:
    KeepingSink sink_{};
    std::unique_ptr<SimNetwork> world_{};
    std::unique_ptr<SimHost> host_{};
    std::unique_ptr<FaultLink> faulty_{};
    std::unique_ptr<Crafting> crafting_{};
    std::unique_ptr<Surroundings> around_{};
    std::unique_ptr<Fleet> fleet_{};
};

}  // namespace tcpcraft::test
