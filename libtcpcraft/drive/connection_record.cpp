#include <algorithm>
#include <array>

#include <libtcpcraft/drive/connection_parts.hpp>
#include <libtcpcraft/drive/describe.hpp>

namespace tcpcraft {

namespace {

constexpr std::array all_timers{Timer::retransmission, Timer::zero_window, Timer::keep_alive,
                                Timer::time_wait,      Timer::fin_wait_2,  Timer::user,
                                Timer::delayed_ack};

// What the machine made of an arrival, where the arrow and the state behind it do not tell.
std::string remark(const Actions& actions, Rule& rule) {
    std::string passed;
    for (const Action& action : actions) {
        if (const auto* discarded = std::get_if<Discarded>(&action)) {
            rule = discarded->rule;
            return std::string{text(discarded->why)};
        }
        if (const auto* entered = std::get_if<Entered>(&action)) {
            passed = passed.empty() ? "-" : "by way of " + std::string{text(entered->from)};
        }
    }
    return passed == "-" ? "" : passed;
}

Rule first_rule(const Actions& actions) {
    for (const Action& action : actions) {
        if (const auto* entered = std::get_if<Entered>(&action)) {
            return entered->rule;
        }
        if (const auto* answer = std::get_if<Transmit>(&action)) {
            return answer->rule;
        }
    }
    return Rule::none;
}

}  // namespace

void Connection::write(decltype(Record::what) what) {
    write_at(around_.alarm.now(), std::move(what));
}

void Connection::write_at(Instant at, decltype(Record::what) what) {
    around_.trace.write(Record{at, setup_.number, tcb_.id, std::move(what)});
}

void Connection::note(std::string text, Note::Kind kind) { write(Note{std::move(text), kind}); }

// While we have a number of our own, that is what relative numbers count from: an old duplicate
// then shows how far it lies behind.
SeqOrigin Connection::origin(Direction direction) const noexcept {
    const bool numbered = tcb_.state != State::closed && tcb_.state != State::listen;
    const auto ours = numbered ? std::optional{tcb_.snd.iss} : peer_.our_isn();
    return direction == Direction::out ? SeqOrigin{ours, peer_.isn()}
                                       : SeqOrigin{peer_.isn(), ours};
}

// The handshake, or what refused it: what a verdict on the opening rests on.
void Connection::note_opening(const Segment& segment, std::size_t number) {
    const bool completes =
        segment.flags == Flags{Flag::ack} && !completed_ && measured_.our_syn && measured_.peer_syn;
    const bool refuses = segment.has(Flag::rst) && !completed_;
    if (segment.has(Flag::syn) || refuses || completes) {
        measured_.opening.push_back(number);
    }
    completed_ = completed_ || completes;
}

void Connection::record_sent(const Leaving& leaving) {
    const State peer_before = peer_.state();
    if (leaving.gone) {
        peer_.sent(leaving.datagram.segment);
    }
    measure_sent(leaving);
    last_segment_ = around_.segments_seen++;
    note_opening(leaving.datagram.segment, last_segment_);
    write_at(leaving.at, SegmentSeen{.number = last_segment_,
                                     .direction = Direction::out,
                                     .datagram = leaving.datagram,
                                     .octets = leaving.octets,
                                     .origin = origin(Direction::out),
                                     .state = tcb_.state,
                                     .peer_state = peer_.state(),
                                     .at = leaving.at,
                                     .kernel_timestamp = leaving.kernel_timestamp,
                                     .retransmission = leaving.retransmission,
                                     .altered = leaving.altered,
                                     .fault = leaving.fault,
                                     .step = step_,
                                     .note = leaving.note,
                                     .rule = leaving.rule});
    keep(leaving.datagram, {.direction = Direction::out,
                            .at = leaving.at,
                            .lost = leaving.fault == "drop" || leaving.fault == "not sent",
                            .retransmission = leaving.retransmission,
                            .altered = leaving.altered,
                            .rule = leaving.rule});
    record_peer_state(peer_before, spelled(leaving.datagram.segment.flags) + " sent", leaving.at);
}

void Connection::keep(const Datagram& datagram, Sighting seen) {
    if (!setup_.keep_sightings) {
        return;
    }
    const Segment& segment = datagram.segment;
    const auto stamp = segment.options.find<Timestamps>();
    seen.number = last_segment_;
    seen.flags = segment.flags;
    seen.seq = segment.seq;
    seen.ack = segment.ack;
    seen.len = segment.len();
    seen.wnd = segment.wnd;
    seen.timestamps = stamp.has_value();
    seen.ts_val = stamp ? stamp->val : 0;
    seen.hop_limit = datagram.ip.hop_limit;
    seen.identification = datagram.ip.identification;
    seen.state = tcb_.state;
    seen.peer_state = peer_.state();
    sightings_.push_back(seen);
}

void Connection::kept_back(const Datagram& datagram, const Arrival& arrival, std::string fault,
                           std::string note) {
    actions_.clear();
    record_arrival(Incoming{.datagram = datagram,
                            .arrival = arrival,
                            .fault = std::move(fault),
                            .note = std::move(note)});
}

bool Connection::ExpectedFault::befell(const Incoming& incoming) const {
    const Segment& segment = incoming.datagram.segment;
    return seq == segment.seq && flags == segment.flags && incoming.arrival.at >= earliest &&
           (octets.empty() || std::ranges::equal(octets, incoming.arrival.octets));
}

std::string Connection::take_fault(const Incoming& incoming) {
    const auto found = std::ranges::find_if(
        expected_faults_, [&](const ExpectedFault& one) { return one.befell(incoming); });
    if (found == expected_faults_.end()) {
        return {};
    }
    std::string fault = std::move(found->fault);
    expected_faults_.erase(found);
    return fault;
}

// After our RST the peer may answer another SYN of ours: that is no repetition.
bool Connection::repeats_syn_ack(const Segment& segment) const {
    return measured_.peer_syn && segment.has(Flag::syn) && segment.has(Flag::ack) &&
           segment.seq == measured_.peer_syn->seq && segment.ack == measured_.peer_syn->ack;
}

void Connection::record_arrival(const Incoming& incoming) {
    const State peer_before = peer_.state();
    if (incoming.datagram.checksum != Checksum::bad && !stray_) {
        peer_.arrived(incoming.datagram.segment);
    }
    const bool again = repeats_syn_ack(incoming.datagram.segment);
    measure_arrival(incoming);
    Rule rule = first_rule(actions_);
    std::string note =
        incoming.note.empty() && incoming.fault.empty() ? remark(actions_, rule) : incoming.note;
    const std::string fault = incoming.fault.empty() ? take_fault(incoming) : incoming.fault;
    if (again && measured_.syn_acks.size() > 1 && fault.empty()) {
        note = "the peer repeats its SYN,ACK";
    }
    last_segment_ = around_.segments_seen++;
    if (!stray_) {
        note_opening(incoming.datagram.segment, last_segment_);
    }
    write_at(incoming.arrival.at, SegmentSeen{.number = last_segment_,
                                              .direction = Direction::in,
                                              .datagram = incoming.datagram,
                                              .octets = incoming.arrival.octets,
                                              .origin = origin(Direction::in),
                                              .state = tcb_.state,
                                              .peer_state = peer_.state(),
                                              .at = incoming.arrival.at,
                                              .kernel_timestamp = incoming.arrival.kernel_timestamp,
                                              .fault = fault,
                                              .step = step_,
                                              .note = note,
                                              .rule = incoming.fault.empty() ? rule : Rule::none});
    keep(incoming.datagram, {.direction = Direction::in,
                             .at = incoming.arrival.at,
                             .lost = incoming.fault == "drop",
                             .rule = rule,
                             .stray = stray_ || incoming.datagram.checksum == Checksum::bad});
    record_peer_state(peer_before, spelled(incoming.datagram.segment.flags) + " seen",
                      incoming.arrival.at);
}

void Connection::record_peer_state(State before, const std::string& cause, Instant at) {
    if (peer_.state() != before) {
        write_at(at, StateChanged{Who::peer, before, peer_.state(), cause, Rule::none});
    }
}

// What fired comes before what that led to.
void Connection::record_fired(const Timers& before) {
    for (const Timer timer : all_timers) {
        const auto was = before.at(timer);
        if (was && *was <= event_at_ - around_.paused) {
            write_at(event_at_, TimerChanged{timer, TimerChange::fired, *was + around_.paused});
        }
    }
}

void Connection::record_timers(const Timers& before, bool time_passed, Instant engine_at) {
    const auto changed = [this](Timer timer, TimerChange change, Instant deadline) {
        write_at(event_at_, TimerChanged{timer, change, deadline + around_.paused});
    };
    for (const Timer timer : all_timers) {
        const auto was = before.at(timer);
        const auto is = tcb_.timers.at(timer);
        const bool fired = was && time_passed && *was <= engine_at;
        if (was && !is && !fired) {
            changed(timer, TimerChange::cleared, *was);
        }
        if (is && is != was) {
            changed(timer, TimerChange::set, *is);
        }
    }
}

void Connection::measure_sent(const Leaving& leaving) {
    const Segment& segment = leaving.datagram.segment;
    if (leaving.fault == "not sent") {
        return;
    }
    ++measured_.segments_out;
    const bool another = leaving.altered && segment.seq != tcb_.snd.iss;  // an old duplicate, say
    if (!segment.has(Flag::syn) || another) {
        return;
    }
    syn_repeated_ = timed_syn_.has_value();
    timed_syn_ = Sent{0, leaving.at, leaving.kernel_timestamp};
    measured_.our_syn = segment;
    measured_.our_syn->payload = {};
    measured_.our_syn_len = segment.len();
}

void Connection::measure_arrival(const Incoming& incoming) {
    const Segment& segment = incoming.datagram.segment;
    if (measured_.segments_in++ == 0) {
        measured_.first_heard = incoming.arrival.at;
    }
    measured_.offloaded |= incoming.datagram.checksum == Checksum::offloaded;
    if (!incoming.fault.empty() || incoming.datagram.checksum == Checksum::bad || stray_) {
        return;
    }
    Segment bare = segment;
    bare.payload = {};
    if (segment.has(Flag::rst)) {
        measured_.peer_reset = bare;
    } else if (segment.has(Flag::syn) &&
               (!synchronized(tcb_.state) || segment.seq == tcb_.rcv.irs)) {
        measured_.peer_syn = bare;
        if (segment.has(Flag::ack)) {
            measured_.syn_acks.push_back(incoming.arrival.at);
        }
    }
    const bool acknowledges_syn = segment.has(Flag::ack) && segment.ack == tcb_.snd.iss + 1;
    if (acknowledges_syn && timed_syn_ && !syn_repeated_ && !measured_.rtt) {
        measured_.rtt = incoming.arrival.at - timed_syn_->at;
        measured_.rtt_from_kernel =
            timed_syn_->kernel_timestamp && incoming.arrival.kernel_timestamp;
    }
}

}  // namespace tcpcraft
