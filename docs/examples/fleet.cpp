// Many handshakes with one host: consecutive ports, one guard, one capture, one loop. A connection
// is a few numbers in a table (HandshakeFleet); at most 64 are open at a time. Against the
// simulator, or a real host. usage: fleet [COUNT [ADDRESS:PORT]]
#include <cstdlib>
#include <iostream>
#include <memory>

#include <libtcpcraft/drive/handshake_fleet.hpp>
#include <libtcpcraft/host/raw_host.hpp>
#include <libtcpcraft/host/setup.hpp>
#include <libtcpcraft/host/simulation.hpp>
#include <libtcpcraft/trace/tee_sink.hpp>

namespace {

using namespace std::chrono_literals;
using namespace tcpcraft;

Expected<std::unique_ptr<Host>> open_host(std::size_t ports, const char* to) {
    if (to == nullptr) {
        return std::make_unique<Simulation>();
    }
    return Endpoint::read(to).and_then([ports](const Endpoint& remote) {
        return RawHost::open({.remote = remote, .ports = ports})
            .map([](auto host) -> std::unique_ptr<Host> { return host; });
    });
}

HandshakeFleetSetup setup_for(const Host& host) {
    HandshakeFleetSetup setup{.policies = {usual_policy(host)}, .rate = 1000, .in_flight = 64};
    setup.policies[0].time_wait = 100ms;
    return setup;
}

}  // namespace

int main(int argc, char** argv) {
    const std::size_t count = argc > 1 ? std::strtoul(argv[1], nullptr, 10) : 200;
    const auto host = open_host(count, argc > 2 ? argv[2] : nullptr);
    if (!host) {
        std::cerr << host.error().message() << '\n';
        return 4;
    }
    TeeSink nowhere;
    Surroundings around{.link = (*host)->link(), .alarm = (*host)->alarm(), .trace = nowhere};
    HandshakeFleet fleet{around, setup_for(**host)};
    std::size_t begun = 0;
    fleet.start([&]() -> std::optional<HandshakeOrder> {
        if (begun == count) {
            return std::nullopt;
        }
        const ConnectionSetup next = connection_setup(**host, {}, begun);
        return HandshakeOrder{.number = begun++, .id = next.id};
    });
    (*host)->run([&] { return fleet.quiet(); });

    const HandshakeCounts& counts = fleet.counts();
    const std::uint64_t established = counts[HandshakeOutcome::established];
    std::cout << established << " of " << count << " established, "
              << counts[HandshakeOutcome::refused] << " refused; SYN to SYN,ACK at least "
              << seconds(counts.rtt.least().value_or(0s)) * 1000 << " ms, at most "
              << seconds(counts.rtt.most().value_or(0s)) * 1000 << " ms\n";
    return established == count ? 0 : 1;
}
