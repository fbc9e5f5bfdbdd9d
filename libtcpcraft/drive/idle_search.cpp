#include <algorithm>
#include <cmath>

#include <libtcpcraft/drive/idle_search.hpp>

namespace tcpcraft {

using namespace std::chrono_literals;

namespace {

using End = IdleOutcome::End;

constexpr unsigned enough_repeats = 3;
constexpr std::size_t enough_off_lattice = 6;
constexpr double longest_step_seconds = 45.0;
constexpr double fine_steps = 24.0;
constexpr double coarsest = 10.0;  // the ladder doubles

// Answers come to timers, and timers are asked for, a little late.
Duration grain(Duration resolution) { return resolution / 20; }

Duration scaled(Duration length, double by) {
    return Duration{std::llround(static_cast<double>(length.count()) * by)};
}

Duration on_lattice(Duration length, Duration step) { return length / step * step; }

/// The step that follows a silence; `coarser` spreads the rungs when few connections are allowed.
Duration step_after(Duration at, const IdleLimits& limits, double coarser) {
    if (at < scaled(limits.resolution, fine_steps / coarser)) {
        return limits.resolution;
    }
    const Duration longest = scaled(1s, longest_step_seconds * coarser);
    const Duration step = std::min(scaled(at, coarser / 10), longest);
    return std::max(limits.resolution, on_lattice(step, limits.resolution));
}

/// Each silence with the number of trials: two where no others follow in between.
std::map<Duration, unsigned> ladder(const IdleLimits& limits, double coarser) {
    std::map<Duration, unsigned> rungs;
    Duration at = limits.least;
    while (at < limits.most) {
        const Duration step = step_after(at, limits, coarser);
        rungs[at] = step == limits.resolution ? 2 : 1;
        const Duration next = on_lattice(at + step, limits.resolution);
        at = next > at ? next : at + step;
    }
    rungs[limits.most] = 1;
    return rungs;
}

std::size_t trials(const std::map<Duration, unsigned>& rungs) {
    std::size_t sum = 0;
    for (const auto& [at, count] : rungs) {
        sum += count;
    }
    return sum;
}

}  // namespace

IdleSearch::IdleSearch(const IdleLimits& limits) : limits_{limits} {
    limits_.resolution = std::max<Duration>(limits_.resolution, 1ms);
    limits_.least = std::max(limits_.least, Duration{1});
    limits_.most = std::max(limits_.most, limits_.least);
    limits_.parallel = std::max<std::size_t>(limits_.parallel, 1);
    build_ladder();
}

void IdleSearch::build_ladder() {
    double coarser = 1;
    auto rungs = ladder(limits_, coarser);
    while (trials(rungs) > limits_.parallel && coarser < coarsest) {
        coarser *= 1.1;
        rungs = ladder(limits_, coarser);
    }
    for (const auto& [at, count] : rungs) {
        tallies_[at].wanted = limits_.parallel < trials(rungs) ? 1 : count;
    }
}

std::size_t IdleSearch::rungs() const noexcept {
    std::size_t sum = 0;
    for (const auto& [at, tally] : tallies_) {
        sum += tally.wanted;
    }
    return sum;
}

void IdleSearch::take(const IdleOutcome& outcome) {
    Tally& tally = tallies_[outcome.planned];
    if (tally.running > 0) {
        --tally.running;
        --running_;
    }
    IdleOutcome& kept = outcomes_.emplace_back(outcome);
    if (kept.end != End::alive) {
        ++tally.dead;
        tally.longest_dead = std::max(tally.longest_dead, kept.idle);
        return;
    }
    if (kept.planned - kept.idle < grain(limits_.resolution)) {
        kept.idle = std::max(kept.idle, kept.planned);  // stamps and timers are of two clocks
    }
    longest_alive_ = std::max(longest_alive_, kept.idle);
    ++answers_;
    questions_ += std::max(outcome.asked, 1U);
    if (kept.idle >= scaled(kept.planned, 0.9)) {
        ++tally.alive;
    } else if (++tally.disturbed >= enough_repeats) {
        talkative_ = true;
    }
}

void IdleSearch::lost(Duration planned) {
    Tally& tally = tallies_[planned];
    if (tally.running > 0) {
        --tally.running;
        --running_;
    }
}

IdleSearch::Bracket IdleSearch::bracket() const {
    Bracket made{.low = longest_alive_};
    std::vector<Duration> dead;
    for (const IdleOutcome& outcome : outcomes_) {
        if (outcome.end == End::alive || outcome.idle <= made.low) {
            continue;
        }
        dead.push_back(outcome.idle);
        if (!made.high || outcome.idle < *made.high) {
            made.high = outcome.idle;
            made.high_planned = outcome.planned;
        }
    }
    made.dead_above = dead.size();
    if (const std::size_t enough = confirmations(); dead.size() >= enough) {
        std::ranges::nth_element(dead, dead.begin() + static_cast<std::ptrdiff_t>(enough) - 1);
        made.confirmed = dead[enough - 1];
    }
    return made;
}

// So that all of them by loss alone is less likely than one in a million.
unsigned IdleSearch::confirmations() const {
    if (answers_ == 0) {
        return 2;
    }
    const double unanswered = 1 - static_cast<double>(answers_) / static_cast<double>(questions_);
    const double by_loss = std::pow(unanswered, 3);
    return by_loss < 1e-3 ? 2 : by_loss < 1e-2 ? 3 : by_loss < 0.05 ? 5 : 8;
}

unsigned IdleSearch::repeats() const { return std::max(enough_repeats, confirmations()); }

bool IdleSearch::contradicted(const Tally& tally) const {
    return tally.dead > 0 && tally.alive == 0 && tally.longest_dead < longest_alive_;
}

bool IdleSearch::narrow(Duration low, Duration high) const noexcept {
    return high - low <= limits_.resolution + grain(limits_.resolution);
}

// What was longer than planned cannot be planned again as it was.
Duration IdleSearch::confirming(const Bracket& now) const {
    return now.high_planned > now.low ? now.high_planned : *now.high;
}

// By deaths close together; or, where no more of them come, by those that there are.
bool IdleSearch::confirmed(const Bracket& now) const {
    if (!now.confirmed) {
        return false;
    }
    const auto tried = tallies_.find(confirming(now));
    return narrow(now.low, *now.confirmed) ||
           (tried != tallies_.end() && tried->second.dead >= confirmations() + enough_repeats);
}

std::optional<IdleAnswer> IdleSearch::seen_ending() const {
    std::vector<Duration> moments;
    for (const IdleOutcome& outcome : outcomes_) {
        if (outcome.end == End::ended && outcome.idle > longest_alive_) {
            moments.push_back(outcome.idle);
        }
    }
    std::ranges::sort(moments);
    if (moments.size() < 2) {
        return std::nullopt;
    }
    const Duration spread = std::max(limits_.resolution, moments.front() / 20);
    if (moments[1] - moments[0] > spread && moments.size() <= enough_repeats) {
        return std::nullopt;
    }
    return IdleAnswer{.finished = true,
                      .low = std::max(longest_alive_, moments.front() - limits_.resolution),
                      .high = moments[1]};
}

std::vector<Duration> IdleSearch::points(const Bracket& now, Duration step) const {
    std::vector<Duration> points;
    for (Duration at = on_lattice(now.low, step) + step; at < *now.high; at += step) {
        const auto known = tallies_.find(at);
        const bool tried = known != tallies_.end() && known->second.known();
        if (at > now.low && at >= limits_.least && !tried) {
            points.push_back(at);
        }
    }
    return points;
}

// As many as there is room for, two trials each; all when they are no more.
std::vector<Duration> IdleSearch::section(const Bracket& now) const {
    const auto room = std::max<Duration::rep>(static_cast<Duration::rep>(limits_.parallel) / 2, 1);
    const Duration width = *now.high - now.low;
    Duration::rep times =
        std::max<Duration::rep>((width / limits_.resolution + room - 1) / room, 1);
    std::vector<Duration> found = points(now, limits_.resolution * times);
    while (found.empty() && times > 1) {
        times /= 2;
        found = points(now, limits_.resolution * times);
    }
    if (found.empty() && !narrow(now.low, *now.high) && off_lattice() < enough_off_lattice) {
        found.push_back(now.low + width / 2);
    }
    return found;
}

// Where a busy host lets silences grow longer than they were planned, points in between are tried;
// where it goes on doing so, the answer stays as wide as it is.
std::size_t IdleSearch::off_lattice() const {
    return static_cast<std::size_t>(std::ranges::count_if(tallies_, [this](const auto& one) {
        return one.second.wanted == 0 && one.second.known() &&
               one.first % limits_.resolution != Duration::zero();
    }));
}

bool IdleSearch::resolved(const Bracket& now) const {
    return narrow(now.low, *now.high) || section(now).empty();
}

// Everything of the ladder between what lives and what does not. False: nothing of it is left.
bool IdleSearch::plan_ladder(const Bracket& now, Plan& plan) const {
    bool left = false;
    for (const auto& [at, tally] : tallies_) {
        if (at <= now.low || (now.high && at >= *now.high)) {
            continue;
        }
        left = left || tally.running > 0;
        if (tally.wanted > 0 && !tally.known()) {
            plan[at] = tally.wanted;
            left = true;
        }
    }
    return left;
}

void IdleSearch::plan_section(const Bracket& now, Plan& plan) const {
    if (!resolved(now)) {
        for (const Duration at : section(now)) {
            plan[at] = limits_.parallel > 1 ? 2 : 1;
        }
    }
    if (confirmed(now)) {
        return;
    }
    const Duration again = confirming(now);
    const auto tried = tallies_.find(again);
    const unsigned dead = tried == tallies_.end() ? 0 : tried->second.dead;
    const unsigned needed = confirmations();
    plan[again] = dead < needed ? needed - dead : 1;
}

IdleSearch::Plan IdleSearch::plan() const {
    Plan plan;
    if (answer().finished) {
        return plan;
    }
    const Bracket now = bracket();
    for (const auto& [at, tally] : tallies_) {
        if (contradicted(tally) && tally.dead < repeats()) {
            plan[at] = repeats() - tally.dead;
        }
    }
    const bool laddering = plan_ladder(now, plan);
    if (!laddering && now.high) {
        plan_section(now, plan);
    }
    return plan;
}

std::vector<Duration> IdleSearch::start() {
    std::vector<Duration> now;
    for (const auto& [at, count] : plan()) {
        Tally& tally = tallies_[at];
        while (tally.running < count && running_ < limits_.parallel) {
            ++tally.running;
            ++running_;
            now.push_back(at);
        }
    }
    return now;
}

bool IdleSearch::wanted(Duration planned) const {
    if (answer().finished) {
        return false;
    }
    const Bracket now = bracket();
    const bool within = planned > now.low && (!now.high || planned <= *now.high);
    return within || (planned > now.low && now.dead_above < 2) || plan().contains(planned);
}

IdleAnswer IdleSearch::answer() const {
    if (auto ended = seen_ending()) {
        return *ended;
    }
    const Bracket now = bracket();
    IdleAnswer made{.low = now.low, .high = now.confirmed ? now.confirmed : now.high};
    bool repeating = false;
    for (const auto& [at, tally] : tallies_) {
        const bool dead_below = contradicted(tally);
        made.consistent = made.consistent && (!dead_below || tally.dead < repeats());
        repeating = repeating || (dead_below && tally.dead < repeats());
    }
    Plan ladder;
    if (!now.high) {
        made.talkative = talkative_ && longest_alive_ < limits_.most;
        made.finished = !repeating && (made.talkative || longest_alive_ >= limits_.most);
    } else {
        made.finished = !repeating && resolved(now) && !plan_ladder(now, ladder) && confirmed(now);
    }
    return made;
}

}  // namespace tcpcraft
