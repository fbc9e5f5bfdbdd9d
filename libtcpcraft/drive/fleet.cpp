#include <functional>
#include <string_view>

#include <fmt/format.h>

#include <libtcpcraft/drive/describe.hpp>
#include <libtcpcraft/drive/ends.hpp>
#include <libtcpcraft/drive/fleet.hpp>

namespace tcpcraft {

namespace {

constexpr Duration given_up_after = std::chrono::seconds{1};

}  // namespace

std::size_t Fleet::Hash::operator()(const ConnectionId& id) const noexcept { return hash_of(id); }

Fleet::Fleet(Surroundings& surroundings) : around_{surroundings} {
    around_.link.on_arrivals([this](std::span<const Arrival> arrivals) {
        for (const Arrival& arrival : arrivals) {
            take(arrival);
        }
    });
    around_.link.on_sent([this](const Sent& sent) {
        if (Session* session = by_token(sent.token)) {
            session->connection().sent(sent);
        }
    });
    around_.link.on_icmp([this](const IcmpError& error) {
        if (Session* session = find(error.id)) {
            session->icmp(error);
            after(*session);
        }
    });
    around_.link.on_fault([this](const FaultReport& report) { take(report); });
}

Fleet::~Fleet() {
    around_.alarm.cancel(alarm_);
    around_.link.on_arrivals({});
    around_.link.on_sent({});
    around_.link.on_icmp({});
    around_.link.on_fault({});
}

Session& Fleet::launch(ConnectionSetup setup, Scenario scenario) {
    Session& session = add(std::move(setup), std::move(scenario));
    session.start();
    after(session);
    return session;
}

Session& Fleet::lead(ConnectionSetup setup) {
    Session& session = add(std::move(setup), {});
    session.lead();
    session.start();
    after(session);
    return session;
}

StepId Fleet::perform(Session& session, Step step,
                      std::function<void(const Expected<void>&)> done) {
    const StepId id = session.perform(std::move(step), std::move(done));
    after(session);
    return id;
}

void Fleet::drop(Session& session, StepId id) {
    session.drop(id);
    after(session);
}

void Fleet::dismiss(Session& session) {
    session.dismiss();
    after(session);
}

void Fleet::listen(Listener listener) { listener_ = std::move(listener); }

Session& Fleet::add(ConnectionSetup setup, Scenario scenario) {
    give_up_some();
    setup.number = sessions_.size() + 1;
    const ConnectionId id = without_zones(setup.id);
    sessions_.push_back(std::make_unique<Session>(around_, std::move(setup), std::move(scenario)));
    entered_.push_back(never);
    reported_.push_back(false);
    by_id_[id] = sessions_.back().get();
    ++unfinished_;
    return *sessions_.back();
}

Session* Fleet::by_token(std::uint64_t token) const {
    const std::size_t number = token >> 32U;
    return number != 0 && number <= sessions_.size() ? sessions_[number - 1].get() : nullptr;
}

// Not as soon as it has ended: the link still tells when its last segments left.
void Fleet::give_up_some() {
    const Instant now = around_.alarm.now();
    for (; !leaving_.empty() && leaving_.front().first <= now; leaving_.pop_front()) {
        const std::size_t index = leaving_.front().second;
        if (entered_[index] != never) {
            leaving_.emplace_back(now + given_up_after, index);
            continue;
        }
        const auto found = by_id_.find(without_zones(sessions_[index]->connection().setup().id));
        if (found != by_id_.end() && found->second == sessions_[index].get()) {
            by_id_.erase(found);
        }
        sessions_[index].reset();
    }
}

Session* Fleet::find(const ConnectionId& id) const {
    const auto found = by_id_.find(without_zones(id));
    return found == by_id_.end() ? nullptr : found->second;
}

bool Fleet::listening_for(const ConnectionId& id) const {
    return listener_ && listener_->local.port == id.local.port &&
           (listener_->local.address.is_unspecified() ||
            listener_->local.address.with_zone(0) == id.local.address) &&
           (listener_->accept == 0 || accepted_ < listener_->accept);
}

void Fleet::take(const Arrival& arrival) {
    const auto parsed = parse(arrival.octets, arrival.checksum_ready);
    if (!parsed) {
        ++malformed_;
        tell_unreadable(arrival, parsed.error().sentence());
        return;
    }
    take(*parsed, arrival, seen_from_here(*parsed));
}

void Fleet::tell_unreadable(const Arrival& arrival, const std::string& why) {
    const auto tell = [&](std::string text) {
        around_.trace.write(
            Record{.at = arrival.at, .what = Note{std::move(text), Note::Kind::warning}});
    };
    const Instant now = around_.alarm.now();
    if (unreadable_.tells(now)) {
        tell(fmt::format("ignored {} more that are no TCP segments", unreadable_.take_untold()));
    }
    if (unreadable_.allows(now)) {
        tell("ignored what is no TCP segment: " + why);
    }
}

void Fleet::take(const Datagram& datagram, const Arrival& arrival, const ConnectionId& id) {
    Session* session = find(id);
    // TIME-WAIT that was cut short is over as well: its machine would take the SYN (RFC 9293
    // §3.6.1, MAY-2), but nobody leads that connection any more.
    const State state = session != nullptr ? session->connection().tcb().state : State::closed;
    const bool over = session != nullptr && session->finished() &&
                      (state == State::closed || state == State::time_wait);
    if ((session == nullptr || (over && datagram.segment.has(Flag::syn))) && listening_for(id)) {
        accept(datagram, arrival, id);
    } else if (session != nullptr) {
        session->arrives(datagram, arrival);
        after(*session);
    }
}

// Only a SYN makes a connection; anything else gets the answer of LISTEN (RFC 9293 §3.10.7.2).
void Fleet::accept(const Datagram& datagram, const Arrival& arrival, const ConnectionId& id) {
    const bool opens = datagram.segment.has(Flag::syn) && !datagram.segment.has(Flag::ack) &&
                       !datagram.segment.has(Flag::rst);
    ConnectionSetup setup = listener_->setup;
    setup.id = id;
    if (id.remote.address.is_link_local()) {  // the packet does not name its link
        setup.id.remote.address = id.remote.address.with_zone(arrival.interface_index);
        setup.id.local.address = id.local.address.with_zone(arrival.interface_index);
    }
    setup.passive = !listener_->crossing;
    if (!opens && !unasked_.allows(around_.alarm.now())) {
        return;
    }
    if (!opens) {
        setup.number = 0;
        Session stray{around_, std::move(setup), {}};
        stray.start();
        stray.arrives(datagram, arrival);
        return;
    }
    ++accepted_;
    if (listener_->accepted) {
        listener_->accepted(setup);
    }
    Scenario scenario = listener_->story ? listener_->story(setup) : listener_->scenario;
    Session& session = add(std::move(setup), std::move(scenario));
    const auto led = listener_->led;
    if (led) {
        session.lead();
    }
    session.start();
    session.arrives(datagram, arrival);
    if (led) {
        led(session);
    }
    after(session);
}

void Fleet::take(const FaultReport& report) {
    if (report.direction == Direction::out) {
        if (Session* session = by_token(report.token)) {
            session->connection().fault(report);
        }
        return;
    }
    const auto parsed = parse(report.octets, report.checksum_ready);
    Session* session = parsed ? find(seen_from_here(*parsed)) : nullptr;
    if (session == nullptr) {
        const Flags flags = parsed ? parsed->segment.flags : Flags{};
        around_.trace.write(
            Record{.at = report.at, .what = FaultDone{describe(report), report.direction, flags}});
        around_.trace.write(Record{.at = report.at,
                                   .what = Note{fmt::format("--fault: {} done to an arriving {}",
                                                            describe(report), spelled(flags))}});
        return;
    }
    session->connection().fault(report);
    if (report.kind == FaultKind::drop) {
        session->connection().lost_arrival(*parsed, report);
    }
}

void Fleet::after(Session& session) {
    session.tell();
    const std::size_t index = session.connection().setup().number - 1;
    if (session.finished() && !reported_[index]) {
        reported_[index] = true;
        --unfinished_;
        if (finished_) {
            finished_(session);
        }
        if (gives_up_ended_) {
            leaving_.emplace_back(around_.alarm.now() + given_up_after, index);
        }
    }
    const Instant deadline = session.deadline();
    if (deadline != entered_[index]) {
        deadlines_.erase({entered_[index], index});
        if (deadline != never) {
            deadlines_.emplace(deadline, index);
        }
        entered_[index] = deadline;
    }
    rearm();
}

void Fleet::rearm() {
    const Instant first = deadlines_.empty() ? never : deadlines_.begin()->first;
    if (first == alarm_at_) {
        return;
    }
    around_.alarm.cancel(alarm_);
    alarm_ = first == never ? AlarmId::none : around_.alarm.call_at(first, [this] { wake(); });
    alarm_at_ = first;
}

void Fleet::wake() {
    alarm_at_ = never;
    alarm_ = AlarmId::none;
    const Instant now = around_.alarm.now();
    while (!deadlines_.empty() && deadlines_.begin()->first <= now) {
        Session& session = *sessions_[deadlines_.begin()->second];
        const Instant due = deadlines_.begin()->first;
        session.wake();
        after(session);
        if (!deadlines_.empty() && deadlines_.begin()->first == due) {
            break;  // time does not move on: leave it to the next turn of the loop
        }
    }
    rearm();
}

bool Fleet::finished() const {
    const bool more_to_come =
        listener_ && (listener_->accept == 0 || accepted_ < listener_->accept);
    return unfinished_ == 0 && !more_to_come;
}

void Fleet::stop(Ending why, const std::string& explanation) {
    listener_.reset();
    for (const auto& session : sessions_) {
        if (session) {
            stop(*session, why, explanation);
        }
    }
}

void Fleet::stop(Session& session, Ending why, const std::string& explanation) {
    session.stop(why, explanation);
    after(session);
}

}  // namespace tcpcraft
