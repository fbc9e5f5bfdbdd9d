#include <algorithm>
#include <array>

#include <libtcpcraft/drive/ends.hpp>
#include <libtcpcraft/drive/keep_alive_serve_parts.hpp>
#include <libtcpcraft/engine/advance.hpp>

namespace tcpcraft {

namespace {

using namespace std::chrono_literals;

constexpr std::array<std::string_view, client_changes> words{
    "connected", "silent",      "answered", "closed",  "reset", "restarted",
    "dead",      "unreachable", "unopened", "refused", "ended"};

/// Data has been sent again at least once by then (RFC 6298 §2.1), whatever the idle time is.
constexpr Duration least_silence = 3s;
/// So many clients have their turn before the network is looked at again: fewer than the segments
/// that are taken from it then, so that no answer waits behind the questions.
constexpr std::size_t turns_at_once = 64;
constexpr std::size_t farewells_at_once = 256;
constexpr Duration between_farewells = 5ms;

bool opens(const Segment& segment) noexcept {
    return segment.has(Flag::syn) && !segment.has(Flag::ack) && !segment.has(Flag::rst);
}

}  // namespace

std::string_view text(ClientChange change) noexcept {
    const auto index = static_cast<std::size_t>(change);
    return index < words.size() ? words[index] : "?";
}

KeepAliveServer::Roster::Roster(Surroundings& surroundings, KeepAliveServerSetup wanted)
    : around{surroundings},
      setup{std::move(wanted)},
      clients{setup.policy.isn_key.word} {  // what it hashes is of another length
    const KeepAlive& times =
        setup.policy.keep_alive.emplace(setup.policy.keep_alive.value_or(KeepAlive{}));
    if (!setup.policy.delayed_ack) {
        setup.policy.delayed_ack = 40ms;  // an echo carries the ACK
    }
    setup.policy.rfc6191 = false;  // a SYN in TIME-WAIT would be another client
    silence = std::max(least_silence, times.idle + times.count * times.interval);
}

KeepAliveServer::KeepAliveServer(Surroundings& surroundings, KeepAliveServerSetup setup)
    : roster_{std::make_unique<Roster>(surroundings, std::move(setup))} {
    Roster& roster = *roster_;
    roster.around.link.on_arrivals([&roster](std::span<const Arrival> arrivals) {
        for (const Arrival& arrival : arrivals) {
            roster.take(arrival);
        }
        roster.rearm();
    });
    roster.around.link.on_icmp([&roster](const IcmpError& error) {
        roster.take(error);
        roster.rearm();
    });
}

KeepAliveServer::~KeepAliveServer() {
    roster_->around.alarm.cancel(roster_->alarm);
    roster_->around.alarm.cancel(roster_->farewell_alarm);
    roster_->around.link.on_arrivals({});
    roster_->around.link.on_icmp({});
}

void KeepAliveServer::on_event(std::function<void(const ClientEvent&)> handler) {
    roster_->on_event = std::move(handler);
}

bool KeepAliveServer::quiet() const noexcept { return roster_->clients.size() == roster_->waiting; }

const ClientCounts& KeepAliveServer::counts() const noexcept { return roster_->counts; }

void KeepAliveServer::close_all(std::function<void()> done) {
    roster_->tell_all({.word = &Roster::close, .done = std::move(done)});
}

void KeepAliveServer::abort_all(std::function<void()> done) {
    roster_->tell_all({.word = &Roster::abort, .done = std::move(done)});
}

void KeepAliveServer::Roster::take(const Arrival& arrival) {
    const auto parsed = parse(arrival.octets, arrival.checksum_ready);
    if (!parsed || parsed->checksum == Checksum::bad || arrival.truncated) {
        ++counts.malformed;  // RFC 9293 §3.1 (MUST-3)
        return;
    }
    ++counts.segments_in;
    const Incoming incoming{*parsed, arrival};
    const ConnectionId id = without_zones(seen_from_here(*parsed));
    if (const std::uint32_t found = clients.find(id); found != clients.none) {
        Client client = take_out(found);
        arrives(client, incoming);
    } else if (id.local.port != setup.port || !(setup.address.is_unspecified() ||
                                                setup.address.with_zone(0) == id.local.address)) {
        return;
    } else if (opens(parsed->segment) && listening) {
        welcome(incoming, id);
    } else {
        turn_away(incoming, id);
    }
}

void KeepAliveServer::Roster::take(const IcmpError& error) {
    if (error.unsent) {
        ++counts.unsent;
        counts.last_error = error.text;
    }
    const std::uint32_t found = clients.find(error.id);
    if (found != clients.none && error.seq) {
        Client client = take_out(found);
        settle(client, step(client, IcmpArrives{.hard = error.hard, .seq = Seq{*error.seq}}));
    }
}

// Who is half open does not count: a flood of SYNs keeps nobody out.
bool KeepAliveServer::Roster::full() const noexcept {
    return clients.size() - half_open.size() >= setup.most_clients;
}

void KeepAliveServer::Roster::welcome(const Incoming& incoming, ConnectionId id) {
    if (full()) {
        return refuse(incoming, id);
    }
    if (id.remote.address.is_link_local()) {  // the packet does not name its link
        id.remote.address = id.remote.address.with_zone(incoming.arrival.interface_index);
    }
    make_room();
    Client client = take_out(add(id));
    const auto apart = static_cast<std::uint32_t>(keyed_hash(id, setup.policy.isn_key.word));
    (void)step(client,
               PassiveOpen{.local = id.local, .timestamp_offset = setup.timestamp_offset ^ apart});
    arrives(client, incoming);
}

// Without a word: its SYN may bear somebody else's name. If it comes after all, it is told so.
void KeepAliveServer::Roster::make_room() {
    if (half_open.size() < std::max<std::size_t>(setup.most_half_open, 1)) {
        return;
    }
    const Client oldest = take_out(half_open.oldest());
    tell(oldest, ClientChange::unopened, around.engine_now() - oldest.heard,
         Entered{.from = oldest.tcb.state});
    drop(oldest);
}

void KeepAliveServer::Roster::answer_without_client(const Incoming& incoming,
                                                    const ConnectionId& id, Tcb tcb) {
    Client nobody;
    nobody.id = id;
    nobody.tcb = std::move(tcb);
    nobody.tcb.id = id;
    const Datagram& datagram = incoming.datagram;
    (void)step(nobody, SegmentArrives{datagram.segment, id.remote.address, id.local.address},
               &incoming);
}

// The answer of CLOSED (RFC 9293 §3.10.7.1).
void KeepAliveServer::Roster::refuse(const Incoming& incoming, const ConnectionId& id) {
    answer_without_client(incoming, id, Tcb{});
    Client refused;
    refused.id = id;
    tell(refused, ClientChange::refused, {});
}

// The answer of LISTEN (RFC 9293 §3.10.7.2), or of CLOSED when we have stopped.
void KeepAliveServer::Roster::turn_away(const Incoming& incoming, const ConnectionId& id) {
    if (!unasked.allows(around.alarm.now())) {
        return;
    }
    Tcb tcb;
    if (listening) {
        actions.clear();
        tcb = advance(Tcb{}, PassiveOpen{.local = id.local}, around.engine_now(), setup.policy,
                      actions);
    }
    answer_without_client(incoming, id, std::move(tcb));
}

void KeepAliveServer::Roster::close(Client& client) {
    if (client.tcb.state == State::syn_received) {
        return abort(client);
    }
    settle(client, step(client, Close{}));
}

void KeepAliveServer::Roster::abort(Client& client) { settle(client, step(client, Abort{})); }

void KeepAliveServer::Roster::tell_all(Farewell said) {
    listening = false;
    around.alarm.cancel(std::exchange(farewell_alarm, AlarmId::none));
    farewell = std::move(said);
    tell_next();
    rearm();
}

void KeepAliveServer::Roster::tell_next() {
    for (std::size_t told = 0; farewell.next < clients.end(); ++farewell.next) {
        if (!clients.holds(farewell.next)) {
            continue;
        }
        if (told++ == farewells_at_once) {
            farewell_alarm = around.alarm.call_at(around.alarm.now() + between_farewells, [this] {
                tell_next();
                rearm();
            });
            return;
        }
        Client client = take_out(farewell.next);
        (this->*farewell.word)(client);
    }
    if (const auto done = std::exchange(farewell.done, {})) {
        done();
    }
}

// An alarm that is set too early does no harm.
void KeepAliveServer::Roster::rearm() {
    const Instant next = wheel.next();
    const Instant first = next == never ? never : next + setup.slack;
    if (first >= alarm_at) {
        return;
    }
    around.alarm.cancel(alarm);
    alarm = around.alarm.call_at(first, [this] { ring(); });
    alarm_at = first;
}

void KeepAliveServer::Roster::ring() {
    alarm_at = never;
    alarm = AlarmId::none;
    const Instant now = around.engine_now();
    for (std::size_t turn = 0; turn < turns_at_once; ++turn) {
        const std::uint32_t index = wheel.take_due(now);
        if (index == DeadlineWheel::none) {
            break;
        }
        wake(index);
    }
    rearm();
}

void KeepAliveServer::Roster::wake(std::uint32_t index) {
    if (const Instant deadline = deadline_of(index); deadline > around.engine_now()) {
        return wheel.arm(index, deadline);  // it has moved on
    }
    Client client = take_out(index);
    const bool first = client.probes == 0;
    const Outcome outcome = step(client, TimePasses{});
    if (outcome.probed) {
        ++client.probes;
        ++counts.probes;
    }
    if (outcome.probed && first) {
        tell(client, ClientChange::silent, around.engine_now() - client.heard);
    }
    settle(client, outcome);
}

}  // namespace tcpcraft
