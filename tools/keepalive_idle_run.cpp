#include <algorithm>

#include <fmt/format.h>
#include <tools/cli/connection_setup.hpp>
#include <tools/cli/drawn.hpp>
#include <tools/cli/exit_code.hpp>
#include <tools/keepalive_idle_run.hpp>
#include <unistd.h>

#include <libtcpcraft/drive/describe.hpp>

namespace tcpcraft::cli {

namespace {

using namespace std::chrono_literals;
using Kind = IdleTrialResult::Kind;

constexpr Duration young_silence = 200ms;
constexpr unsigned most_young_tries = 2;
constexpr unsigned most_unopened = 5;
constexpr unsigned most_turned_away = 20;
constexpr std::size_t spare_ports = 64;
constexpr std::size_t most_for_sections = 128;
constexpr std::size_t refresh_trials = 3;
constexpr Duration between_progress = 10s;

/// It did not even live as long as the first connection did, alone: the peer allows fewer at once.
bool turned_away(const IdleTrialResult& result) {
    return (result.kind == Kind::fin || result.kind == Kind::reset) && !result.asked &&
           result.idle < young_silence;
}

Duration part_of(Duration length, int percent) { return length * percent / 100; }

}  // namespace

std::size_t ports_for(const IdleLimits& limits) {
    return IdleSearch{limits}.rungs() + std::min(limits.parallel, most_for_sections) + spare_ports;
}

IdleRun::IdleRun(const CommonOptions& common, const IdleOptions& options, World& world,
                 Report& report, IdleCheckpoint checkpoint)
    : common_{common},
      options_{options},
      world_{world},
      report_{report},
      checkpoint_{std::move(checkpoint)},
      policy_{policy_of(common.craft, world.local().address.family(), world.mtu())},
      search_{options.limits},
      ports_{ports_for(options.limits)},
      run_{common, world, report} {
    policy_.isn_key = IsnKey{{drawn<std::uint64_t>(), drawn<std::uint64_t>()}};
    policy_.time_wait = options.limits.most + 1h;  // our own is not what is asked for
    asking_ = {.state = options.state, .send = options.send, .timeout = common.timeout};
}

void IdleRun::take(std::vector<IdleTried> earlier) {
    tried_ = std::move(earlier);
    for (const IdleTried& one : tried_) {
        if (const auto outcome = one.result.outcome(one.planned)) {
            search_.take(*outcome);
        }
    }
    if (!tried_.empty() && !options_.quiet) {
        report_.say(fmt::format("{} trials of an earlier run are known", tried_.size()));
    }
}

std::string IdleRun::first_segment() const {
    return first_segment_text(connection_setup(common_, world_, policy_, 0),
                              common_.output.absolute);
}

std::vector<std::string> IdleRun::plan() const {
    IdleSearch search{options_.limits};
    std::string silences;
    Duration last{};
    for (const Duration at : search.start()) {
        if (at != last) {
            silences += fmt::format("{}{}", silences.empty() ? "" : ", ", spoken(at));
        }
        last = at;
    }
    return {fmt::format("trials of the ladder: {}, at most {} at once, {} a second", search.rungs(),
                        options_.limits.parallel, options_.rate),
            "silences: " + silences};
}

int IdleRun::run() {
    run_.fleet().on_finished([this](Session& session) { finished(session); });
    run_.soon([this] { begin(); });
    run_.run([this] { return phase_ == Phase::done; });
    const IdleReport made = reported();
    run_.tell_evidence();
    tell_result(made);
    report_.conclude(idle_outcome(options_, made, picture_));
    report_.finish(idle_json(options_, made));
    return report_.output_failed() ? number(ExitCode::environment) : made.exit_status;
}

void IdleRun::begin() {
    if (auto saved = checkpoint_.write(tried_); !saved) {
        return give_up(number(ExitCode::environment), saved.error().message());
    }
    if (search_.answer().finished && options_.refresh == IdleRefresh::none) {
        phase_ = Phase::done;
        return;
    }
    if (!options_.quiet) {
        report_.say(fmt::format(
            "{}: silences of {} to {}, {} connections {} at first, at most {} "
            "at once",
            world_.target_text(), spoken(options_.limits.least), spoken(options_.limits.most),
            search_.rungs(), text(options_.state), options_.limits.parallel));
    }
    ask_young();
}

// --- by what can it be asked? --------------------------------------------------------------------

void IdleRun::ask_young() {
    ++young_tries_;
    Trial trial{.phase = Phase::young, .request = request_for(young_silence)};
    launch(trial);
}

bool IdleRun::lives(const IdleTrialResult& result) const {
    const bool peers_reset = result.kind == Kind::reset && result.asked &&
                             options_.state == IdleState::time_wait &&
                             result.sender == ResetSender::peer;
    return result.kind == Kind::alive || peers_reset;
}

void IdleRun::take_young(const IdleTrialResult& result) {
    if (lives(result)) {
        asking_.question = result.answered_to;
        asking_.reset_is_life = result.kind != Kind::alive;
        phase_ = Phase::search;
        return feed();
    }
    if (result.kind == Kind::silent && young_tries_ < most_young_tries) {
        return ask_young();
    }
    if (result.kind == Kind::silent && options_.send && asking_.question == IdleQuestion::probes &&
        options_.state == IdleState::established) {
        asking_.question = IdleQuestion::payload;
        young_tries_ = 0;
        return ask_young();
    }
    if (result.kind == Kind::unopened && result.exit_status == number(ExitCode::no_answer) &&
        young_tries_ < most_young_tries) {
        return ask_young();
    }
    if (result.kind == Kind::unopened || result.kind == Kind::cut_short) {
        return give_up(result.exit_status, result.text);
    }
    const std::string said =
        result.kind == Kind::silent
            ? "the peer answers no keep-alive probe even on a young connection, with an octet or "
              "without: whether a path forgets cannot be told from that (--send TEXT asks with "
              "data)"
            : fmt::format("the connection does not stay {} even for {}: {}", text(options_.state),
                          spoken(young_silence), result.text);
    give_up(number(ExitCode::no_answer), said);
}

// --- the search ----------------------------------------------------------------------------------

IdleTrialRequest IdleRun::request_for(Duration idle) const {
    IdleTrialRequest made = asking_;
    made.idle = idle;
    return made;
}

void IdleRun::feed() {
    if (phase_ != Phase::search) {
        return;
    }
    if (search_.answer().finished) {
        return begin_refresh();
    }
    for (const Duration planned : search_.start()) {
        queue_.push_back(planned);
    }
    pump();
    const bool stuck = queue_.empty() && search_.running() == 0;  // nor is a result on its way
    if (stuck && phase_ == Phase::search) {
        give_up(number(ExitCode::no_answer), "no local ports are left");
    }
}

void IdleRun::pump() {
    if (pumping_) {
        return;
    }
    while (!queue_.empty() && !run_.stopped()) {
        if (run_.now() < next_open_) {
            pumping_ = true;
            run_.after(next_open_ - run_.now(), [this] {
                pumping_ = false;
                pump();
            });
            return;
        }
        const Duration planned = queue_.front();
        queue_.pop_front();
        if (!search_.wanted(planned) || ports_used_ >= ports_) {
            search_.lost(planned);
            continue;
        }
        next_open_ = run_.now() + Duration{1s} / static_cast<Duration::rep>(options_.rate);
        launch({.planned = planned, .phase = Phase::search, .request = request_for(planned)});
    }
}

void IdleRun::launch(const Trial& trial) {
    ConnectionSetup setup = connection_setup(common_, world_, policy_, ports_used_++);
    setup.keep_sightings = true;
    running_[run_.fleet().sessions().size() + 1] = trial;
    run_.fleet().launch(std::move(setup), idle_scenario(trial.request));
}

void IdleRun::finished(Session& session) {
    const auto found = running_.find(session.connection().setup().number);
    if (found == running_.end()) {
        return;
    }
    const Trial trial = found->second;
    running_.erase(found);
    const IdleTrialResult result = judge_idle_trial(session, trial.request);
    if (trial.unneeded || run_.stopped() || phase_ == Phase::done) {
        search_.lost(trial.planned);
        picture_.unneeded();
        return;
    }
    picture_.trial(name_of(trial), trial.planned, session.connection().measured().first_heard,
                   result);
    tell(trial, result);
    // Not from inside a session's own call.
    run_.soon([this, trial, result] {
        if (trial.phase == Phase::young) {
            take_young(result);
        } else if (trial.phase == Phase::search) {
            take_searched(trial, result);
        } else if (trial.phase == Phase::control) {
            take_control(result);
        } else {
            take_refreshed(result);
        }
    });
}

void IdleRun::take_searched(const Trial& trial, const IdleTrialResult& result) {
    if (phase_ != Phase::search) {
        return;
    }
    if (result.kind == Kind::silent || result.kind == Kind::icmp) {
        unheard_.push_back({trial.planned, result});
        return ask_control();
    }
    if (turned_away(result)) {
        search_.lost(trial.planned);
        if (++turned_away_ > most_turned_away) {
            return give_up(number(ExitCode::no_answer),
                           "the peer closes connections as soon as they are open; it may allow "
                           "fewer at once (--parallel N)");
        }
    } else if (result.outcome(trial.planned)) {
        believe({trial.planned, result});
        save();
    } else {
        search_.lost(trial.planned);
        if (result.exit_status == number(ExitCode::environment) ||
            ++unopened_ > most_unopened + tried_.size() / 2) {
            return give_up(result.exit_status, result.text);
        }
    }
    go_on();
}

void IdleRun::believe(const IdleTried& tried) {
    search_.take(*tried.result.outcome(tried.planned));
    tried_.push_back(tried);
    picture_.known(run_.now(), search_.answer());
}

void IdleRun::go_on() {
    tell_progress();
    drop_unneeded();
    feed();
}

// A path that is down for a while answers nobody. Silence is the end of an idle connection only
// where a young one is answered at the same time.
void IdleRun::ask_control() {
    if (controlling_) {
        return;
    }
    controlling_ = true;
    if (ports_used_ >= ports_) {
        return take_control({.kind = Kind::alive});  // there is no port left to ask from
    }
    launch({.phase = Phase::control, .request = request_for(young_silence)});
}

void IdleRun::take_control(const IdleTrialResult& result) {
    controlling_ = false;
    const bool up = lives(result);
    for (const IdleTried& one : std::exchange(unheard_, {})) {
        if (up) {
            believe(one);
        } else {
            search_.lost(one.planned);
        }
    }
    if (!up && ++unopened_ > most_unopened + tried_.size() / 2) {
        return give_up(number(ExitCode::no_answer), "the path is down: " + result.text);
    }
    save();
    if (phase_ == Phase::search) {
        go_on();
    }
}

void IdleRun::drop_unneeded() {
    std::vector<std::size_t> unneeded;
    for (auto& [number, trial] : running_) {
        trial.unneeded = trial.phase == Phase::search && !search_.wanted(trial.planned);
        if (trial.unneeded) {
            unneeded.push_back(number);
        }
    }
    for (const std::size_t number : unneeded) {
        run_.fleet().stop(*run_.fleet().sessions()[number - 1], Ending::interrupted,
                          "nothing new would come of it");
    }
}

void IdleRun::save() {
    if (auto saved = checkpoint_.write(tried_); !saved) {
        give_up(number(ExitCode::environment), saved.error().message());
    }
}

// Ends the run; what is known is told.
void IdleRun::give_up(int exit_status, std::string why) {
    if (phase_ == Phase::done) {
        return;
    }
    given_up_ = {exit_status, std::move(why)};
    phase_ = Phase::done;
    queue_.clear();
    run_.fleet().stop(Ending::interrupted, "the search was given up");
}

// --- does traffic restart the timer? -------------------------------------------------------------

void IdleRun::begin_refresh() {
    drop_unneeded();
    queue_.clear();
    const IdleAnswer answer = search_.answer();
    if (options_.refresh == IdleRefresh::none || !answer.high) {
        phase_ = Phase::done;
        return;
    }
    if (part_of(answer.low, 180) <= *answer.high || !answer.consistent) {
        refreshed_ = IdleRefreshed{options_.refresh, {}, "too short to say what restarts it"};
        phase_ = Phase::done;
        return;
    }
    phase_ = Phase::refresh;
    const int percent = part_of(answer.low, 140) > part_of(*answer.high, 110) ? 70 : 90;
    IdleTrialRequest request = request_for(part_of(answer.low, percent));
    request.refresh = options_.refresh;
    request.refresh_after = request.idle;
    if (options_.refresh == IdleRefresh::inbound) {
        request.idle = answer.low;  // no pause of the peer's may be longer
        request.refresh_after = part_of(*answer.high, 140);
    }
    for (std::size_t i = 0; i < refresh_trials && ports_used_ < ports_; ++i) {
        ++refreshing_;
        launch({.planned = request.refresh_after, .phase = Phase::refresh, .request = request});
    }
    if (refreshing_ == 0) {
        conclude_refresh();
    }
}

void IdleRun::take_refreshed(const IdleTrialResult& result) {
    with_refresh_.push_back(result);
    if (with_refresh_.size() == refreshing_) {
        conclude_refresh();
    }
}

void IdleRun::conclude_refresh() {
    std::size_t alive = 0;
    std::size_t seen = 0;
    for (const IdleTrialResult& one : with_refresh_) {
        const bool counts = one.refreshed && one.outcome(one.idle).has_value();
        seen += counts ? 1 : 0;
        alive += counts && one.kind == Kind::alive ? 1 : 0;
    }
    const std::string kind{text(options_.refresh)};
    refreshed_ = IdleRefreshed{.kind = options_.refresh};
    if (alive > 0) {
        refreshed_->restarts = true;
        refreshed_->text = fmt::format("{} traffic restarts the timer", kind);
    } else if (seen >= 2) {
        refreshed_->restarts = false;
        refreshed_->text = fmt::format("{} traffic does not restart the timer", kind);
    } else {
        refreshed_->text =
            fmt::format("whether {} traffic restarts the timer could not be seen{}", kind,
                        options_.refresh == IdleRefresh::inbound
                            ? ": the peer says too little of its own accord"
                            : "");
    }
    phase_ = Phase::done;
}

// --- telling -------------------------------------------------------------------------------------

std::string IdleRun::name_of(const Trial& trial) {
    const bool young = trial.phase == Phase::young || trial.phase == Phase::control;
    return young                           ? "when young"
           : trial.phase == Phase::refresh ? "refreshed"
                                           : spoken(trial.planned);
}

void IdleRun::tell(const Trial& trial, const IdleTrialResult& result) {
    if (options_.quiet || (trial.phase == Phase::control && lives(result))) {
        return;
    }
    report_.say(fmt::format("{:>12}  {}", name_of(trial), result.text));
}

Duration IdleRun::left() {
    Duration longest{};
    for (const auto& [number, trial] : running_) {
        const auto& session = run_.fleet().sessions()[number - 1];
        const Instant began = session->connection().measured().first_heard;
        longest = std::max(longest, trial.planned - (run_.now() - began));
    }
    for (const Duration planned : queue_) {
        longest = std::max(longest, planned);
    }
    const IdleAnswer answer = search_.answer();
    const bool section = answer.high && *answer.high - answer.low > 2 * options_.limits.resolution;
    return std::max<Duration>(longest, 0s) + 2s + (section ? *answer.high : Duration{});
}

void IdleRun::tell_progress() {
    if (run_.now() < told_progress_ + between_progress || search_.answer().finished) {
        return;
    }
    told_progress_ = run_.now();
    const std::size_t known = search_.outcomes().size();
    report_.write(Record{
        .at = run_.now(),
        .what = Progressed{
            .done = known, .total = known + running_.size() + queue_.size(), .left = left()}});
    if (!options_.quiet && !report_.json() && ::isatty(STDERR_FILENO) != 0) {
        report_.warn(fmt::format("{} trials known, {} running; at most {} left", known,
                                 running_.size(), spoken(left())));
    }
}

std::vector<IdleTrialResult> IdleRun::results() const {
    std::vector<IdleTrialResult> all;
    for (const IdleTried& one : tried_) {
        all.push_back(one.result);
    }
    return all;
}

IdleReport IdleRun::reported() {
    const auto trials = results();
    IdleReport made;
    made.conclusion = conclude_idle(options_.state, search_.answer(), trials, refreshed_);
    made.exit_status = made.conclusion.exit_status;
    made.summary = made.conclusion.verdict.text;
    if (given_up_) {
        made.exit_status = given_up_->first;
        made.summary = tried_.empty() ? given_up_->second
                                      : given_up_->second + "; until then: " + made.summary;
    }
    if (run_.interrupted()) {
        made.exit_status = number(ExitCode::interrupted);
        made.summary = "interrupted; until then: " + made.summary;
    } else if (run_.stopped() && !given_up_ && phase_ != Phase::done) {
        made.exit_status = number(ExitCode::no_answer);
        made.summary = "the deadline of the run was over; until then: " + made.summary;
    }
    made.refreshed = refreshed_;
    made.tried = tried_;
    made.connections = ports_used_;
    made.took = run_.now() - Instant{};
    return made;
}

void IdleRun::tell_result(const IdleReport& made) {
    Judged verdict = made.conclusion.verdict;
    verdict.text = made.summary;
    report_.write(Record{.at = run_.now(), .what = verdict});
    report_.say(made.summary);
    if (!made.conclusion.why.empty()) {
        report_.say("seen: " + made.conclusion.why);
    }
    if (!made.conclusion.advised.empty()) {
        report_.say("advice: " + made.conclusion.advised);
    }
    if (made.conclusion.advice) {
        for (const std::string& line : made.conclusion.advice->sysctl()) {
            report_.say("  " + line);
        }
    }
}

}  // namespace tcpcraft::cli
