#include <algorithm>

#include <fmt/format.h>

#include <libtcpcraft/play/player_state.hpp>

namespace tcpcraft {

using play::Arrived;

std::optional<ScriptError> cannot_play(const Script& script) {
    const Family family =
        script.options.ip_version == ScriptOptions::Version::ipv6 ? Family::v6 : Family::v4;
    std::optional<ScriptPorts> ports;
    for (const ScriptEvent& event : script.events) {
        if (const auto* icmp = std::get_if<ScriptIcmp>(&event.what)) {
            if (icmp->direction == ScriptDirection::outbound) {
                return ScriptError{event.at, "ICMP messages can be sent here, not expected"};
            }
            const bool known =
                play::knows_icmp(*icmp, family) ||
                (script.options.ip_version == ScriptOptions::Version::any &&
                 (play::knows_icmp(*icmp, Family::v4) || play::knows_icmp(*icmp, Family::v6)));
            if (!known) {
                return ScriptError{event.at, fmt::format("'{} {}' is no ICMP message that can be "
                                                         "sent",
                                                         icmp->type, icmp->code)};
            }
        }
        const auto* segment = std::get_if<ScriptSegment>(&event.what);
        if (segment == nullptr || !segment->ports) {
            continue;
        }
        ScriptPorts seen = *segment->ports;
        if (segment->direction == ScriptDirection::outbound) {
            std::swap(seen.source, seen.destination);
        }
        if (ports && *ports != seen) {
            return ScriptError{event.at,
                               "these ports are of a second connection; a script has one "
                               "here"};
        }
        ports = seen;
    }
    return std::nullopt;
}

ScriptPlayer::State::State(Link& to, Alarm& clock, TraceSink& sink, Application* commanded,
                           const Script& what, const PlayOptions& how)
    : link{to},
      alarm{clock},
      trace{sink},
      application{commanded},
      script{what},
      options{how},
      server{what.first_segment() != nullptr &&
             what.first_segment()->direction == ScriptDirection::outbound},
      numbers{how.iss},
      tested{server ? tcpcraft::State::closed : tcpcraft::State::listen},
      us{server ? tcpcraft::State::listen : tcpcraft::State::closed} {
    link.on_arrivals([this](std::span<const Arrival> arrivals) { take(arrivals); });
    link.on_sent([](const Sent&) {});
    link.on_icmp([this](const IcmpError& error) { take_icmp(error); });
    link.on_fault([this](const FaultReport& report) { take_fault(report); });
}

ScriptPlayer::State::~State() {
    *alive = false;
    alarm.cancel(wake);
    link.on_arrivals([](std::span<const Arrival>) {});
    link.on_icmp([](const IcmpError&) {});
    link.on_fault([](const FaultReport&) {});
}

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

void ScriptPlayer::State::step() {
    if (stepping) {
        return;
    }
    stepping = true;
    Progress progress = Progress::done;
    while (!finished && progress == Progress::done) {
        if (at < script.events.size()) {
            progress = std::visit([this](const auto& line) { return play(line); }, event().what);
        } else if (calling) {
            progress = wait_until(gives_up());
            if (alarm.now() >= gives_up()) {
                fail(PlayEnding::no_answer, "it still blocks", late_call());
            }
        } else {
            finish(PlayEnding::passed, {});
        }
    }
    stepping = false;
}

ScriptPlayer::State::Progress ScriptPlayer::State::wait_until(Instant when) {
    alarm.cancel(wake);
    wake = alarm.call_at(when, [this, still = alive] {
        if (*still) {
            wake = AlarmId::none;
            step();
        }
    });
    return Progress::waits;
}

void ScriptPlayer::State::done_at(Instant when) {
    base = std::max(base, when);
    rest.reset();
    ++at;
}

ScriptPlayer::State::Progress ScriptPlayer::State::play(const ScriptSegment& line) {
    if (line.direction == ScriptDirection::inbound) {
        return send(line);
    }
    if (line.maybe) {
        return expect_maybe(line);
    }
    return line.unwanted ? expect_nothing(line) : expect(line);
}

ScriptPlayer::State::Progress ScriptPlayer::State::play(const ScriptIcmp& line) {
    if (alarm.now() < due()) {
        return wait_until(due());
    }
    play::IcmpQuote quote{.id = options.id, .length = line.echoed_length};
    quote.seq =
        line.echoed_seq ? numbers.peer_origin() + line.echoed_seq->value : numbers.wanted_by_peer();
    if (!line.echoed_seq) {
        quote.seq = numbers.rcv_nxt() - 1;
    }
    quote.hop_limit = line.ip.ttl.value_or(options.ip.hop_limit);
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

ScriptPlayer::State::Progress ScriptPlayer::State::send(const ScriptSegment& line) {
    if (alarm.now() < due()) {
        return wait_until(due());
    }
    Datagram datagram;
    std::vector<std::byte> payload;
    datagram.segment = numbers.segment_of(line, options.id, payload);
    datagram.ip = options.ip;
    datagram.ip.source = options.id.local.address;
    datagram.ip.destination = options.id.remote.address;
    datagram.ip.hop_limit = line.ip.ttl.value_or(datagram.ip.hop_limit);
    datagram.ip.traffic_class = line.ip.tos.value_or(
        static_cast<std::uint8_t>(line.ip.ecn ? (datagram.ip.traffic_class & 0xfcU) | *line.ip.ecn
                                              : datagram.ip.traffic_class));
    datagram.ip.flow_label = line.ip.flow_label.value_or(datagram.ip.flow_label);
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

ScriptPlayer::State::Progress ScriptPlayer::State::expect(const ScriptSegment& line) {
    if (!waiting.empty()) {
        return examine(rest ? *rest : line);
    }
    if (alarm.now() >= gives_up()) {
        fail(PlayEnding::no_answer, "nothing",
             fmt::format("nothing came in {:.3f} s", seconds(alarm.now() - base)));
        return Progress::waits;
    }
    return wait_until(gives_up());
}

// The next segment, when it is this one; another is left for the next line.
ScriptPlayer::State::Progress ScriptPlayer::State::expect_maybe(const ScriptSegment& line) {
    const Duration last = event().time.until.value_or(event().time.from);
    const Instant end = counted_from(event().time) + last + tolerance(last);
    if (waiting.empty() && alarm.now() < end) {
        return wait_until(end);
    }
    if (!waiting.empty() && waiting.front().at <= end &&
        compare(line, waiting.front().datagram, numbers, strictness()).empty()) {
        came_true(line, waiting.front());
        waiting.pop_front();
        return Progress::done;
    }
    ++at;
    return Progress::done;
}

ScriptPlayer::State::Progress ScriptPlayer::State::expect_nothing(const ScriptSegment& line) {
    const Duration last = event().time.until.value_or(event().time.from);
    const Instant end = counted_from(event().time) + (last > Duration{} ? last : tolerance(last));
    for (const Arrived& arrived : waiting) {
        if (compare(line, arrived.datagram, numbers, strictness()).empty()) {
            fail(PlayEnding::deviated, notation(arrived.datagram, numbers),
                 "this came although it must not");
            return Progress::waits;
        }
    }
    if (alarm.now() < end) {
        return wait_until(end);
    }
    done_at(end);
    return Progress::done;
}

ScriptPlayer::State::Progress ScriptPlayer::State::examine(const ScriptSegment& expected) {
    ScriptSegment line = expected;
    const Arrived& front = waiting.front();
    numbers.learn(line, front.datagram.segment);
    if (take_part(line, front)) {
        rest = line;
        waiting.pop_front();
        return Progress::done;
    }
    if (take_front(line)) {
        return Progress::done;
    }
    auto differences = compare(line, front.datagram, numbers, strictness());
    if (!differences.empty() && options.ignore_retransmissions && repeats(front.datagram.segment)) {
        note("a repetition of what had come already, not considered");
        waiting.pop_front();
        return Progress::done;
    }
    if (const auto late = time_difference(front.at); !late.empty()) {
        differences.insert(differences.end(), late.begin(), late.end());
    }
    if (!differences.empty()) {
        deviates(differences, front);
        return Progress::waits;
    }
    came_true(line, front);
    waiting.pop_front();
    return Progress::done;
}

void ScriptPlayer::State::came_true(const ScriptSegment& line, const Arrived& arrived) {
    if (last_sent && syn_sent && !rtt && arrived.at >= *last_sent) {
        rtt = arrived.at - *last_sent;
    }
    syn_sent = false;
    numbers.matched(line, arrived.datagram.segment);
    already_matched.push_back(arrived.datagram.segment);
    already_matched.back().payload = {};
    ++result.matched;
    untimed = false;
    done_at(arrived.at);
}

// Several segments may add up to one line: all but the last are compared without PSH and FIN.
bool ScriptPlayer::State::take_part(ScriptSegment& line, const Arrived& arrived) {
    const Segment& got = arrived.datagram.segment;
    const auto size = static_cast<std::uint32_t>(got.payload.size());
    if (script.options.strict_segments || !line.length || size == 0 || size >= *line.length ||
        !line.flags || got.has(Flag::fin)) {
        return false;
    }
    ScriptSegment part = line;
    part.length = size;
    part.flags = line.flags->without(Flag::psh).without(Flag::fin);
    if (part.payload) {
        part.payload = line.payload->substr(0, size);
    }
    Datagram seen = arrived.datagram;
    seen.segment.flags = got.flags.without(Flag::psh);
    if (!compare(part, seen, numbers, strictness()).empty() ||
        !time_difference(arrived.at).empty()) {
        return false;
    }
    *line.length -= size;
    if (line.seq) {
        line.seq->value += size;
    }
    if (line.payload) {
        line.payload->erase(0, size);
    }
    return true;
}

// And one captured segment (offload joins what came in several) may be several lines.
bool ScriptPlayer::State::take_front(const ScriptSegment& line) {
    Arrived& front = waiting.front();
    Segment& got = front.datagram.segment;
    const std::uint32_t wanted = line.length.value_or(0);
    if (script.options.strict_segments || wanted == 0 || wanted >= got.payload.size() ||
        !line.flags || line.flags->has(Flag::fin)) {
        return false;
    }
    Datagram head = front.datagram;
    head.segment.payload = got.payload.first(wanted);
    head.segment.flags = got.flags.without(Flag::fin).without(Flag::psh);
    if (line.flags->has(Flag::psh)) {
        head.segment.flags = head.segment.flags.with(Flag::psh);
    }
    if (!compare(line, head, numbers, strictness()).empty() || !time_difference(front.at).empty()) {
        return false;
    }
    came_true(line, front);
    got.seq = got.seq + wanted;
    got.payload = got.payload.subspan(wanted);
    return true;
}

bool ScriptPlayer::State::repeats(const Segment& segment) const {
    return std::ranges::any_of(already_matched, [&](const Segment& old) {
        return old.seq == segment.seq && old.flags == segment.flags;
    });
}

}  // namespace tcpcraft
