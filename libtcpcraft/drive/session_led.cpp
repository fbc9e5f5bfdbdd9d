#include <algorithm>
#include <utility>

#include <libtcpcraft/drive/session.hpp>

// Steps that come from outside, one by one, while the connection is there.

namespace tcpcraft {

namespace {

constexpr std::size_t most_unasked = 256;

std::errc code_of(Ending why) noexcept {
    switch (why) {
        case Ending::refused:
            return std::errc::connection_refused;
        case Ending::reset:
            return std::errc::connection_reset;
        case Ending::icmp:
        case Ending::unreachable:
            return std::errc::host_unreachable;
        case Ending::no_answer:
        case Ending::gave_up:
            return std::errc::timed_out;
        case Ending::unexpected:
            return std::errc::protocol_error;
        case Ending::environment:
            return std::errc::io_error;
        case Ending::completed:
        case Ending::interrupted:
        case Ending::deadline:
            break;
    }
    return std::errc::operation_canceled;
}

Expected<void> step_failure(Ending why, std::string explanation) {
    return failure(std::make_error_code(code_of(why)), std::move(explanation));
}

}  // namespace

void Session::lead() {
    led_ = true;
    ordered_.resize(scenario_.steps.size());  // whose end nobody asked to hear of
}

StepId Session::perform(Step step, std::function<void(const Expected<void>&)> done) {
    const StepId id{next_step_id_++};
    if (finished()) {
        reports_.push_back(
            {std::move(done), step_failure(outcome_->ending, "the session is over")});
        return id;
    }
    scenario_.steps.push_back(std::move(step));
    ordered_.push_back({id, std::move(done)});
    proceed();
    return id;
}

void Session::drop(StepId id) {
    const auto found = std::ranges::find(ordered_, id, &Ordered::id);
    if (id == StepId::none || found == ordered_.end()) {
        return;
    }
    const auto place = found - ordered_.begin();
    reports_.push_back({std::move(found->done), step_failure(Ending::interrupted, "given up")});
    if (place == 0) {
        found->done = nullptr;
        next();
        proceed();
        return;
    }
    scenario_.steps.erase(scenario_.steps.begin() + static_cast<std::ptrdiff_t>(at_) + place);
    ordered_.erase(found);
}

void Session::dismiss() { finish(Ending::completed, ""); }

void Session::tell() {
    if (!led_) {
        return;
    }
    proceed();  // a step that has failed has made room for the next
    while (!reports_.empty()) {
        for (const Report& report : std::exchange(reports_, {})) {
            if (report.done) {
                report.done(report.result);
            }
        }
    }
}

void Session::step_over(Expected<void> result) {
    if (ordered_.empty()) {
        return;
    }
    reports_.push_back({std::move(ordered_.front().done), std::move(result)});
    ordered_.pop_front();
    if (at_ + 1 == scenario_.steps.size()) {  // none of them will be looked at again
        scenario_.steps.erase(scenario_.steps.begin(), scenario_.steps.end() - 1);
        at_ = 0;
    }
}

void Session::fail_step(Ending why, std::string explanation) {
    if (begun_) {
        step_over(step_failure(why, std::move(explanation)));
        leave_step();
    }
}

void Session::give_up_steps() {
    for (Ordered& step : std::exchange(ordered_, {})) {
        reports_.push_back(
            {std::move(step.done), step_failure(outcome_->ending, "the session has ended")});
    }
}

void Session::look(const Datagram& datagram, const Arrival& arrival) {
    if (led_) {
        SeenSegment seen{datagram.segment, {}, arrival.at};
        seen.payload.assign(datagram.segment.payload.begin(), datagram.segment.payload.end());
        seen.segment.payload = {};
        unasked_.push_back(std::move(seen));
        if (unasked_.size() > most_unasked) {
            unasked_.pop_front();
        }
        look_back();
    } else if (waiting_for<ExpectSegment>() != nullptr && !finished()) {
        mismatch_ = difference(datagram.segment);
        segment_matched_ = mismatch_.empty();
    }
}

void Session::look_back() {
    if (!led_ || !begun_ || waiting_for<ExpectSegment>() == nullptr) {
        return;
    }
    while (!unasked_.empty() && !segment_matched_) {
        SeenSegment seen = std::move(unasked_.front());
        unasked_.pop_front();
        Segment whole = seen.segment;
        whole.payload = seen.payload;
        mismatch_ = difference(whole);
        segment_matched_ = mismatch_.empty();
        if (segment_matched_) {
            matched_ = std::move(seen);
        }
    }
}

std::string Session::difference(const Segment& seen) const {
    const auto* expected = waiting_for<ExpectSegment>();
    const SeqOrigin origin = connection_.origin(Direction::in);
    Segment counted = seen;
    if (expected->relative && origin.seq) {
        counted.seq = seen.seq - origin.seq->raw();
    }
    if (expected->relative && origin.ack) {
        counted.ack = seen.ack - origin.ack->raw();
    }
    return expected->pattern.difference(counted);
}

// What the connection's end was asked for by is not its victim.
bool Session::came() const {
    const bool tells =
        waiting_for<ExpectState>() != nullptr || (led_ && waiting_for<ExpectSegment>() != nullptr);
    return tells && met();
}

}  // namespace tcpcraft
