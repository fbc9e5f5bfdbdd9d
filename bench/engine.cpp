// What the machine itself costs: the steps of a client's handshake, from octets to octets, and a
// keep-alive probe with its answer. Nobody else has such a machine, so these rows have no peer.
#include <array>
#include <cstdlib>

#include <bench/bench.hpp>

#include <libtcpcraft/engine/advance.hpp>
#include <libtcpcraft/wire/codec.hpp>

namespace {

using namespace tcpcraft;

/// A client and the answers of a server that never thinks.
class Client {
public:
    explicit Client(Family family) {
        const bool v4 = family == Family::v4;
        id_ = {Endpoint::read(v4 ? "192.0.2.1:4000" : "[2001:db8::1]:4000").value(),
               Endpoint::read(v4 ? "192.0.2.2:80" : "[2001:db8::2]:80").value()};
        policy_.syn_options = {MaximumSegmentSize{1460}, SackPermitted{}, Timestamps{},
                               NoOperation{}, WindowScale{7}};
    }

    void open() { step(ActiveOpen{.id = id_}); }
    /// The SYN,ACK as octets; ours is the one that reads it.
    void syn_ack() {
        Datagram made = answer();
        made.segment.flags = {Flag::syn, Flag::ack};
        made.segment.seq = server_;
        made.segment.options = {MaximumSegmentSize{1460}, SackPermitted{}, Timestamps{1, 1},
                                NoOperation{}, WindowScale{7}};
        arriving_ = serialize_into(answer_, made);
    }
    void ack() {
        Datagram made = answer();
        made.segment.flags = {Flag::ack};
        made.segment.seq = server_ + 1;
        made.segment.options = {NoOperation{}, NoOperation{}, Timestamps{1, 1}};
        arriving_ = serialize_into(answer_, made);
    }
    void arrive() {
        const auto packet = parse(arriving_);
        step(SegmentArrives{packet->segment, packet->ip.source, packet->ip.destination});
    }
    void abort() { step(Abort{}); }
    void probe() { step(ProbeKeepAlive{}); }

    [[nodiscard]] State state() const { return tcb_.state; }
    [[nodiscard]] std::size_t written() const { return written_; }

private:
    Datagram answer() {
        Datagram made;
        made.ip.source = id_.remote.address;
        made.ip.destination = id_.local.address;
        made.segment.source = id_.remote.port;
        made.segment.destination = id_.local.port;
        made.segment.ack = tcb_.snd.nxt;
        made.segment.wnd = 64240;
        return made;
    }
    void step(const Event& event) {
        actions_.clear();
        now_ += std::chrono::milliseconds{1};
        tcb_ = advance(std::move(tcb_), event, now_, policy_, actions_);
        for (const Action& action : actions_) {
            if (const auto* transmit = std::get_if<Transmit>(&action)) {
                Datagram made;
                made.ip.source = id_.local.address;
                made.ip.destination = id_.remote.address;
                made.segment = transmit->segment;
                written_ += serialize_into(room_, made).size();
            }
        }
        benchmark::ClobberMemory();
    }

    ConnectionId id_{};
    Policy policy_{};
    Tcb tcb_{};
    Actions actions_{};
    Instant now_{std::chrono::seconds{1}};
    Seq server_{77};
    std::array<std::byte, 128> room_{};
    std::array<std::byte, 128> answer_{};
    std::span<const std::byte> arriving_{};
    std::size_t written_{0};
};

/// The server's half is in the figure, too: it is written by the same functions.
void handshakes(benchmark::State& state, Family family) {
    Client client{family};
    for ([[maybe_unused]] auto _ : state) {
        client.open();
        client.syn_ack();
        client.arrive();
        client.abort();
    }
    benchmark::DoNotOptimize(client.written());
}

void probes(benchmark::State& state, Family family) {
    Client client{family};
    client.open();
    client.syn_ack();
    client.arrive();
    for ([[maybe_unused]] auto _ : state) {
        client.probe();
        client.ack();
        client.arrive();
    }
    benchmark::DoNotOptimize(client.written());
}

std::string handshake_fails(Family family) {
    Client client{family};
    client.open();
    client.syn_ack();
    client.arrive();
    const bool opened = client.state() == State::established;
    client.abort();
    return opened && client.state() == State::closed ? "" : "the client does not get through it";
}

}  // namespace

void prepare_bench() {
    using namespace tcpcraft::bench;
    for (const Family family : {Family::v4, Family::v6}) {
        const std::string name = family == Family::v4 ? " v4" : " v6";
        require({"handshake" + name, [=] { return handshake_fails(family); }});
        measure("engine and wire: a handshake, opened and aborted" + name, "tcpcraft",
                [=](benchmark::State& state) { handshakes(state, family); });
        measure("engine and wire: a keep-alive probe and its answer" + name, "tcpcraft",
                [=](benchmark::State& state) { probes(state, family); });
    }
}
