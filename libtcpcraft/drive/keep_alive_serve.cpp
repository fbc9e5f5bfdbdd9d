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
/// So many clients have their turn before the network is looked at again.
constexpr std::size_t turns_at_once = 256;

bool opens(const Segment& segment) noexcept {
    return segment.has(Flag::syn) && !segment.has(Flag::ack) && !segment.has(Flag::rst);
}

}  // namespace

std::string_view text(ClientChange change) noexcept {
    const auto index = static_cast<std::size_t>(change);
    return index < words.size() ? words[index] : "?";
}

std::size_t KeepAliveServer::Roster::Hash::operator()(const ConnectionId& id) const noexcept {
    return hash_of(id);
}

KeepAliveServer::Roster::Roster(Surroundings& surroundings, KeepAliveServerSetup wanted)
    : around{surroundings}, setup{std::move(wanted)} {
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
    roster_->around.link.on_arrivals({});
    roster_->around.link.on_icmp({});
}

void KeepAliveServer::on_event(std::function<void(const ClientEvent&)> handler) {
    roster_->on_event = std::move(handler);
}

bool KeepAliveServer::quiet() const noexcept { return roster_->clients.size() == roster_->waiting; }

const ClientCounts& KeepAliveServer::counts() const noexcept { return roster_->counts; }

void KeepAliveServer::close_all() {
    roster_->listening = false;
    for (auto at = roster_->clients.begin(); at != roster_->clients.end();) {
        Client& client = (at++)->second;  // it may be gone afterwards
        roster_->close(client);
    }
    roster_->rearm();
}

void KeepAliveServer::abort_all() {
    roster_->listening = false;
    for (auto at = roster_->clients.begin(); at != roster_->clients.end();) {
        Client& client = (at++)->second;
        roster_->abort(client);
    }
    roster_->rearm();
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
    if (const auto found = clients.find(id); found != clients.end()) {
        arrives(found->second, incoming);
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
    const auto found = clients.find(without_zones(error.id));
    if (found != clients.end() && error.seq) {
        Client& client = found->second;
        settle(client, step(client, IcmpArrives{.hard = error.hard, .seq = Seq{*error.seq}}));
    }
}

void KeepAliveServer::Roster::welcome(const Incoming& incoming, const ConnectionId& id) {
    if (clients.size() >= setup.most_clients) {
        return refuse(incoming, id);
    }
    const auto made = clients.try_emplace(id).first;
    Client& client = made->second;
    client.id = &made->first;
    client.number = ++numbered;
    client.heard = around.engine_now();
    if (setup.trace) {
        client.peer = std::make_unique<PeerView>(State::closed);
    }
    const std::uint32_t apart = static_cast<std::uint32_t>(hash_of(id));
    (void)step(client,
               PassiveOpen{.local = id.local, .timestamp_offset = setup.timestamp_offset ^ apart});
    arrives(client, incoming);
}

void KeepAliveServer::Roster::answer_without_client(const Incoming& incoming,
                                                    const ConnectionId& id, Tcb tcb) {
    Client nobody;
    nobody.id = &id;
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
    refused.id = &id;
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

// Where the deadline has only moved on, the entry stays: it is looked at when its time has come.
void KeepAliveServer::Roster::enter(Client& client) {
    const Instant deadline = next_deadline(client.tcb);
    if (deadline >= client.entered) {
        return;
    }
    if (client.entered != never) {
        deadlines.erase({client.entered, &client});
    }
    deadlines.emplace(deadline, &client);
    client.entered = deadline;
}

void KeepAliveServer::Roster::rearm() {
    const Instant first = deadlines.empty() ? never : deadlines.begin()->first;
    if (first == alarm_at) {
        return;
    }
    around.alarm.cancel(alarm);
    alarm = first == never ? AlarmId::none : around.alarm.call_at(first, [this] { ring(); });
    alarm_at = first;
}

void KeepAliveServer::Roster::ring() {
    alarm_at = never;
    alarm = AlarmId::none;
    const Instant now = around.engine_now();
    for (std::size_t turn = 0; turn < turns_at_once && !deadlines.empty(); ++turn) {
        const auto [due, client] = *deadlines.begin();
        if (due > now) {
            break;
        }
        deadlines.erase(deadlines.begin());
        client->entered = never;
        wake(*client);
    }
    rearm();
}

void KeepAliveServer::Roster::wake(Client& client) {
    if (next_deadline(client.tcb) > around.engine_now()) {
        return enter(client);
    }
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
