// RFC 5382 REQ-5: how long a path remembers an idle connection; the search for it, in virtual time.
#include <cstdlib>
#include <queue>
#include <random>

#include <gtest/gtest.h>

#include <libtcpcraft/drive/idle_search.hpp>

namespace tcpcraft {
namespace {

using namespace std::chrono_literals;
using End = IdleOutcome::End;

constexpr Duration rtt = 50ms;
constexpr Duration spacing = 650ms;
constexpr Duration between_openings = 20ms;

/// A path that forgets after `timeout`, and loses one question in `1 / loss` or its answer.
struct Path {
    Duration timeout{};
    double loss{0};
    bool resets{false};  ///< tells of it at once, rather than nothing
    Duration late{4ms};  ///< silences are longer than planned by so much at most
};

struct Searched {
    IdleAnswer answer{};
    Duration took{};
    std::size_t trials{0};
    std::size_t at_once{0};
};

class World {
public:
    World(IdleLimits limits, Path path, std::uint64_t seed)
        : limits_{limits}, path_{path}, search_{limits}, dice_{seed} {}

    Searched run() {
        Searched made;
        launch();
        while (!due_.empty() && !search_.answer().finished) {
            const Trial next = due_.top();
            due_.pop();
            made.took = now_ = next.over;
            made.at_once = std::max(made.at_once, search_.running());
            if (search_.wanted(next.outcome.planned)) {
                search_.take(next.outcome);
            } else {
                search_.lost(next.outcome.planned);
            }
            launch();
        }
        made.answer = search_.answer();
        made.trials = trials_;
        return made;
    }

private:
    struct Trial {
        Duration over{};
        IdleOutcome outcome{};
        bool operator<(const Trial& other) const { return other.over < over; }
    };

    void launch() {
        for (const Duration planned : search_.start()) {
            free_at_ = std::max(free_at_ + between_openings, now_);
            due_.push(trial(planned, free_at_));
            ++trials_;
        }
    }

    Trial trial(Duration planned, Duration opened) {
        if (path_.resets && planned >= path_.timeout) {
            return {opened + rtt + path_.timeout, {planned, path_.timeout, End::ended, 1}};
        }
        const Duration idle = planned + Duration{std::uniform_int_distribution<Duration::rep>{
                                            0, path_.late.count()}(dice_)};
        const Duration asked_at = opened + rtt + idle;
        for (unsigned asked = 1; idle < path_.timeout && asked <= 3; ++asked) {
            if (std::uniform_real_distribution{}(dice_) >= path_.loss) {
                return {asked_at + (asked - 1) * spacing + rtt, {planned, idle, End::alive, asked}};
            }
        }
        return {asked_at + 3 * spacing, {planned, idle, End::gone, 3}};
    }

    IdleLimits limits_;
    Path path_;
    IdleSearch search_;
    std::mt19937_64 dice_;
    std::priority_queue<Trial> due_{};
    Duration now_{};
    Duration free_at_{};
    std::size_t trials_{0};
};

Searched searched(Path path, IdleLimits limits = {}, std::uint64_t seed = 1) {
    return World{limits, path, seed}.run();
}

void expect_right(const Searched& found, const Path& path, const IdleLimits& limits,
                  std::uint64_t seed = 1) {
    SCOPED_TRACE(testing::Message() << "timeout " << path.timeout.count() << " us, loss "
                                    << path.loss << ", seed " << seed);
    ASSERT_TRUE(found.answer.finished);
    EXPECT_TRUE(found.answer.consistent);
    ASSERT_TRUE(found.answer.high);
    EXPECT_LE(found.answer.low, path.timeout);
    EXPECT_GE(*found.answer.high, path.timeout);
    EXPECT_LE(*found.answer.high - found.answer.low, limits.resolution * 21 / 20);
    EXPECT_LE(found.at_once, limits.parallel);
}

/// All of them when asked for, else every so many-th.
Duration stride(Duration usual) {
    return std::getenv("TCPCRAFT_IDLE_ALL") != nullptr ? Duration{1s} : usual;
}

TEST(IdleSearch, FindsEveryTimeoutInTwiceItsLengthAndAMinute) {
    const IdleLimits limits;
    for (Duration timeout = 1s; timeout <= 2h;
         timeout += timeout < 1min ? stride(3s) : stride(797s)) {
        for (const Duration fraction : {Duration{0}, Duration{617ms}}) {
            const Path path{.timeout = timeout + fraction};
            const Searched found = searched(path);
            expect_right(found, path, limits);
            EXPECT_LE(found.took, 2 * path.timeout + 1min);
        }
    }
}

TEST(IdleSearch, TakesLessThanTwoAndAHalfTimesOfShortTimeouts) {
    for (const Duration timeout : {7s, 20s, 60s}) {
        const Searched found = searched({.timeout = timeout});
        EXPECT_LT(found.took, timeout * 5 / 2) << timeout.count();
    }
}

TEST(IdleSearch, IsRightInSpiteOfLosses) {
    const IdleLimits limits;
    for (std::uint64_t seed = 1; seed <= 5; ++seed) {
        std::mt19937_64 dice{seed};
        const Duration timeout{
            std::uniform_int_distribution<Duration::rep>{1'000'000, 7'200'000'000}(dice)};
        for (const double loss : {0.02, 0.1, 0.3}) {
            const Path path{.timeout = timeout, .loss = loss};
            expect_right(searched(path, limits, seed), path, limits, seed);
        }
    }
}

TEST(IdleSearch, TakesTheMomentOfAnEndThatComesOfItself) {
    for (const Duration timeout : {7s, 60s, 240s, 7200s}) {
        const Searched found = searched({.timeout = timeout, .resets = true});
        ASSERT_TRUE(found.answer.finished);
        EXPECT_EQ(found.answer.high, timeout);
        EXPECT_LE(found.took, timeout + 10s) << "no second round is needed";
    }
}

TEST(IdleSearch, SaysWhenThereIsNoneUpToTheLongest) {
    const IdleLimits limits{.most = 10min};
    const Searched found = searched({.timeout = 24h}, limits);
    EXPECT_TRUE(found.answer.finished);
    EXPECT_EQ(found.answer.high, std::nullopt);
    EXPECT_GE(found.answer.low, 10min);
    EXPECT_LE(found.took, 10min + 10s);
}

TEST(IdleSearch, FindsOneBelowTheShortestRung) {
    const Searched found = searched({.timeout = 300ms});
    ASSERT_TRUE(found.answer.finished);
    EXPECT_EQ(found.answer.low, 0s);
    EXPECT_LE(*found.answer.high, 1010ms);
}

TEST(IdleSearch, KeepsToTheNumberOfConnectionsAndTheResolution) {
    for (const std::size_t parallel : {1U, 2U, 5U, 16U, 64U}) {
        for (const Duration resolution : {Duration{200ms}, Duration{1s}, Duration{10s}}) {
            const IdleLimits limits{.most = 20min, .resolution = resolution, .parallel = parallel};
            const Path path{.timeout = 350s};
            const Searched found = searched(path, limits);
            SCOPED_TRACE(testing::Message() << parallel << " at once, " << resolution.count());
            expect_right(found, path, limits);
        }
    }
}

TEST(IdleSearch, RepeatsWhatIsDeadBelowWhatLives) {
    IdleSearch search{{.most = 3s}};
    ASSERT_EQ(search.start().size(), 5U) << "1, 2 twice, 3 once";
    search.take({1s, 1s, End::gone, 3});
    search.take({1s, 1s, End::gone, 3});
    search.take({2s, 2s, End::alive, 1});
    search.take({2s, 2s, End::alive, 1});
    search.take({3s, 3s, End::alive, 1});
    EXPECT_FALSE(search.answer().finished);
    EXPECT_EQ(search.start(), std::vector<Duration>{1s});
    IdleSearch doubtful = search;
    search.take({1s, 1s, End::alive, 1});
    EXPECT_TRUE(search.answer().finished);
    EXPECT_TRUE(search.answer().consistent);
    doubtful.take({1s, 1s, End::gone, 3});
    EXPECT_TRUE(doubtful.answer().finished);
    EXPECT_FALSE(doubtful.answer().consistent);
}

TEST(IdleSearch, EndsWhereThePeerIsNeverSilentForLonger) {
    IdleSearch search{{}};
    (void)search.start();
    search.take({20s, 20s, End::alive, 1});
    search.take({40s, 30s, End::alive, 1});
    search.take({40s, 30s, End::alive, 1});
    EXPECT_FALSE(search.answer().finished) << "it may have been something else";
    search.take({40s, 30s, End::alive, 1});
    EXPECT_TRUE(search.answer().finished);
    EXPECT_TRUE(search.answer().talkative);
    EXPECT_EQ(search.answer().low, 30s);
}

// A busy host: what was to be 7 s was 7.9 s.
TEST(IdleSearch, TriesInBetweenWhatWasLongerThanPlanned) {
    IdleSearch search{{.most = 9s}};
    for (const Duration planned : search.start()) {
        search.take({planned, planned + (planned == 7s ? 900ms : 0ms),
                     planned < 7s ? End::alive : End::gone, 1});
    }
    EXPECT_FALSE(search.answer().finished);
    const std::vector<Duration> between{6950ms, 6950ms, 7000ms};
    ASSERT_EQ(search.start(), between);
    search.take({6950ms, 7100ms, End::gone, 3});
    search.take({6950ms, 6960ms, End::alive, 1});
    search.take({7s, 7050ms, End::gone, 3});
    const IdleAnswer narrow = search.answer();
    EXPECT_TRUE(narrow.finished);
    EXPECT_EQ(narrow.low, 6960ms);
    EXPECT_EQ(narrow.high, 7100ms) << "confirmed by 7.05 s";
}

// Whatever a busy host does to the trials, there is always something to try, and an end.
TEST(IdleSearch, EndsOnABusyHost) {
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        const Path path{.timeout = 7s + Duration{static_cast<Duration::rep>(seed) * 330'000},
                        .late = 3s};
        const Searched found = searched(path, {.most = 20s}, seed);
        ASSERT_TRUE(found.answer.finished) << "seed " << seed;
        EXPECT_LE(found.answer.low, path.timeout) << "seed " << seed;
        EXPECT_GE(*found.answer.high, path.timeout) << "seed " << seed;
    }
}

TEST(IdleSearch, GoesOnFromTheOutcomesOfAnEarlierRun) {
    const IdleLimits limits{.most = 10min};
    IdleSearch first{limits};
    for (const Duration planned : first.start()) {
        first.take({planned, planned, planned < 75s ? End::alive : End::gone, 1});
    }
    IdleSearch again{limits};
    for (const IdleOutcome& outcome : first.outcomes()) {
        again.take(outcome);
    }
    EXPECT_EQ(again.start(), first.start());
    EXPECT_EQ(again.answer().low, first.answer().low);
    EXPECT_EQ(again.answer().high, first.answer().high);
}

}  // namespace
}  // namespace tcpcraft
