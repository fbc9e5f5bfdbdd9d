#include <algorithm>

#include <libtcpcraft/drive/describe.hpp>
#include <libtcpcraft/drive/keep_alive_serve_parts.hpp>
#include <libtcpcraft/engine/advance.hpp>

// One client of the server: what it sends is answered, and what ends it is told.

namespace tcpcraft {

namespace {

constexpr std::uint32_t whole_segment = 1460;
/// A client that may send less than this is told when it may send more (§3.8.6.2.2).
constexpr std::int32_t distance_worth_telling = 2 * whole_segment;

std::size_t queued(const Tcb& tcb) noexcept {
    return tcb.buffers.peek() == nullptr ? 0 : tcb.buffers.peek()->send.size();
}

ClientChange how_it_ended(Rule rule, bool established, bool probed) noexcept {
    switch (rule) {
        case Rule::abort_call:
            return ClientChange::ended;
        case Rule::icmp_hard:
            return ClientChange::unreachable;
        case Rule::keep_alive_dead:
        case Rule::user_timeout:
        case Rule::retransmission_gives_up:
            return established ? ClientChange::dead : ClientChange::unopened;
        case Rule::rst_resets:
            return probed ? ClientChange::restarted : ClientChange::reset;
        case Rule::rst_returns_to_listen:
        case Rule::syn_returns_to_listen:
        case Rule::rst_refuses:
            return ClientChange::unopened;
        default:
            return ClientChange::closed;
    }
}

}  // namespace

void KeepAliveServer::Roster::arrives(Client& client, const Incoming& incoming) {
    const Instant now = around.engine_now();
    const Duration silent_for = now - client.heard;
    const Segment& segment = incoming.datagram.segment;
    const bool reset = segment.has(Flag::rst);
    Address from = incoming.datagram.ip.source;
    if (from.is_link_local()) {  // the packet does not name its link
        from = from.with_zone(incoming.arrival.interface_index);
    }
    Outcome outcome = step(
        client, SegmentArrives{incoming.datagram.segment, from, incoming.datagram.ip.destination},
        &incoming);
    // What answers an ACK, as probes are, has none itself (RFC 9293 §3.10.7.1).
    outcome.own_accord = reset && segment.has(Flag::ack);
    // A SYN comes from a host that knows of no connection: it answers nothing.
    const bool answers = !reset && segment.has(Flag::ack) && !segment.has(Flag::syn);
    if (client.probes != 0 && answers) {
        tell(client, ClientChange::answered, silent_for);
        client.probes = 0;
    }
    if (!outcome.ended) {
        client.heard = now;
        watch_silence(client);
    }
    if (outcome.established) {
        establish(client, outcome);
    }
    if (!outcome.ended) {
        serve(client, outcome);
    }
    settle(client, outcome);
}

void KeepAliveServer::Roster::establish(Client& client, Outcome& outcome) {
    if (full()) {  // others were faster
        outcome = step(client, Abort{});
        outcome.refused = true;
        return;
    }
    half_open.remove(clients, client.index);
    client.established = true;
    client.connected = around.engine_now();
    counts.most = std::max(counts.most, ++counts.now);
    tell(client, ClientChange::connected, {});
}

KeepAliveServer::Roster::Outcome KeepAliveServer::Roster::step(Client& client, const Event& event,
                                                               const Incoming* incoming) {
    Outcome outcome;
    heard_octets.clear();
    actions.clear();
    client.tcb = advance(std::move(client.tcb), event, around.engine_now(), setup.policy, actions);
    if (incoming != nullptr && client.peer) {
        trace_arrival(around, client.traced(), incoming->datagram, incoming->arrival);
    }
    for (const Action& action : actions) {
        carry_out(client, action, outcome);
        if (const auto* entered = std::get_if<Entered>(&action);
            entered != nullptr && client.peer) {
            trace_state(around, client.traced(), *entered, cause(event));
        }
    }
    return outcome;
}

void KeepAliveServer::Roster::carry_out(Client& client, const Action& action, Outcome& outcome) {
    if (const auto* out = std::get_if<Transmit>(&action)) {
        outcome.probed |= out->rule == Rule::keep_alive_probe;
        transmit(client, *out);
    } else if (const auto* data = std::get_if<Deliver>(&action)) {
        heard_octets.insert(heard_octets.end(), data->data.begin(), data->data.end());
    } else if (const auto* entered = std::get_if<Entered>(&action)) {
        const bool over = entered->to == State::closed ||
                          (entered->to == State::listen && entered->from != State::closed);
        outcome.ended = over ? std::optional{*entered} : std::nullopt;
        outcome.established |= entered->to == State::established;
    } else if (const auto* notified = std::get_if<Notified>(&action)) {
        outcome.closing |= notified->notice == Notice::connection_closing;
    }
}

// The application: echo or discard, and CLOSE when the client has closed.
void KeepAliveServer::Roster::serve(Client& client, Outcome& outcome) {
    client.octets_in += heard_octets.size();
    counts.octets_in += heard_octets.size();
    if (setup.echo && !client.tcb.close_called) {
        echo(client, outcome);
    }
    if (outcome.closing && !outcome.ended) {
        (void)step(client, Close{});
    }
}

void KeepAliveServer::Roster::echo(Client& client, Outcome& outcome) {
    std::vector<std::byte> data = std::exchange(heard_octets, {});
    const Seq before = client.edge;
    fit_window(client);
    if (!data.empty()) {
        client.octets_out += data.size();
        counts.octets_out += data.size();
        (void)step(client, Send{.data = data});
    }
    // Otherwise the next segment would be acknowledged at once (SHLD-19), with the old window.
    const bool unacknowledged = client.tcb.timers.at(Timer::delayed_ack).has_value();
    const bool was_short = distance(client.tcb.rcv.nxt, before) < distance_worth_telling;
    const bool opened = distance(client.edge, client.tcb.rcv.nxt + client.tcb.rcv.wnd) > 0;
    if (unacknowledged || (was_short && opened)) {
        acknowledge_now(client, outcome);
    }
    heard_octets = std::move(data);  // its memory
}

void KeepAliveServer::Roster::acknowledge_now(Client& client, Outcome& outcome) {
    client.tcb.timers.set(Timer::delayed_ack, around.engine_now());
    outcome.ended = step(client, TimePasses{}).ended;
}

// What an echo still holds, nobody else may fill. The window's right edge never moves to the left
// (SHLD-14), and to the right in steps that are worth a segment (§3.8.6.2.2, MUST-39).
void KeepAliveServer::Roster::fit_window(Client& client) const {
    Tcb& tcb = client.tcb;
    const auto promised =
        static_cast<std::uint32_t>(std::max(0, distance(tcb.rcv.nxt, client.edge)));
    const std::uint32_t room = open_window(client);
    const std::uint32_t step = std::min(whole_segment, setup.policy.rcv_wnd / 2);
    tcb.rcv.wnd = room >= promised + step ? room : promised;
}

std::uint32_t KeepAliveServer::Roster::open_window(const Client& client) const {
    const std::uint32_t whole =
        std::min(setup.policy.rcv_wnd, std::uint32_t{65535} << client.tcb.rcv_shift);
    return whole - static_cast<std::uint32_t>(std::min<std::size_t>(whole, queued(client.tcb)));
}

// While something is outstanding no probe may be sent (MUST-26), and the silence counts all the
// same: the user timeout, counted from when the client was heard last.
void KeepAliveServer::Roster::watch_silence(Client& client) const {
    Tcb& tcb = client.tcb;
    const bool outstanding =
        tcb.timers.at(Timer::retransmission) || tcb.timers.at(Timer::zero_window);
    if (outstanding && synchronized(tcb.state) && tcb.state != State::time_wait) {
        tcb.timers.set(Timer::user, client.heard + silence);
    } else {
        tcb.timers.clear(Timer::user);
    }
}

void KeepAliveServer::Roster::settle(Client& client, const Outcome& outcome) {
    if (outcome.ended) {
        return end(client, outcome);
    }
    const bool waits = client.tcb.state == State::time_wait;
    waiting += waits ? 1U : 0U;
    waiting -= client.waiting ? 1U : 0U;
    client.waiting = waits;
    watch_silence(client);
    put_back(client);
}

void KeepAliveServer::Roster::end(Client& client, const Outcome& outcome) {
    const Entered& entered = *outcome.ended;
    const bool probed = client.probes != 0 && !outcome.own_accord;
    tell(client,
         outcome.refused ? ClientChange::refused
                         : how_it_ended(entered.rule, client.established, probed),
         around.engine_now() - client.heard, entered);
    counts.now -= client.established ? 1U : 0U;
    waiting -= client.waiting ? 1U : 0U;
    drop(client);
}

void KeepAliveServer::Roster::tell(const Client& client, ClientChange change, Duration silent_for,
                                   const Entered& entered) {
    ++counts.of[static_cast<std::size_t>(change)];
    if (on_event) {
        const Instant now = around.engine_now();
        on_event(ClientEvent{.at = now,
                             .number = client.number,
                             .id = client.id,
                             .change = change,
                             .silence = silent_for,
                             .lasted = client.established ? now - client.connected : Duration{},
                             .probes = client.probes,
                             .octets_in = client.octets_in,
                             .octets_out = client.octets_out,
                             .state = entered.from,
                             .rule = entered.rule});
    }
}

}  // namespace tcpcraft
