#pragma once

#include <string>

#include <tests/support/simulated_run.hpp>
#include <tests/support/teardown_peers.hpp>

#include <libtcpcraft/drive/teardown.hpp>

namespace tcpcraft::test {

enum class Role : std::uint8_t { client, server };  ///< ours

/// One teardown scenario against a simulated host that serves one request, or closes when we do.
class TeardownPlay {
public:
    explicit TeardownPlay(Teardown scenario, Closer first = Closer::us, Role role = Role::client,
                          Family family = Family::v4);

    /// Once: until the scenario has ended.
    TeardownResult against(const TeardownPeer& deviation);

    /// Before against().
    TeardownRequest request{};
    SimHostOptions peer{};
    SimNetworkOptions network{};
    LinkCounters counters{};  ///< of our end: what the capture has lost, and the like
    [[nodiscard]] const KeepingSink& seen() const { return seen_; }

private:
    void open(Fleet& fleet);

    ConnectionId id_{};
    KeepingSink seen_{};
};

}  // namespace tcpcraft::test
