#pragma once

#include <functional>
#include <vector>

#include <tests/support/keep_alive_peers.hpp>
#include <tests/support/simulated_run.hpp>
#include <tests/support/teardown_play.hpp>

#include <libtcpcraft/drive/keep_alive.hpp>
#include <libtcpcraft/drive/keep_alive_matrix.hpp>

namespace tcpcraft::test {

/// One connection of keep-alive against a simulated host that takes what it gets, in either role
/// and family. Each call is a run of its own.
class KeepAlivePlay {
public:
    KeepAlivePlay(Family family, Role role);

    [[nodiscard]] KeepAliveProbeResult probe(const TeardownPeer& deviation);
    [[nodiscard]] LearnResult learn(const TeardownPeer& deviation);
    [[nodiscard]] std::vector<MatrixCell> matrix(MatrixSituation situation,
                                                 const TeardownPeer& deviation);

    /// Before a run.
    KeepAliveProbeRequest asked{};
    LearnRequest learning{};
    MatrixRequest matrix_asked{};
    Policy ours{};
    SimHostOptions peer{};
    std::function<void(IpHeader&)> answering_header{};  ///< of what the deviation answers itself

private:
    template <typename Judge>
    auto play(const Scenario& scenario, const Policy& policy, const TeardownPeer& deviation,
              Judge judge);

    Role role_;
    ConnectionId id_{};
};

}  // namespace tcpcraft::test
