// A connection of two machines by hand: what another project can do with the installed library.
#include <iostream>

#include <libtcpcraft/engine/advance.hpp>
#include <libtcpcraft/wire/codec.hpp>
#include <libtcpcraft/wire/text.hpp>

int main() {
    using namespace tcpcraft;
    const ConnectionId id{*Endpoint::read("192.0.2.1:40000"), *Endpoint::read("192.0.2.2:80")};
    Actions actions;
    const Tcb tcb = advance(Tcb{}, ActiveOpen{id, Seq{7}, 0, {}}, Instant{}, Policy{}, actions);
    for (const Action& action : actions) {
        if (const auto* sent = std::get_if<Transmit>(&action)) {
            Datagram datagram;
            datagram.ip.source = id.local.address;
            datagram.ip.destination = id.remote.address;
            datagram.segment = sent->segment;
            const auto octets = serialize(datagram);
            const auto parsed = parse(octets);
            std::cout << segment_text(parsed->segment, {Seq{7}, {}}) << '\n';
        }
    }
    std::cout << text(tcb.state) << '\n';
    return tcb.state == State::syn_sent ? 0 : 1;
}
