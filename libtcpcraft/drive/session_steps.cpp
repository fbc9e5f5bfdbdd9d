#include <algorithm>

#include <fmt/format.h>

#include <libtcpcraft/drive/describe.hpp>
#include <libtcpcraft/drive/session.hpp>

namespace tcpcraft {

using namespace std::chrono_literals;

// Each step in two parts: begin() does what is to be done and says whether there is something to
// wait for; met() says whether that has come.

Session::Progress Session::begin(const Open& step) {
    if (step.iss_above != 0) {
        marks_.first_snd_nxt = marks_.snd_nxt;
        marks_.first_rcv_nxt = marks_.rcv_nxt;
        connection_.set_iss(marks_.snd_nxt + step.iss_above);
        end_told_ = false;
    }
    if (led_) {  // whatever became of an earlier one
        connection_end_.reset();
        aborted_ = false;
    }
    const ConnectionSetup& setup = connection_.setup();
    connection_.apply(ActiveOpen{setup.id, setup.iss, setup.timestamp_offset, step.syn_data});
    if (step.crossing && kept_arrival_) {
        kept_arrival_->octets = kept_syn_;
        kept_arrival_->at = around_.alarm.now();
        kept_arrival_->kernel_timestamp = false;
        if (const auto parsed = parse(kept_syn_, kept_arrival_->checksum_ready)) {
            connection_.arrives(*parsed, *kept_arrival_, "kept back until ours had left");
        }
    }
    return Progress::done;
}

Session::Progress Session::begin(const SendData& step) {
    connection_.apply(Send{step.data, true});
    wait_for(step.within);
    return step.wait ? Progress::waits : Progress::done;
}

Session::Progress Session::begin(const CloseCall& /*step*/) {
    connection_.apply(Close{});
    return Progress::done;
}

Session::Progress Session::begin(const AbortCall& step) {
    const State state = connection_.tcb().state;
    if (step.if_open && (state == State::closed || state == State::time_wait)) {
        return Progress::done;
    }
    if (step.if_open) {
        connection_.note("the peer has not closed its side: reset, so that nothing is left behind");
    }
    aborted_ = true;
    connection_.apply(Abort{});
    return Progress::done;
}

Session::Progress Session::begin(const Craft& step) {
    SegmentPattern pattern = step.pattern;
    if (led_ && timestamps_ && !pattern.options) {
        pattern.options = stamped(ProbeStamp::current);
    }
    connection_.craft(pattern, step.lies, step.note);
    return Progress::done;
}

Session::Progress Session::begin(const ExpectState& step) {
    wait_for(step.within);
    return Progress::waits;
}

Session::Progress Session::begin(const ExpectSegment& step) {
    wait_for(step.within);
    look_back();
    return Progress::waits;
}

Session::Progress Session::begin(const ExpectSyn& step) {
    wait_for(step.within);
    return Progress::waits;
}

Session::Progress Session::begin(const ExpectSilence& step) {
    wait_for(step.during);
    return Progress::waits;
}

Session::Progress Session::begin(const ExpectData& step) {
    const bool came_already = received_.size() > received_before_;
    last_data_ = came_already ? around_.alarm.now() : never;
    wait_for(came_already ? step.quiet : step.within);
    return Progress::waits;
}

Session::Progress Session::begin(const Hold& step) {
    wait_for(step.during);
    return Progress::waits;
}

Session::Progress Session::begin(const AwaitPeerClose& step) {
    wait_for(step.within);
    return Progress::waits;
}

Session::Progress Session::begin(const Linger& step) {
    if (connection_.tcb().state != State::time_wait) {
        return Progress::done;
    }
    if (!step.full) {
        const Duration rtt = connection_.measured().rtt.value_or(0ms);
        wait_for(step.at_most.value_or(std::max<Duration>(1s, 2 * rtt)));
    }
    return Progress::waits;
}

Session::Progress Session::begin(const Settle& step) {
    wait_for(std::max<Duration>(step.at_least, 2 * connection_.measured().rtt.value_or(0ms)));
    return Progress::waits;
}

Session::Progress Session::begin(const Say& step) {
    connection_.write(step.note);
    return Progress::done;
}

bool Session::all_acknowledged() const {
    const Tcb& tcb = connection_.tcb();
    const Buffers* buffers = tcb.buffers.peek();
    return synchronized(tcb.state) && (buffers == nullptr || buffers->send.empty());
}

bool Session::closed_by_peer(State state) noexcept {
    return state == State::close_wait || state == State::last_ack || state == State::closing ||
           state == State::time_wait || state == State::closed;
}

bool Session::peer_has_closed() const { return closed_by_peer(connection_.tcb().state); }

bool Session::met() const {
    const State state = connection_.tcb().state;
    if (const auto* expected = waiting_for<ExpectState>()) {
        return std::ranges::find(expected->any_of, state) != expected->any_of.end();
    }
    if (waiting_for<SendData>() != nullptr) {
        return all_acknowledged();
    }
    if (waiting_for<ExpectSegment>() != nullptr) {
        return segment_matched_;
    }
    if (waiting_for<Ask>() != nullptr) {
        return answered_;
    }
    if (const auto* kept = waiting_for<AwaitKept>()) {
        return kept_count_ >= kept->times;
    }
    if (const auto* probing = waiting_for<AwaitKeepAlive>()) {
        return probes_answered() >= probing->answers || peer_has_closed();
    }
    if (waiting_for<Quiet>() != nullptr) {
        return closed_in_silence();
    }
    if (waiting_for<Overhear>() != nullptr || waiting_for<ExpectData>() != nullptr ||
        waiting_for<AwaitPeerClose>() != nullptr || waiting_for<Hold>() != nullptr) {
        return peer_has_closed();
    }
    if (waiting_for<Linger>() != nullptr) {
        return state != State::time_wait;
    }
    return waiting_for<ExpectSyn>() == nullptr && waiting_for<ExpectSilence>() == nullptr &&
           waiting_for<Settle>() == nullptr && waiting_for<AwaitLast>() == nullptr;
}

std::string Session::silence() const {
    const std::size_t sent = connection_.measured().segments_out;
    if (connection_.tcb().state == State::syn_sent && connection_.measured().segments_in == 0) {
        return fmt::format(
            "{} SYN{} unanswered: dropped on the way (a firewall?), or the host is "
            "down",
            sent, sent == 1 ? "" : "s");
    }
    if (const auto* expected = waiting_for<ExpectState>()) {
        return fmt::format("no answer within {}: still {}", spoken(expected->within),
                           text(connection_.tcb().state));
    }
    if (!mismatch_.empty()) {
        return "what was expected did not come; " + mismatch_;
    }
    return "no answer in time";
}

bool Session::time_is_failure() const {
    if (const auto* expected = waiting_for<ExpectState>()) {
        return expected->required;
    }
    if (const auto* data = waiting_for<ExpectData>()) {
        return data->required && last_data_ == never;
    }
    return waiting_for<SendData>() != nullptr || waiting_for<ExpectSegment>() != nullptr ||
           waiting_for<ExpectSyn>() != nullptr;
}

void Session::tell_cut_time_wait() {
    const auto until = connection_.tcb().timers.at(Timer::time_wait);
    if (waiting_for<Linger>() == nullptr || !until) {
        return;
    }
    connection_.note(fmt::format(
        "TIME-WAIT cut short: 2 MSL would have lasted another {} (RFC 9293 §3.6.1, MUST-13; "
        "--time-wait full keeps it)",
        spoken(*until + around_.paused - around_.alarm.now())));
}

// What the end of a step's time means: for some it is what they waited for.
void Session::time_over() {
    step_deadline_ = never;
    if (waiting_for<Ask>() != nullptr || waiting_for<AwaitKept>() != nullptr) {
        if (ask_again()) {
            return;
        }
        silence_is_answer();
        if (finished()) {
            return;
        }
        next();
        proceed();
        return;
    }
    if (const auto* last = waiting_for<AwaitLast>()) {
        if (waits_for_more(*last)) {
            return;
        }
        next();
        proceed();
        return;
    }
    if (const auto* quiet = waiting_for<Quiet>(); quiet != nullptr && waits_for_quiet(*quiet)) {
        return;
    }
    if (time_is_failure()) {
        fail(mismatch_.empty() || led_ ? Ending::no_answer : Ending::unexpected, silence());
        return;
    }
    tell_cut_time_wait();
    if (waiting_for<ExpectData>() != nullptr) {
        received_before_ = received_.size();
    }
    next();
    proceed();
}

}  // namespace tcpcraft
