// Segment by segment: what leaves is said, what comes is expected. Numbers count from the two
// initial sequence numbers. The last segment is one that no honest TCP sends: a SYN within the
// connection, which is answered with a challenge ACK (RFC 9293 §3.10.7.4, fourth check).
// Against the simulator, or a real host. usage: patterns [ADDRESS:PORT]
#include <iostream>
#include <memory>

#include <libtcpcraft/host/dialogue.hpp>
#include <libtcpcraft/host/raw_host.hpp>
#include <libtcpcraft/host/simulation.hpp>
#include <libtcpcraft/trace/ladder_sink.hpp>

namespace {

using namespace std::chrono_literals;
using namespace tcpcraft;

Expected<std::unique_ptr<Host>> open_host(int argc, char** argv) {
    if (argc < 2) {
        return std::make_unique<Simulation>();
    }
    return Endpoint::read(argv[1]).and_then([](const Endpoint& remote) {
        return RawHost::open({.remote = remote}).map([](auto host) -> std::unique_ptr<Host> {
            return host;
        });
    });
}

Expected<void> talk(Dialogue& dialogue) {
    if (const auto sent = dialogue.begin(); !sent) {
        return sent;
    }
    const auto syn_ack = dialogue.expect("S. 0:0(0) ack 1 <...>", 1s);
    if (!syn_ack) {
        return Unexpected<Error>{syn_ack.error()};
    }
    std::cout << "the peer's SYN,ACK offers a window of " << syn_ack->segment.wnd << '\n';
    return dialogue.until(State::established)
        .and_then([&] { return dialogue.craft("S 1:1(0) <...>", "a SYN where none belongs"); })
        .and_then([&] { return dialogue.expect(". 1:1(0) ack 1 <...>", 1s); })
        .and_then([&](const SeenSegment&) { return dialogue.expect_silence(300ms); });
}

}  // namespace

int main(int argc, char** argv) {
    const auto host = open_host(argc, argv);
    if (!host) {
        std::cerr << host.error().message() << '\n';
        return 4;
    }
    LadderSink ladder{std::cout, {}};
    Dialogue dialogue{**host, ladder};
    if (const auto talked = talk(dialogue); !talked) {
        std::cerr << talked.error().message() << '\n';
        return 1;
    }
    dialogue.abort();
}
