#include <libtcpcraft/drive/connection_parts.hpp>
#include <libtcpcraft/drive/describe.hpp>

namespace tcpcraft {

void apply_edit(const HonestEdit& edit, Event& event, Policy& policy, Tcb& before,
                std::uint8_t shift) {
    if (edit.wnd) {
        policy.rcv_wnd = std::uint32_t{*edit.wnd} << shift;
        before.rcv.wnd = policy.rcv_wnd;
    }
    if (edit.syn_options) {
        policy.syn_options = *edit.syn_options;
    }
    if (auto* open = std::get_if<ActiveOpen>(&event)) {
        open->iss = edit.iss ? edit.iss : open->iss;
        open->syn_data = edit.data ? std::span<const std::byte>{*edit.data} : open->syn_data;
    } else if (auto* send = std::get_if<Send>(&event); send != nullptr && edit.data) {
        send->data = *edit.data;
    } else if (edit.iss && before.state == State::listen) {
        before.snd.iss = *edit.iss;  // as PassiveOpen{.iss} would have set it
        before.snd.una = *edit.iss;
        before.snd.nxt = *edit.iss + 1;
    }
}

Connection::Leaving Connection::leaving(const Transmit& transmit) const {
    Leaving now;
    now.datagram.ip = setup_.ip;
    // In LISTEN the TCB knows no peer; what is answered there came from the one we were made for.
    const ConnectionId& id = tcb_.id.remote.address.is_unspecified() ? setup_.id : tcb_.id;
    now.datagram.ip.source = id.local.address;
    now.datagram.ip.destination = id.remote.address;
    now.datagram.segment = transmit.segment;
    now.retransmission = transmit.retransmission;
    now.rule = transmit.rule;
    return now;
}

Connection::Leaving Connection::altered(const Transmit& transmit, const Decision& decision) const {
    Leaving now = leaving(transmit);
    now.altered = !decision.altered.empty() || decision.lies.any() || decision.hop_limit;
    now.note = decision.note;
    now.datagram.segment = decision.altered.laid_over(transmit.segment);
    now.datagram.lies = decision.lies;
    now.datagram.ip.hop_limit = decision.hop_limit.value_or(now.datagram.ip.hop_limit);
    if (decision.altered.payload) {
        now.own_payload = *decision.altered.payload;
        now.datagram.segment.payload = now.own_payload;
    }
    return now;
}

void Connection::transmit(Leaving& leaving) {
    leaving.octets = serialize_into(around_.scratch, leaving.datagram);
    stamp_.reset();
    fault_.clear();
    swallowed_ = false;
    leaving.at = around_.alarm.now();
    token_ = (std::uint64_t{setup_.number} << 32U) | ((token_ + 1) & 0xffffffffU);
    const Outgoing packet{leaving.octets, leaving.datagram.ip.destination, token_};
    if (auto done = around_.link.transmit({&packet, 1}); !done) {
        failure_ = done.error();
        leaving.note = done.error().message();
        leaving.fault = "not sent";
        leaving.gone = false;
        return;
    }
    if (stamp_) {
        leaving.at = stamp_->at;
        leaving.kernel_timestamp = stamp_->kernel_timestamp;
    }
    leaving.fault = fault_;
    leaving.gone = !swallowed_;
}

void Connection::send_later(const Leaving& leaving, Duration delay) {
    std::vector<std::byte> octets = serialize(leaving.datagram);
    auto later = [this, alive = alive_, octets = std::move(octets),
                  to = leaving.datagram.ip.destination, rule = leaving.rule,
                  altered = leaving.altered, delay]() {
        const auto parsed = *alive ? parse(octets) : Unexpected<ParseError>{ParseError{}};
        if (!parsed) {
            return;
        }
        Leaving now;
        now.datagram = *parsed;
        now.datagram.ip.destination = to;  // the zone is not in the octets
        now.rule = rule;
        now.altered = altered;
        now.note = "held back for " + spoken(delay);
        transmit(now);
        record_sent(now);
    };
    (void)around_.alarm.call_at(around_.alarm.now() + delay, std::move(later));
}

void Connection::sent(const Sent& report) {
    if (report.token == token_) {
        stamp_ = report;
    }
}

namespace {

// One that is not delayed keeps the time at which it was captured, which is before the report's.
Instant held_until(const FaultReport& report) {
    constexpr Duration two_readings_of_the_clock = std::chrono::milliseconds{10};
    return report.kind == FaultKind::delay ? report.at + report.delay - two_readings_of_the_clock
                                           : Instant::min();
}

}  // namespace

void Connection::fault(const FaultReport& report) {
    ++faults_;
    const auto parsed = parse(report.octets, report.checksum_ready);
    write(FaultDone{describe(report), report.direction, parsed ? parsed->segment.flags : Flags{}});
    if (report.direction == Direction::in && report.kind != FaultKind::drop && parsed) {
        ExpectedFault expected{.seq = parsed->segment.seq,
                               .flags = parsed->segment.flags,
                               .earliest = held_until(report),
                               .fault = describe(report)};
        if (report.kind != FaultKind::corrupt) {
            expected.octets.assign(report.octets.begin(), report.octets.end());
        }
        expected_faults_.push_back(std::move(expected));
    }
    if (report.direction == Direction::out && report.token == token_) {
        fault_ = describe(report);
        swallowed_ = report.kind == FaultKind::drop || report.kind == FaultKind::corrupt;
    }
}

void Connection::lost_arrival(const Datagram& datagram, const FaultReport& report) {
    const Arrival arrival{
        .octets = report.octets, .at = report.at, .checksum_ready = report.checksum_ready};
    record_arrival(Incoming{.datagram = datagram, .arrival = arrival, .fault = describe(report)});
}

}  // namespace tcpcraft
