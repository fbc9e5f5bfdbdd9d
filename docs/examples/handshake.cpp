// A handshake over a raw socket, and the end of the connection. Everything that RawHost takes hold
// of (a port, a firewall rule against the kernel's RSTs, a capture) is given back at the end of
// main(). Needs CAP_NET_RAW and CAP_NET_ADMIN. usage: handshake ADDRESS:PORT
#include <iostream>

#include <libtcpcraft/host/dialogue.hpp>
#include <libtcpcraft/host/raw_host.hpp>
#include <libtcpcraft/trace/lines_sink.hpp>

int main(int argc, char** argv) {
    const auto server = tcpcraft::Endpoint::read(argc > 1 ? argv[1] : "");
    const auto host = server.and_then(
        [](const auto& remote) { return tcpcraft::RawHost::open({.remote = remote}); });
    if (!host) {
        std::cerr << host.error().message() << '\n';
        return 4;
    }
    tcpcraft::LinesSink lines{std::cout, {}};
    tcpcraft::Dialogue dialogue{**host, lines};
    const auto done = dialogue.open().and_then([&] { return dialogue.close(); });
    if (!done) {
        std::cerr << done.error().message() << '\n';
        return 3;
    }
}
