#pragma once

#include <memory>
#include <string>
#include <vector>

#include <tools/cli/fleet_run.hpp>
#include <tools/cli/report.hpp>
#include <tools/cli/world.hpp>
#include <tools/handshake_options.hpp>

#include <libtcpcraft/drive/handshake.hpp>

namespace tcpcraft::cli {

/// What the options say of the machine; the path's MTU decides the MSS.
[[nodiscard]] Policy handshake_policy(const HandshakeOptions& options, Family family,
                                      std::uint32_t mtu);

/// One run of tcp-handshake in a world that is open.
class HandshakeRun {
public:
    HandshakeRun(const HandshakeOptions& options, World& world, Report& report);

    /// Runs to the end and reports; the exit status.
    int run();
    /// The first segment in the notation, as --dry-run shows it.
    [[nodiscard]] std::string first_segment() const;

private:
    [[nodiscard]] std::unique_ptr<Interceptor> make_step();
    void launch();
    void listen();
    [[nodiscard]] Interceptor* interceptor(CraftingRequest lies);
    void finished(Session& session);
    [[nodiscard]] ConnectionSetup setup(std::size_t index) const;
    [[nodiscard]] HandshakeRequest request(const ConnectionSetup& setup) const;
    void tell(const Session& session, const HandshakeResult& result);
    void tell_reply(const Session& session);
    void tell_two_way_cost();
    int conclude();

    const HandshakeOptions& options_;
    World& world_;
    Report& report_;
    Policy policy_{};
    std::unique_ptr<Interceptor> step_{};
    std::vector<std::unique_ptr<Interceptor>> crafting_{};
    HandshakeRequest last_request_{};
    std::size_t launched_{0};
    FleetRun run_;
};

}  // namespace tcpcraft::cli
