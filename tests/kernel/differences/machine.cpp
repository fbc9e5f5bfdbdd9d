#include <tests/kernel/differences/machine.hpp>

#include <libtcpcraft/engine/rfc9293/steps.hpp>

namespace tcpcraft::test {

Machine::Machine(ConnectionId id, Policy policy, Step step)
    : id_{id}, policy_{std::move(policy)}, step_{std::move(step)} {
    tcb_.id = id;
}

Outcome Machine::take(const Event& event) {
    now_ += std::chrono::microseconds{10};
    actions_.clear();
    tcb_ = step_(std::move(tcb_), event, now_, policy_, actions_);
    Outcome outcome;
    for (const Action& action : actions_) {
        if (const auto* transmit = std::get_if<Transmit>(&action)) {
            const Segment& segment = transmit->segment;
            add(outcome.sent, reduced(segment, static_cast<std::uint32_t>(segment.payload.size())));
        } else if (const auto* deliver = std::get_if<Deliver>(&action)) {
            outcome.delivered.insert(outcome.delivered.end(), deliver->data.begin(),
                                     deliver->data.end());
        }
    }
    if (listens_ && tcb_.state == State::closed) {
        Actions silent;
        tcb_ = advance(std::move(tcb_), PassiveOpen{.local = id_.local}, now_, policy_, silent);
    }
    outcome.state = tcb_.state;
    outcome.unacknowledged = unacknowledged();
    return outcome;
}

void Machine::adopt_iss(Seq iss, Outcome& outcome) {
    SendSpace& snd = tcb_.snd;
    const std::uint32_t by = iss.raw() - snd.iss.raw();
    for (Answer& answer : outcome.sent) {
        answer.seq = answer.seq + by;
    }
    for (Seq* number : {&snd.una, &snd.nxt, &snd.up, &snd.wl2, &snd.iss, &tcb_.timed_seq}) {
        *number = *number + by;
    }
}

std::uint32_t Machine::unacknowledged() const noexcept {
    switch (tcb_.state) {
        case State::established:
        case State::close_wait:
        case State::fin_wait_1:
        case State::closing:
        case State::last_ack: {
            const bool fin = tcb_.close_called && !rfc9293::fin_acknowledged(tcb_);
            return static_cast<std::uint32_t>(rfc9293::queued(tcb_).size()) + (fin ? 1U : 0U) +
                   (rfc9293::syn_outstanding(tcb_) ? 1U : 0U);
        }
        default:
            return 0;
    }
}

}  // namespace tcpcraft::test
