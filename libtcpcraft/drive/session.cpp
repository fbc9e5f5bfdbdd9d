#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include <libtcpcraft/drive/describe.hpp>
#include <libtcpcraft/drive/session.hpp>

namespace tcpcraft {

namespace {

ConnectionSetup collecting(ConnectionSetup setup, std::vector<std::byte>& into) {
    setup.delivered = [&into, also = std::move(setup.delivered)](std::span<const std::byte> data) {
        into.insert(into.end(), data.begin(), data.end());
        if (also) {
            also(data);
        }
    };
    return setup;
}

// Without an interceptor answers leave sooner.
ConnectionSetup withheld_in(ConnectionSetup setup, const Scenario& scenario,
                            Withholding& withholding) {
    if (std::ranges::any_of(scenario.steps, [](const Step& step) {
            return std::holds_alternative<Withhold>(step.what);
        })) {
        setup.interceptor = &withholding;
    }
    return setup;
}

// What was damaged on the way is seen, but says nothing.
bool processed(const Datagram& datagram, const Arrival& arrival) {
    return datagram.checksum != Checksum::bad && !arrival.truncated;
}

}  // namespace

Session::Session(Surroundings& surroundings, ConnectionSetup setup, Scenario scenario)
    : around_{surroundings},
      withholding_{setup.interceptor},
      connection_{surroundings,
                  collecting(withheld_in(std::move(setup), scenario, withholding_), received_)},
      scenario_{std::move(scenario)} {}

void Session::start() {
    const ConnectionSetup& setup = connection_.setup();
    if (setup.passive) {
        connection_.apply(PassiveOpen{setup.id.local, setup.iss, setup.timestamp_offset});
    }
    proceed();
}

void Session::arrives(const Datagram& datagram, const Arrival& arrival) {
    if (waiting_for<ExpectSyn>() != nullptr && !finished() && datagram.segment.has(Flag::syn) &&
        processed(datagram, arrival)) {
        kept_syn_.assign(arrival.octets.begin(), arrival.octets.end());
        kept_arrival_ = arrival;
        next();
        proceed();
        return;
    }
    remember_marks();
    const bool stray = is_stray(datagram, arrival);
    if (strays_.tells(around_.alarm.now())) {
        tell_strays();
    }
    if (stray && !strays_.allows(around_.alarm.now())) {
        return;
    }
    if (!stray) {
        reported_.reset();  // what an ICMP error said is over
    }
    if (stray && crosses(datagram.segment)) {
        connection_.kept_back(datagram, arrival, "drop", "a SYN where SYN,ACK is due: ignored");
        return;
    }
    if (!stray && (keep_back(datagram, arrival) || overhear(datagram, arrival))) {
        after_event();
        return;
    }
    const std::size_t before = received_.size();
    const Marks marks = marks_;
    if (!connection_.arrives(datagram, arrival, {}, stray) || !processed(datagram, arrival)) {
        return;
    }
    if (received_.size() != before) {
        data_came();
    }
    take_answer(datagram.segment, marks, stray);
    look(datagram, arrival);
    if (const auto* expected = waiting_for<ExpectSegment>();
        expected != nullptr && !finished() && !led_) {
        const bool asked_for_syn =
            expected->pattern.flags && expected->pattern.flags->has(Flag::syn);
        if (asked_for_syn && datagram.segment.has(Flag::rst)) {
            fail(Ending::refused, "the SYN was met by RST");
            return;
        }
    }
    if (waiting_for<ExpectSilence>() != nullptr && !finished()) {
        fail(Ending::unexpected, spelled(datagram.segment.flags) + " came where silence was due");
        return;
    }
    after_event();
}

void Session::icmp(const IcmpError& error) {
    if (finished()) {
        return;  // it told the end already: the SYNs before met the same
    }
    const bool opening = !established_;
    const bool ended_before = connection_end_.has_value();
    const Ending why = error.local ? Ending::unreachable : Ending::icmp;
    connection_.icmp(error);
    const bool nothing_of_ours =
        error.seq && connection_.tcb().state != State::closed && unrelated();
    if (!nothing_of_ours || about_a_probe(Seq{*error.seq})) {
        reported_ = error;
    }
    if (nothing_of_ours) {
        return;  // about a segment that we have not sent (RFC 5927 §4.1)
    }
    take_notices();
    if (opening) {
        fail(why, error.text);
        return;
    }
    if (connection_end_ && !ended_before) {  // a router or host says so: no RST of the peer's
        connection_end_ = why;
        connection_end_text_ = error.text;
    }
    after_event();
}

// Below SND.UNA there is nothing that is on its way, unless it asks whether the peer is there.
bool Session::about_a_probe(Seq seq) const {
    const Seq snd_una = connection_.tcb().snd.una;
    return seq == snd_una - 1 || seq == snd_una - 2;
}

bool Session::unrelated() const {
    return std::ranges::any_of(connection_.actions(), [](const Action& action) {
        const auto* discarded = std::get_if<Discarded>(&action);
        return discarded != nullptr && discarded->why == DiscardReason::icmp_unrelated;
    });
}

void Session::wake() {
    const Instant now = around_.alarm.now();
    if (connection_.deadline() <= now) {
        connection_.apply(TimePasses{});
        after_event();
    }
    if (!finished() && step_ends() <= now) {
        time_over();
    }
}

Instant Session::deadline() const {
    return finished() ? connection_.deadline() : std::min(connection_.deadline(), step_ends());
}

// Nobody runs out of time while a prompt waits.
Instant Session::step_ends() const {
    return step_deadline_ == never ? never : step_deadline_ + around_.paused;
}

void Session::stop(Ending why, std::string explanation) {
    if (finished()) {
        return;
    }
    finish(why, std::move(explanation));
    leave_nothing_behind();
}

// A peer that still believes in the connection is told that it is over.
void Session::leave_nothing_behind() {
    const State state = connection_.tcb().state;
    // In SYN-SENT nothing is sent now, but a late SYN,ACK will meet CLOSED.
    if (state != State::closed && state != State::listen && state != State::time_wait) {
        connection_.set_step("stop");
        aborted_ = true;
        connection_.apply(Abort{});
    }
}

void Session::data_came() {
    last_data_ = around_.alarm.now();
    if (const auto* step = waiting_for<ExpectData>()) {
        wait_for(step->quiet);
    }
}

void Session::proceed() {
    while (!finished()) {
        if (at_ >= scenario_.steps.size() && led_) {
            return;
        }
        if (at_ >= scenario_.steps.size()) {
            finish(Ending::completed, "");
            return;
        }
        remember_marks();
        if (!begun_ && left_out()) {
            next();
            continue;
        }
        if (!begun_) {
            begun_ = true;
            connection_.set_step(step().name);
            const Progress made =
                std::visit([this](const auto& what) { return begin(what); }, step().what);
            take_notices();
            if (finished()) {
                return;
            }
            if (made == Progress::waits && !met()) {
                after_event();
                return;
            }
        } else if (!met()) {
            return;
        }
        next();
    }
}

void Session::next() {
    if (led_) {
        step_over({});
    }
    leave_step();
}

void Session::leave_step() {
    if (waiting_for<AwaitKeepAlive>() != nullptr) {
        connection_.policy().keep_alive.reset();  // what follows is the end, not idleness
    }
    ++at_;
    begun_ = false;
    step_deadline_ = never;
    segment_matched_ = false;
    mismatch_.clear();
    answered_ = false;
    times_seen_.clear();
    question_.reset();
    noted_.reset();
    noted_seen_.reset();
}

void Session::wait_for(std::optional<Duration> within) {
    step_deadline_ = within ? around_.engine_now() + *within : never;
}

void Session::after_event() {
    take_notices();
    if (finished() || !begun_) {
        return;
    }
    if (connection_end_ && answered_) {
        connection_end_.reset();
        end_told_ = true;
    }
    if (connection_end_ && !came()) {
        fail(*connection_end_, connection_end_text_);
    } else if (met()) {
        next();
        proceed();
    } else if (connection_.failure()) {
        fail(Ending::environment, connection_.failure()->message());
    }
}

void Session::take_notices() {
    for (const Action& action : connection_.actions()) {
        const auto* notified = std::get_if<Notified>(&action);
        if (notified == nullptr) {
            continue;
        }
        const std::string said{text(notified->notice)};
        if (aborted_ || connection_end_ || end_told_) {
            continue;  // our own doing, or known
        }
        switch (notified->notice) {
            case Notice::connection_established:
                established_ = true;
                break;
            case Notice::connection_refused:
                connection_end_ = Ending::refused;
                connection_end_text_ = said;
                break;
            case Notice::connection_reset:
                connection_end_ = established_ ? Ending::reset : Ending::refused;
                connection_end_text_ = said;
                break;
            case Notice::connection_aborted_user_timeout:
            case Notice::connection_aborted_retransmissions:
            case Notice::connection_aborted_keep_alive:
                connection_end_ = Ending::gave_up;
                connection_end_text_ = said;
                break;
            default:
                break;
        }
    }
    const State state = connection_.tcb().state;
    established_ = established_ || state == State::established;
    if (connection_.setup().passive && state == State::listen && connection_.measured().peer_syn) {
        connection_end_ = Ending::reset;
        connection_end_text_ = "the peer reset the connection before it was established";
    }
}

void Session::fail(Ending why, std::string explanation) {
    if (led_) {
        fail_step(why, std::move(explanation));
        return;
    }
    const std::size_t failed = at_;
    finish(why, std::move(explanation));
    outcome_->failed_step = failed;
    if (why != Ending::environment) {
        leave_nothing_behind();
    }
}

void Session::finish(Ending why, std::string explanation) {
    if (finished()) {
        return;
    }
    tell_strays();
    outcome_ = Outcome{.ending = why,
                       .explanation = std::move(explanation),
                       .established = established_,
                       .escaped_resets = around_.link.counters().escaped_resets,
                       .lost_packets = around_.link.counters().lost,
                       .faults = connection_.faults(),
                       .strays = strays_.total(),
                       .state = connection_.tcb().state};
    if (around_.segments_seen != 0) {
        outcome_->segments.push_back(connection_.last_segment());
    }
    step_deadline_ = never;
    give_up_steps();
}

}  // namespace tcpcraft
