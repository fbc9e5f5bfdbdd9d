#include <array>
#include <span>
#include <utility>

#include <fmt/format.h>

#include <libtcpcraft/sim/scenario_end.hpp>

namespace tcpcraft {

namespace {

std::string describe(const FaultReport& report) {
    static constexpr std::array names{"drop", "delay", "duplicate", "reorder", "corrupt"};
    const std::string name = names[static_cast<std::size_t>(report.kind)];
    return report.kind == FaultKind::delay ? name + " " + seconds_text(report.delay) : name;
}

Event event_of(const SimCall& call, const ConnectionId& id) {
    switch (call.what) {
        case SimCall::What::listen:
            return PassiveOpen{.local = id.local, .iss = call.iss};
        case SimCall::What::open:
            return ActiveOpen{.id = id, .iss = call.iss};
        case SimCall::What::send:
            return Send{.data = std::as_bytes(std::span{call.data})};
        case SimCall::What::abort:
            return Abort{};
        default:
            return Close{};
    }
}

}  // namespace

SimEnd::SimEnd(Setup setup, SimNetwork& network, std::vector<OnWire>& wire)
    : setup_{std::move(setup)},
      network_{network},
      link_{setup_.side == SimSide::client ? network.near() : network.far(), network,
            setup_.faults},
      wire_{wire} {
    tcb_.id = setup_.id;
    link_.on_arrivals([this](std::span<const Arrival> arrivals) {
        for (const Arrival& arrival : arrivals) {
            arrives(arrival);
        }
    });
    link_.on_fault([this](const FaultReport& report) { fault_ = describe(report); });
    history_.push_back({Instant{}, State::closed, Rule::none});
}

void SimEnd::call(const SimCall& call) {
    using What = SimCall::What;
    switch (call.what) {
        case What::die:
            dead_ = true;
            network_.cancel(alarm_);
            note(fmt::format("At {}: the {}'s host dies; it neither hears nor speaks any more.",
                             seconds_text(network_.now().time_since_epoch()), text(setup_.side)));
            return;
        case What::restart:
            return lose_everything();
        case What::dump:
            return dump();
        case What::look:
            return look();
        default:
            break;
    }
    if (call.what == What::listen && tcb_.state == State::listen) {
        return choose_number(call);
    }
    const Event event = event_of(call, setup_.id);
    step(event, std::string{text(event)} + " call", nullptr, {});
}

// A TCB in LISTEN like the one before: no call of the user's, and nobody sees a difference.
void SimEnd::choose_number(const SimCall& call) {
    tcb_ = Tcb{};
    tcb_.id = setup_.id;
    Actions unseen;
    tcb_ =
        advance(std::move(tcb_), event_of(call, setup_.id), network_.now(), setup_.policy, unseen);
}

void SimEnd::arrives(const Arrival& arrival) {
    const auto datagram = parse(arrival.octets, arrival.checksum_ready);
    if (dead_ || !datagram) {
        return;
    }
    step(SegmentArrives{datagram->segment, datagram->ip.source, datagram->ip.destination},
         spelled_flags(datagram->segment.flags) + " arrives", &*datagram, arrival.octets);
    heard_ = network_.now();
}

void SimEnd::step(const Event& event, const std::string& cause, const Datagram* heard,
                  std::span<const std::byte> octets) {
    const Timers before = tcb_.timers;
    const bool timeout = std::holds_alternative<TimePasses>(event);
    if (timeout) {
        record_timers(before, true);
    }
    actions_.clear();
    tcb_ = advance(std::move(tcb_), event, network_.now(), setup_.policy, actions_);
    if (heard != nullptr) {
        record_arrival(*heard, octets);
    }
    carry_out(cause, heard != nullptr);
    record_timers(before, false);
    write(TcbShown{Who::us, tcb_});
    arm();
}

// A call moves the state and then the wire: so it stands in front of what is sent for it.
void SimEnd::carry_out(const std::string& cause, bool heard) {
    for (const bool moves : {true, false}) {
        for (const Action& action : actions_) {
            if (heard ? moves : moves == std::holds_alternative<Entered>(action)) {
                carry_out(action, cause, heard);
            }
        }
    }
}

void SimEnd::carry_out(const Action& action, const std::string& cause, bool heard) {
    if (const auto* out = std::get_if<Transmit>(&action)) {
        transmit(*out);
    } else if (const auto* moved = std::get_if<Entered>(&action)) {
        entered(moved->from, moved->to, moved->rule, cause);
    } else if (const auto* told = std::get_if<Notified>(&action);
               told != nullptr && !heard && told->notice != Notice::connection_established) {
        note(fmt::format("The {}'s user is told: {}.", text(setup_.side),
                         said_to_user(told->notice, tcb_.state)));
    }
}

void SimEnd::transmit(const Transmit& transmit) {
    const Datagram datagram{
        .ip = {.source = setup_.id.local.address, .destination = setup_.id.remote.address},
        .segment = transmit.segment};
    const std::vector<std::byte> octets = serialize(datagram);
    const Outgoing packet{octets, setup_.id.remote.address, 0};
    fault_.clear();
    static_cast<void>(link_.transmit(std::span{&packet, 1}));  // this network only loses on purpose
    learn_isn(Direction::out, transmit.segment);
    wire_.push_back({network_.now(), setup_.side, octets, fault_, transmit.rule,
                     transmit.retransmission, network_.now() - heard_});
    if (transmit.rule == Rule::fin_repeated && tcb_.state == State::time_wait) {
        restarts_.push_back(network_.now());
    }
    write(SegmentSeen{.number = wire_.size(),  // the order of sending, over both ends
                      .direction = Direction::out,
                      .datagram = datagram,
                      .octets = octets,
                      .origin = {our_isn_, peer_isn_},
                      .state = tcb_.state,
                      .peer_state = other_->state(),
                      .at = network_.now(),
                      .retransmission = transmit.retransmission,
                      .fault = fault_,
                      .rule = transmit.rule});
}

void SimEnd::entered(State from, State to, Rule rule, const std::string& cause) {
    history_.push_back({network_.now(), to, rule});
    const std::string why = from == State::closed ? cause + ", TCB created"
                            : to == State::closed ? cause + ", TCB deleted"
                                                  : cause;
    write(StateChanged{Who::us, from, to, why, rule});
    other_->write(StateChanged{Who::peer, from, to, why, rule});
}

void SimEnd::learn_isn(Direction direction, const Segment& segment) {
    if (segment.has(Flag::syn)) {
        (direction == Direction::out ? our_isn_ : peer_isn_) = segment.seq;
    }
}

// The host has forgotten all its connections; what arrives now meets CLOSED.
void SimEnd::lose_everything() {
    const State from = tcb_.state;
    tcb_ = Tcb{};
    tcb_.id = setup_.id;
    arm();
    entered(from, State::closed, Rule::none, "the host restarts");
}

void SimEnd::dump() {
    const bool exists = tcb_.state != State::closed;
    dumps_.push_back({network_.now(), setup_.side, exists ? std::optional{tcb_} : std::nullopt});
    std::string told = fmt::format("At {}, {}: ", seconds_text(network_.now().time_since_epoch()),
                                   text(setup_.side));
    if (!exists) {
        return note(told + "CLOSED, there is no TCB");
    }
    told += fmt::format("TCB in {}", text(tcb_.state));
    for (const std::string& line : tcb_lines(tcb_, network_.now())) {
        told += "\n  " + line;
    }
    note(told);
}

// A connection nobody is using: what the textbook's server would wait for in vain.
void SimEnd::look() {
    const Duration age = network_.now() - history_.back().at;
    const Duration silent = network_.now() - heard_;
    std::string told =
        fmt::format("the {} has been in {} for {} and has heard nothing for {}", text(setup_.side),
                    text(tcb_.state), seconds_text(age), seconds_text(silent));
    looks_.push_back(told);
    note(fmt::format("At {}: {}.", seconds_text(network_.now().time_since_epoch()), told));
}

void SimEnd::arm() {
    network_.cancel(alarm_);
    alarm_ = network_.call_at(next_deadline(tcb_), [this] {
        if (!dead_) {
            step(TimePasses{}, "timeout", nullptr, {});
        }
    });
}

}  // namespace tcpcraft
