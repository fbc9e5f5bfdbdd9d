#include <algorithm>
#include <cstdlib>

#include <fmt/format.h>

#include <libtcpcraft/drive/describe.hpp>
#include <libtcpcraft/drive/session.hpp>

namespace tcpcraft {

using namespace std::chrono_literals;

namespace {

constexpr std::uint32_t least_far_off = 1U << 17U;

bool near(Seq one, Seq other, std::uint32_t far_off) noexcept {
    return static_cast<std::uint32_t>(std::abs(distance(one, other))) < far_off;
}

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

Session::Progress Session::begin(const Probe& step) {
    SegmentPattern pattern;
    pattern.flags = step.flags;
    pattern.seq = marks_.at(step.seq);
    pattern.ack = step.flags.has(Flag::ack) ? marks_.at(step.ack) : Seq{0};
    marks_.probe_ack = *pattern.ack;
    pattern.payload.emplace(step.payload_size, std::byte{'x'});
    if (timestamps_ && !step.flags.has(Flag::rst)) {  // RFC 7323 §3.2: in all but RST
        const auto ticks = around_.engine_now().time_since_epoch() / 1ms;
        pattern.options.emplace();
        pattern.options->append(NoOperation{});
        pattern.options->append(NoOperation{});
        pattern.options->append(Timestamps{timestamps_->offset + static_cast<std::uint32_t>(ticks),
                                           timestamps_->recent});
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

Session::Progress Session::begin(const KeepBack& step) {
    keeping_ = step;
    kept_count_ = 0;
    return Progress::done;
}

Session::Progress Session::begin(const AwaitKept& step) {
    wait_for(step.within);
    if (kept_count_ >= step.times) {
        find(step.row, step.came, step.go_on, last_seen(Direction::in));
    }
    return Progress::waits;
}

Session::Progress Session::begin(const AwaitLast& step) {
    last_awaited_until_ = around_.alarm.now() + step.within;
    wait_for(Duration{});
    return Progress::waits;
}

Session::Repeated Session::repeated(Flags having) const {
    Repeated made;
    for (const Sighting& seen : connection_.sightings()) {
        if (seen.direction == Direction::in &&
            (seen.flags.bits() & having.bits()) == having.bits()) {
            made.first = made.count++ == 0 ? seen.at : made.first;
            made.pause = seen.at - made.last;
            made.last = seen.at;
        }
    }
    return made;
}

// Pauses grow by two at most times (RFC 6298 §5.5), or a busy host is late: when even so the next
// one is overdue, it has given up.
bool Session::waits_for_more(const AwaitLast& step) {
    const Repeated seen = repeated(step.having);
    const Instant now = around_.alarm.now();
    const Instant over = std::min(seen.last + 4 * seen.pause + 3s, last_awaited_until_);
    if (seen.count >= 2 && now < over) {
        wait_for(over - now);
        return true;
    }
    if (seen.count >= 2 && now < last_awaited_until_) {
        gave_up_after_ = seen.last + 2 * seen.pause - seen.first;
    }
    return false;
}

Session::Progress Session::begin(const Release& /*step*/) {
    keeping_.reset();
    const std::vector<std::byte> octets = kept_;
    if (const auto parsed = parse(octets, kept_checksum_ready_)) {
        connection_.apply(
            SegmentArrives{parsed->segment, parsed->ip.source, parsed->ip.destination});
    }
    return Progress::done;
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

bool Session::keep_back(const Datagram& datagram, const Arrival& arrival) {
    const bool matches =
        keeping_ && !finished() && datagram.checksum != Checksum::bad && !arrival.truncated &&
        (datagram.segment.flags.bits() & keeping_->having.bits()) == keeping_->having.bits();
    if (!matches) {
        return false;
    }
    ++kept_count_;
    kept_.assign(arrival.octets.begin(), arrival.octets.end());
    kept_checksum_ready_ = arrival.checksum_ready;
    connection_.kept_back(datagram, arrival, keeping_->lost ? "drop" : "delay",
                          keeping_->lost ? "lost on purpose" : "kept back from our machine");
    if (const auto* step = waiting_for<AwaitKept>(); step != nullptr && met()) {
        find(step->row, step->came, step->go_on, last_seen(Direction::in));
    }
    return true;
}

// More than the window that we offer: what lies further away is no honest segment.
std::uint32_t Session::far_off() const {
    return std::max(least_far_off, 2 * std::min(connection_.tcb().rcv.wnd, 1U << 30U));
}

// RFC 9293 §3.10.7.1: a RST has the number of the ACK that it answers or, where that had none,
// acknowledges it; §3.5.2: else the number that the peer sends next.
bool Session::explained(const Segment& reset, const Marks& marks) const {
    return reset.seq == marks.rcv_nxt ||
           std::ranges::any_of(connection_.sightings(), [&, far = far_off()](const Sighting& seen) {
               const Seq end = seen.seq + seen.len;
               if (seen.direction == Direction::in) {
                   return !seen.flags.has(Flag::rst) && reset.seq == end &&
                          near(end, marks.rcv_nxt, far);
               }
               return seen.flags.has(Flag::ack) ? reset.seq == seen.ack
                                                : reset.has(Flag::ack) && reset.ack == end;
           });
}

// Anybody can send in the peer's name. Who does not see the connection does not know its numbers.
bool Session::belongs(const Segment& segment, const Marks& marks) const {
    if (segment.has(Flag::rst)) {
        return explained(segment, marks);
    }
    const bool opens =
        segment.has(Flag::syn) && (segment.has(Flag::ack) || marks.state == State::listen);
    const std::uint32_t far = far_off();
    const bool seq = opens || near(segment.seq, marks.rcv_nxt, far);
    const bool ack =
        before(marks.snd_una - far, segment.ack) && before(segment.ack, marks.snd_nxt + far);
    return seq && (!segment.has(Flag::ack) || ack || near(segment.ack, marks.first_snd_nxt, far));
}

// Where the sightings are not kept, what was sent before is not known either.
bool Session::is_stray(const Datagram& datagram, const Arrival& arrival) {
    if (!connection_.setup().keep_sightings) {
        return false;
    }
    return datagram.checksum == Checksum::bad || arrival.truncated || crosses(datagram.segment) ||
           !belongs(datagram.segment, marks_);
}

// No number is needed for it, and it would lead away from the connection that is to be judged.
bool Session::crosses(const Segment& segment) const {
    return marks_.state == State::syn_sent && segment.has(Flag::syn) && !segment.has(Flag::ack);
}

void Session::tell_strays() {
    if (const std::size_t more = strays_.take_untold(); more != 0) {
        connection_.note(fmt::format("{} more segments that do not belong to this connection: "
                                     "neither shown nor processed",
                                     more),
                         Note::Kind::warning);
    }
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
    return elsewhere || (step().if_silent && (findings_.empty() || !findings_.back().flags.none()));
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
