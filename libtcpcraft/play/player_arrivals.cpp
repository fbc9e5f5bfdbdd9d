#include <array>
#include <utility>

#include <fmt/format.h>

#include <libtcpcraft/play/player_state.hpp>

namespace tcpcraft {

using play::Arrived;

// The server's peer is whoever sends a SYN first.
bool ScriptPlayer::State::ours(const Datagram& datagram) {
    const ConnectionId id{{datagram.ip.destination, datagram.segment.destination},
                          {datagram.ip.source, datagram.segment.source}};
    const auto same = [](const Endpoint& a, const Endpoint& b) {
        return a.port == b.port && a.address.with_zone(0) == b.address.with_zone(0);
    };
    if (options.id.remote.port.value != 0) {
        return same(id.local, options.id.local) && same(id.remote, options.id.remote);
    }
    const bool here = id.local.port == options.id.local.port;
    if (!here || !datagram.segment.has(Flag::syn) || datagram.segment.has(Flag::ack)) {
        return false;
    }
    options.id = id;
    if (on_peer) {
        on_peer(id);
    }
    return true;
}

void ScriptPlayer::State::take(std::span<const Arrival> arrivals) {
    for (const Arrival& arrival : arrivals) {
        take(arrival);
    }
    step();
}

void ScriptPlayer::State::take(const Arrival& arrival) {
    Arrived arrived{.octets = {arrival.octets.begin(), arrival.octets.end()}, .at = arrival.at};
    auto parsed = parse(arrived.octets, arrival.checksum_ready);
    if (!parsed || !ours(*parsed)) {
        return;
    }
    arrived.datagram = *parsed;
    if (parsed->checksum == Checksum::bad) {
        record(Direction::in, *parsed, arrived.octets, arrived.at, "bad checksum, not considered");
        return;
    }
    numbers.arrived(parsed->segment);
    if (!finished && numbers.incoming().seq == std::nullopt && at < script.events.size()) {
        if (const auto* line = std::get_if<ScriptSegment>(&event().what)) {
            numbers.learn(*line, parsed->segment);  // so that the ladder counts from it
        }
    }
    record(Direction::in, *parsed, arrived.octets, arrived.at, finished ? "after the end" : "");
    if (!finished) {
        keep(std::move(arrived));
    }
}

// Of a flood no more than that. What must not come is looked for first; else the oldest are kept,
// since the next line is about them.
void ScriptPlayer::State::keep(Arrived arrived) {
    static constexpr std::size_t most_waiting = 8192;
    if (waiting.size() >= most_waiting) {
        step();
    }
    if (finished) {
        return;
    }
    if (waiting.size() < most_waiting) {
        waiting.push_back(std::move(arrived));
        return;
    }
    if (!std::exchange(forgot, true)) {
        note(fmt::format("{} segments wait for a line already: the others are not considered",
                         most_waiting),
             Note::Kind::warning);
    }
    if (compared > 0) {
        waiting.pop_front();
        --compared;
        waiting.push_back(std::move(arrived));
    }
}

void ScriptPlayer::State::take_icmp(const IcmpError& error) {
    if (finished || error.id.remote.port != options.id.remote.port ||
        error.id.local.port != options.id.local.port) {
        return;
    }
    note("ICMP: " + error.text, Note::Kind::warning);
    if (error.local) {
        fail(PlayEnding::no_answer, error.text, "this host could not deliver: " + error.text);
    }
}

void ScriptPlayer::State::take_fault(const FaultReport& report) {
    const auto parsed = parse(report.octets, report.checksum_ready);
    const Flags flags = parsed ? parsed->segment.flags : Flags{};
    static constexpr std::array words{"drop", "delay", "duplicate", "reorder", "corrupt"};
    std::string fault = words[static_cast<std::size_t>(report.kind)];
    trace.write(Record{report.at, options.number, options.id,
                       FaultDone{std::move(fault), report.direction, flags}});
}

}  // namespace tcpcraft
