#include <algorithm>

#include <fmt/format.h>

#include <libtcpcraft/drive/describe.hpp>
#include <libtcpcraft/drive/session.hpp>

namespace tcpcraft {

using namespace std::chrono_literals;

namespace {

/// In milliseconds: between four and five hours.
constexpr std::uint32_t long_ago = 1U << 24U;

bool allowed(Verdict verdict) noexcept {
    return verdict == Verdict::conforms || verdict == Verdict::permitted_deviation;
}

// A FIN that had a gap before it counts with the segment that fills the gap.
bool closes_with(const Actions& actions) {
    return std::ranges::any_of(actions, [](const Action& action) {
        const auto* notified = std::get_if<Notified>(&action);
        return notified != nullptr && notified->notice == Notice::connection_closing;
    });
}

}  // namespace

// A TCB that is gone, or has not heard of the peer yet, leaves the last ones standing.
void Session::remember_marks() {
    const Tcb& tcb = connection_.tcb();
    marks_.state = tcb.state;
    if (tcb.state == State::syn_sent) {
        marks_.snd_una = tcb.snd.una;
        marks_.snd_nxt = tcb.snd.nxt;
    } else if (synchronized(tcb.state) || tcb.state == State::syn_received) {
        marks_.snd_una = tcb.snd.una;
        marks_.snd_nxt = tcb.snd.nxt;
        marks_.rcv_nxt = tcb.rcv.nxt;
        marks_.window_end = tcb.snd.una + tcb.snd.wnd;
        timestamps_ = tcb.timestamps ? std::optional{tcb.ts} : std::nullopt;
    }
}

std::optional<Sighting> Session::last_seen(Direction direction) const {
    const auto& all = connection_.sightings();
    const auto found = std::find_if(all.rbegin(), all.rend(), [&](const Sighting& seen) {
        return seen.direction == direction;
    });
    return found == all.rend() ? std::nullopt : std::optional{*found};
}

Duration Session::answer_time() const {
    return std::max<Duration>(1s, 3 * connection_.measured().rtt.value_or(0ms) + 600ms);
}

Options Session::stamped(ProbeStamp stamp) const {
    Options made;
    if (stamp != ProbeStamp::none) {
        const auto ticks = around_.engine_now().time_since_epoch() / 1ms;
        const std::uint32_t now = timestamps_->offset + static_cast<std::uint32_t>(ticks);
        made.append(NoOperation{});
        made.append(NoOperation{});
        made.append(
            Timestamps{stamp == ProbeStamp::old ? now - long_ago : now, timestamps_->recent});
    }
    return made;
}

Session::Progress Session::begin(const Probe& step) {
    SegmentPattern pattern;
    pattern.flags = step.flags;
    pattern.seq = marks_.at(step.seq);
    pattern.ack = step.flags.has(Flag::ack) ? marks_.at(step.ack) : Seq{0};
    marks_.probe_ack = *pattern.ack;
    pattern.wnd = step.wnd;
    pattern.payload.emplace(step.payload_size, std::byte{'x'});
    if (timestamps_ && !step.flags.has(Flag::rst)) {  // RFC 7323 §3.2: in all but RST
        pattern.options = stamped(step.stamp);
    }
    connection_.craft(pattern, {}, step.note);
    return Progress::done;
}

Session::Progress Session::begin(const Ask& step) {
    const Duration quiet = std::max<Duration>(3s, 8 * connection_.measured().rtt.value_or(0ms));
    question_ = last_seen(Direction::out);
    wait_for(step.within.value_or(step.proves_silence ? quiet : answer_time()));
    return Progress::waits;
}

Session::Progress Session::begin(const Withhold& step) {
    withholding_.lose(step);
    return Progress::done;
}

Session::Progress Session::begin(const Told& /*step*/) {
    if (connection_.setup().told) {
        connection_.setup().told();
    }
    return Progress::done;
}

void Session::take_answer(const Segment& segment, const Marks& marks, bool stray) {
    const auto* ask = waiting_for<Ask>();
    if (ask == nullptr || finished() || answered_ || (stray && !segment.has(Flag::rst))) {
        return;
    }
    Segment meant = segment;
    if (closes_with(connection_.actions())) {
        meant.flags = meant.flags.with(Flag::fin);
    }
    times_seen_.resize(ask->answers.size(), 0);
    auto found = ask->answers.begin();
    for (; found != ask->answers.end(); ++found) {
        auto& seen = times_seen_[static_cast<std::size_t>(found - ask->answers.begin())];
        if (found->unexplained == stray && found->matches(meant, marks) && ++seen >= found->times) {
            break;
        }
    }
    if (found == ask->answers.end()) {
        return;
    }
    if (found->wait_on || found->unexplained) {
        if (!noted_ && found->then != Duration::zero()) {
            wait_for(found->then);
        }
        noted_ = *found;
        noted_seen_ = last_seen(Direction::in);
        return;
    }
    answered_ = true;
    find(ask->row, *found, ask->go_on, last_seen(Direction::in));
}

bool Session::ask_again() {
    const auto* ask = waiting_for<Ask>();
    // Among many nobody knows whose RST it was; alone it was the peer's.
    const bool odd = noted_ && noted_->unexplained;
    const bool alone = odd && strays_.total() <= StrayBudget::in_a_second;
    if (odd && !alone) {
        noted_.reset();
        noted_seen_.reset();
    }
    if (ask == nullptr || alone || asked_again_ >= ask->repeats || at_ == 0) {
        asked_again_ = 0;
        return false;
    }
    ++asked_again_;
    --at_;
    begun_ = false;
    proceed();
    return true;
}

bool Session::left_out() const {
    const auto& only_in = step().only_in;
    const bool elsewhere =
        !only_in.empty() && std::ranges::find(only_in, connection_.tcb().state) == only_in.end();
    return elsewhere || (step().if_timestamps && !timestamps_) ||
           (step().if_octet_answered && !octet_answered()) ||
           (step().if_silent && (findings_.empty() || !findings_.back().flags.none()));
}

const Answer& Session::silence_of(const Answer& silence,
                                  const std::optional<Answer>& unheard) const {
    const Tcb& tcb = connection_.tcb();
    const bool nothing_heard = !all_acknowledged() && tcb.snd.una == tcb.snd.iss + 1;
    return unheard && nothing_heard ? *unheard : silence;
}

void Session::silence_is_answer() {
    if (const auto* kept = waiting_for<AwaitKept>()) {
        const bool enough = kept->enough != 0 && kept_count_ >= kept->enough;
        find(kept->row, enough ? kept->came : silence_of(kept->silence, kept->unheard), kept->go_on,
             enough ? last_seen(Direction::in) : std::nullopt);
    } else if (const auto* ask = waiting_for<Ask>()) {
        find(ask->row, noted_ ? *noted_ : silence_of(ask->silence, ask->unheard), ask->go_on,
             noted_seen_);
    }
}

// Not when the question left more than once: which of the two was answered is not known.
void Session::judge_delay(Finding& found) const {
    const auto* ask = waiting_for<Ask>();
    const auto& rtt = connection_.measured().rtt;
    if (ask == nullptr || !ask->prompt || !found.delay || !rtt ||
        *found.delay <= 500ms + 3 * *rtt || found.judged.verdict != Verdict::conforms) {
        return;
    }
    if (std::ranges::any_of(connection_.sightings(), [this](const Sighting& seen) {
            return seen.retransmission && seen.number > question_->number;
        })) {
        return;
    }
    found.judged.verdict = Verdict::inconclusive;
    found.judged.rule = "RFC 9293 §3.8.6.3 (MUST-40)";
    found.judged.text = fmt::format(
        "answered after {}: an ACK may be delayed by less than 0.5 s; if that comes again, it is "
        "not the path",
        spoken(*found.delay));
}

void Session::find(const std::string& row, const Answer& answer, bool go_on,
                   const std::optional<Sighting>& seen) {
    Finding found{Judged{row, answer.verdict, answer.rule, answer.text, {}}, {}, {}};
    asked_again_ = 0;  // the next question may be repeated as often
    if (!question_) {
        question_ = last_seen(Direction::out);
    }
    if (question_) {
        found.judged.segments.push_back(question_->number);
    }
    if (seen) {
        found.judged.segments.push_back(seen->number);
        found.flags = seen->flags;
        found.delay = question_ ? std::optional{seen->at - question_->at} : std::nullopt;
    }
    judge_delay(found);
    if (!row.empty()) {
        connection_.write(found.judged);
    }
    if (answer.ends) {
        while (at_ + 1 < scenario_.steps.size() &&
               !std::holds_alternative<Told>(scenario_.steps[at_ + 1].what)) {
            ++at_;
        }
    }
    const bool ends = !allowed(found.judged.verdict) && !go_on;
    findings_.push_back(std::move(found));
    if (ends) {
        finish(Ending::completed, "");
        leave_nothing_behind();
    }
}

}  // namespace tcpcraft
