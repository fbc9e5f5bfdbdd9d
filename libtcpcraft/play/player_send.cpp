#include <libtcpcraft/play/player_state.hpp>

namespace tcpcraft {

ScriptPlayer::State::Progress ScriptPlayer::State::play(const ScriptIcmp& line) {
    if (alarm.now() < due()) {
        return wait_until(due());
    }
    const play::IcmpQuote quote{.id = options.id,
                                .seq = line.echoed_seq
                                           ? numbers.peer_origin() + line.echoed_seq->value
                                           : numbers.rcv_nxt() - 1,
                                .length = line.echoed_length,
                                .hop_limit = line.ip.ttl.value_or(options.ip.hop_limit)};
    const auto octets = icmp_packet(line, quote);
    note("sent: " + script_text(event()));
    const Outgoing outgoing{.octets = octets, .destination = options.id.remote.address};
    if (octets.empty()) {
        fail(PlayEnding::environment, "", "no such ICMP message in this family");
        return Progress::waits;
    }
    if (const auto gone = link.transmit({&outgoing, 1}); !gone) {
        fail(PlayEnding::environment, "", gone.error().message());
        return Progress::waits;
    }
    done_at(alarm.now());
    return Progress::done;
}

IpHeader ScriptPlayer::State::header_for(const ScriptIp& said) const {
    IpHeader made = options.ip;
    made.source = options.id.local.address;
    made.destination = options.id.remote.address;
    made.hop_limit = said.ttl.value_or(made.hop_limit);
    if (said.ecn) {
        made.traffic_class = static_cast<std::uint8_t>((made.traffic_class & 0xfcU) | *said.ecn);
    }
    made.traffic_class = said.tos.value_or(made.traffic_class);
    made.flow_label = said.flow_label.value_or(made.flow_label);
    return made;
}

ScriptPlayer::State::Progress ScriptPlayer::State::send(const ScriptSegment& line) {
    if (alarm.now() < due()) {
        return wait_until(due());
    }
    std::vector<std::byte> payload;
    const Datagram datagram{.ip = header_for(line.ip),
                            .segment = numbers.segment_of(line, options.id, payload)};
    syn_sent = datagram.segment.has(Flag::syn);
    if (!transmit(datagram)) {
        return Progress::waits;
    }
    ++result.sent;
    done_at(alarm.now());
    return Progress::done;
}

bool ScriptPlayer::State::transmit(const Datagram& datagram) {
    const auto octets = serialize(datagram);
    Datagram shown = datagram;
    if (auto parsed = parse(octets)) {
        shown = *parsed;
    }
    last_sent = alarm.now();
    numbers.sent(shown.segment);
    record(Direction::out, shown, octets, *last_sent, "");
    const Outgoing outgoing{.octets = octets, .destination = options.id.remote.address};
    if (const auto gone = link.transmit({&outgoing, 1}); !gone) {
        fail(PlayEnding::environment, "", gone.error().message());
        return false;
    }
    return true;
}

// The number that a RST must bear is what the peer expects next (RFC 9293 §3.10.7.4).
void ScriptPlayer::State::clean_up() {
    const auto state = tested.state();
    if (options.id.remote.port.value == 0 || state == tcpcraft::State::closed ||
        state == tcpcraft::State::listen || state == tcpcraft::State::time_wait) {
        return;
    }
    Datagram datagram;
    datagram.ip = header_for({});
    datagram.segment.source = options.id.local.port;
    datagram.segment.destination = options.id.remote.port;
    datagram.segment.seq = numbers.wanted_by_peer();
    datagram.segment.ack = numbers.rcv_nxt();
    datagram.segment.flags = {Flag::rst, Flag::ack};
    note("the script is over: the connection is reset");
    static_cast<void>(transmit(datagram));
}

}  // namespace tcpcraft
