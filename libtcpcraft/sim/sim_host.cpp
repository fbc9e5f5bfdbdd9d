#include <algorithm>
#include <span>
#include <utility>
#include <variant>

#include <libtcpcraft/engine/advance.hpp>
#include <libtcpcraft/sim/sim_host.hpp>
#include <libtcpcraft/wire/codec.hpp>

namespace tcpcraft {

namespace {

// A TCB in CLOSED or LISTEN is no connection: it can be made again from nothing.
bool living(const Tcb& tcb) noexcept {
    return tcb.state != State::closed && tcb.state != State::listen;
}

// Packets carry no zone.
ConnectionId without_zones(ConnectionId id) noexcept {
    id.local.address = id.local.address.with_zone(0);
    id.remote.address = id.remote.address.with_zone(0);
    return id;
}

}  // namespace

SimHost::SimHost(Link& link, Alarm& alarm, SimHostOptions options)
    : link_{link}, alarm_{alarm}, options_{std::move(options)} {
    options_.address = options_.address.with_zone(0);
    link_.on_arrivals([this](std::span<const Arrival> arrivals) {
        for (const Arrival& arrival : arrivals) {
            arrives(arrival);
        }
    });
    if (options_.active_open) {
        opening_ = alarm_.call_at(options_.active_open->at, [this] {
            const SimOpen& all = *options_.active_open;
            for (std::uint16_t i = 0; i < all.times; ++i) {
                open(all, Port{static_cast<std::uint16_t>(all.local.value + i)});
            }
        });
    }
}

SimHost::~SimHost() {
    die();
    link_.on_arrivals({});
}

State SimHost::state(const ConnectionId& id) const {
    const auto found = connections_.find(without_zones(id));
    if (found != connections_.end()) {
        return found->second.tcb.state;
    }
    return listens(id.local.port) ? State::listen : State::closed;
}

const Tcb* SimHost::tcb(const ConnectionId& id) const {
    const auto found = connections_.find(without_zones(id));
    return found != connections_.end() && living(found->second.tcb) ? &found->second.tcb : nullptr;
}

std::vector<SimConnection> SimHost::connections() const {
    std::vector<SimConnection> all;
    for (const auto& [id, connection] : connections_) {
        if (living(connection.tcb)) {
            all.push_back(SimConnection{.id = id,
                                        .state = connection.tcb.state,
                                        .age = alarm_.now() - connection.opened,
                                        .idle = alarm_.now() - connection.heard,
                                        .segments = connection.segments});
        }
    }
    return all;
}

void SimHost::die() {
    dead_ = true;
    alarm_.cancel(opening_);
    for (auto& [id, connection] : connections_) {
        silence(connection);
    }
}

void SimHost::arrives(const Arrival& arrival) {
    if (dead_) {
        return;
    }
    const auto datagram = parse(arrival.octets, arrival.checksum_ready);
    if (!datagram || datagram->checksum == Checksum::bad ||
        datagram->ip.destination != options_.address) {
        ++discarded_;
        return;
    }
    const Segment& segment = datagram->segment;
    arrives(ConnectionId{.local = {datagram->ip.destination, segment.destination},
                         .remote = {datagram->ip.source, segment.source}},
            SegmentArrives{
                .segment = segment, .from = datagram->ip.source, .to = datagram->ip.destination});
}

// The exact connection first, then the listener, then nobody.
void SimHost::arrives(const ConnectionId& id, const SegmentArrives& event) {
    const auto found = connections_.find(id);
    if (found != connections_.end() && living(found->second.tcb)) {
        found->second.heard = alarm_.now();
        ++found->second.segments;
        step(id, found->second, event);
        return;
    }
    Tcb tcb;
    if (listens(id.local.port)) {
        actions_.clear();
        tcb = advance(Tcb{}, PassiveOpen{.local = id.local, .iss = options_.iss}, alarm_.now(),
                      options_.policy, actions_);
    }
    const Learnt learnt = apply(id, tcb, event);
    if (living(tcb)) {
        const Instant now = alarm_.now();
        Connection& connection = connections_[id];
        connection = Connection{.tcb = std::move(tcb), .opened = now, .heard = now, .segments = 1};
        arm(id, connection);
        react(id, connection, learnt);
    }
}

void SimHost::open(const SimOpen& open, Port local) {
    const ConnectionId id =
        without_zones({.local = {options_.address, local}, .remote = open.remote});
    const Instant now = alarm_.now();
    Connection& connection = connections_[id];
    if (!living(connection.tcb)) {
        connection = Connection{.opened = now, .heard = now};
    }
    step(id, connection, ActiveOpen{.id = id, .iss = options_.iss});
}

void SimHost::step(const ConnectionId& id, Connection& connection, const Event& event) {
    const Learnt learnt = apply(id, connection.tcb, event);
    arm(id, connection);
    react(id, connection, learnt);
}

SimHost::Learnt SimHost::apply(const ConnectionId& id, Tcb& tcb, const Event& event) {
    Learnt learnt;
    actions_.clear();
    tcb = advance(std::move(tcb), event, alarm_.now(), options_.policy, actions_);
    for (const Action& action : actions_) {
        if (const auto* out = std::get_if<Transmit>(&action)) {
            transmit(id, out->segment);
        } else if (const auto* in = std::get_if<Deliver>(&action)) {
            learnt.data.insert(learnt.data.end(), in->data.begin(), in->data.end());
        } else if (const auto* entered = std::get_if<Entered>(&action)) {
            learnt.established |= entered->to == State::established;
        } else if (const auto* notified = std::get_if<Notified>(&action)) {
            learnt.closing |= notified->notice == Notice::connection_closing;
        }
    }
    return learnt;
}

void SimHost::transmit(const ConnectionId& id, const Segment& segment) {
    const std::vector<std::byte> octets = serialize(Datagram{
        .ip = {.source = id.local.address, .destination = id.remote.address}, .segment = segment});
    const Outgoing out{.octets = octets, .destination = id.remote.address};
    // A lost packet is what this cannot be told from: the timers of the connection see to it.
    static_cast<void>(link_.transmit(std::span{&out, 1}));
}

void SimHost::arm(const ConnectionId& id, Connection& connection) {
    if (!living(connection.tcb)) {
        silence(connection);
        return;
    }
    alarm_.cancel(connection.timer);
    connection.timer = alarm_.call_at(next_deadline(connection.tcb),
                                      [this, id] { step(id, connections_.at(id), TimePasses{}); });
}

void SimHost::silence(Connection& connection) {
    alarm_.cancel(std::exchange(connection.timer, AlarmId::none));
    alarm_.cancel(std::exchange(connection.application, AlarmId::none));
}

void SimHost::react(const ConnectionId& id, Connection& connection, const Learnt& learnt) {
    if (learnt.established && options_.dies_when_established) {
        die();
        return;
    }
    const bool heard = learnt.closing || !learnt.data.empty();
    switch (options_.application) {
        case SimApplication::discard:
            return;
        case SimApplication::close_at_once:
            if (learnt.established) {
                finish(id, connection);
            }
            return;
        case SimApplication::serve:
            if (heard && !connection.answered) {
                act_later(id, connection);
            }
            return;
        case SimApplication::echo:
            if (!learnt.data.empty()) {
                step(id, connection, Send{.data = learnt.data});
            }
            [[fallthrough]];
        case SimApplication::close_on_fin:
            if (learnt.closing) {
                act_later(id, connection);
            }
            return;
    }
}

void SimHost::act_later(const ConnectionId& id, Connection& connection) {
    connection.answered = true;
    if (options_.application_delay <= Duration::zero()) {
        finish(id, connection);
        return;
    }
    alarm_.cancel(connection.application);
    connection.application = alarm_.call_at(alarm_.now() + options_.application_delay,
                                            [this, id] { finish(id, connections_.at(id)); });
}

void SimHost::finish(const ConnectionId& id, Connection& connection) {
    if (options_.application == SimApplication::serve && !options_.reply.empty()) {
        step(id, connection, Send{.data = std::as_bytes(std::span{options_.reply})});
    }
    step(id, connection, Close{});
}

bool SimHost::listens(Port port) const {
    return std::find(options_.listening.begin(), options_.listening.end(), port) !=
           options_.listening.end();
}

}  // namespace tcpcraft
