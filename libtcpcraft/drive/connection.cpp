#include <utility>

#include <libtcpcraft/drive/connection.hpp>
#include <libtcpcraft/drive/connection_parts.hpp>
#include <libtcpcraft/drive/describe.hpp>

namespace tcpcraft {

Connection::Connection(Surroundings& surroundings, ConnectionSetup setup)
    : around_{surroundings},
      setup_{std::move(setup)},
      peer_{setup_.passive ? State::closed : State::listen, setup_.two_way_peer} {
    tcb_.id = setup_.id;
}

Connection::~Connection() { *alive_ = false; }

void Connection::apply(const Event& event) { run(event, nullptr); }

bool Connection::arrives(const Datagram& datagram, const Arrival& arrival, std::string note,
                         bool stray) {
    stray_ = stray;
    Incoming incoming{.datagram = datagram, .arrival = arrival, .note = std::move(note)};
    if (datagram.checksum == Checksum::bad || arrival.truncated) {
        incoming.note = arrival.truncated ? "cut off by the capture, not processed"
                                          : "wrong checksum, not processed";
        record_arrival(incoming);
        return false;
    }
    if (setup_.interceptor != nullptr) {
        const Instant asked = around_.alarm.now();
        const bool accepted =
            setup_.interceptor->arriving(setup_.number, datagram, origin(Direction::in), tcb_);
        around_.paused += around_.alarm.now() - asked;
        if (!accepted) {
            incoming.fault = "drop";
            incoming.note = "ignored: lost, as far as our TCP knows";
            record_arrival(incoming);
            return false;
        }
    }
    run(SegmentArrives{datagram.segment, datagram.ip.source, datagram.ip.destination}, &incoming);
    return true;
}

void Connection::icmp(const IcmpError& error) {
    note(error.text, Note::Kind::warning);
    if (error.seq) {
        apply(IcmpArrives{.hard = error.hard, .seq = Seq{*error.seq}});
    }
}

void Connection::run(Event event, const Incoming* incoming) {
    const Timers timers = tcb_.timers;
    Tcb before{};
    if (setup_.interceptor != nullptr) {
        before = tcb_;
    }
    event_at_ = around_.alarm.now();
    const Instant engine_at = event_at_ - around_.paused;  // a prompt may add to the pause
    caused_at_ = incoming != nullptr ? incoming->arrival.at : event_at_;
    const bool time_passes = std::holds_alternative<TimePasses>(event);
    if (time_passes) {
        record_fired(timers);
    }
    actions_.clear();
    tcb_ = advance(std::move(tcb_), event, engine_at, setup_.policy, actions_);
    carry_out(event, incoming, before);
    record_timers(timers, time_passes, engine_at);
    if (setup_.show_tcb) {
        write(TcbShown{Who::us, tcb_});
    }
}

// Our answer leaves before anything is written down: what a reader sees must not slow the wire.
// Where somebody wants to be asked first, the order is that of the story.
void Connection::carry_out(Event& event, const Incoming* incoming, Tcb& before) {
    std::optional<Leaving> first;
    if (setup_.interceptor == nullptr) {
        first = send_first();
    }
    if (incoming != nullptr) {
        record_arrival(*incoming);
    }
    for (std::size_t i = 0; i < actions_.size(); ++i) {
        const bool segment = std::holds_alternative<Transmit>(actions_.all()[i]);
        if (segment && first) {
            record_sent(*first);
            first.reset();
        } else if (segment && setup_.interceptor != nullptr) {
            offer(i, event, before);
        } else {
            carry_out(actions_.all()[i], event);
        }
    }
}

void Connection::carry_out(const Action& action, const Event& event) {
    if (const auto* honest = std::get_if<Transmit>(&action)) {
        Leaving now = leaving(*honest);
        transmit(now);
        record_sent(now);
    } else if (const auto* entered = std::get_if<Entered>(&action)) {
        if (setup_.number == 0) {
            return;  // a stray segment is answered from LISTEN: no connection comes of it
        }
        write_at(caused_at_,
                 StateChanged{Who::us, entered->from, entered->to, cause(event), entered->rule});
    } else if (const auto* data = std::get_if<Deliver>(&action)) {
        measured_.bytes_in += data->data.size();
        if (setup_.delivered) {
            setup_.delivered(data->data);
        }
    }
}

std::optional<Connection::Leaving> Connection::send_first() {
    for (const Action& action : actions_) {
        if (const auto* honest = std::get_if<Transmit>(&action)) {
            Leaving now = leaving(*honest);
            transmit(now);
            return now;
        }
    }
    return std::nullopt;
}

void Connection::offer(std::size_t index, Event& event, Tcb& before) {
    bool may_redo = true;
    for (std::size_t earlier = 0; earlier < index; ++earlier) {
        may_redo = may_redo && !std::holds_alternative<Transmit>(actions_.all()[earlier]);
    }
    HonestEdit edit;  // the event has views of its data
    while (index < actions_.size()) {
        const auto* proposed = std::get_if<Transmit>(&actions_.all()[index]);
        if (proposed == nullptr) {
            return;
        }
        const Datagram honest = leaving(*proposed).datagram;
        const Instant asked = around_.alarm.now();
        Decision decision = setup_.interceptor->leaving(
            Proposal{setup_.number, honest, origin(Direction::out), proposed->rule,
                     proposed->retransmission, before, tcb_, may_redo});
        around_.paused += around_.alarm.now() - asked;
        if (decision.fate != Decision::Fate::redo || !may_redo) {
            follow(decision, *proposed);
            return;
        }
        // A SYN's window is never scaled (RFC 7323 §2.2).
        const bool syn = honest.segment.has(Flag::syn);
        if (!decision.edit.data) {
            decision.edit.data = std::move(edit.data);
        }
        edit = std::move(decision.edit);
        redo_with(edit, event, before, syn ? std::uint8_t{0} : tcb_.rcv_shift);
    }
}

void Connection::redo_with(const HonestEdit& edit, Event& event, Tcb& before, std::uint8_t shift) {
    apply_edit(edit, event, setup_.policy, before, shift);
    actions_.clear();
    tcb_ = advance(before, event, around_.engine_now(), setup_.policy, actions_);
}

void Connection::follow(const Decision& decision, const Transmit& proposed) {
    Leaving now = altered(proposed, decision);
    switch (decision.fate) {
        case Decision::Fate::drop:
            now.fault = "drop";
            now.gone = false;
            now.at = around_.alarm.now();
            break;
        case Decision::Fate::delay:
            send_later(now, decision.delay);
            return;
        case Decision::Fate::twice:
            transmit(now);
            record_sent(now);
            now.note = "sent twice";
            transmit(now);
            break;
        case Decision::Fate::send:
        case Decision::Fate::redo:
            transmit(now);
            break;
    }
    record_sent(now);
}

void Connection::craft(const SegmentPattern& pattern, const WireOverrides& lies,
                       const std::string& note) {
    Segment honest;
    honest.source = tcb_.id.local.port;
    honest.destination = tcb_.id.remote.port;
    honest.seq = tcb_.snd.nxt;
    honest.ack = tcb_.rcv.nxt;
    honest.flags = {Flag::ack};
    honest.wnd = static_cast<std::uint16_t>(
        std::min<std::uint32_t>(tcb_.rcv.wnd >> tcb_.rcv_shift, 0xffffU));
    Leaving now = altered(Transmit{honest, Rule::none, false},
                          Decision{.altered = pattern, .lies = lies, .note = note});
    now.altered = true;
    transmit(now);
    record_sent(now);
}

Instant Connection::deadline() const {
    const Instant engine = next_deadline(tcb_);
    return engine == never ? never : engine + around_.paused;
}

}  // namespace tcpcraft
