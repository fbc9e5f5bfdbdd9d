#include <map>
#include <random>
#include <set>

#include <gtest/gtest.h>
#include <tests/support/allocation_count.hpp>

#include <libtcpcraft/drive/deadline_wheel.hpp>

namespace tcpcraft {
namespace {

using namespace std::chrono_literals;

constexpr Instant at(Duration d) { return Instant{d}; }

TEST(DeadlineWheel, IsEmptyAtFirst) {
    DeadlineWheel wheel;
    EXPECT_EQ(wheel.next(), never);
    EXPECT_EQ(wheel.take_due(at(24h)), DeadlineWheel::none);
    EXPECT_EQ(wheel.size(), 0U);
}

TEST(DeadlineWheel, MeetsDeadlinesToTheMicrosecond) {
    DeadlineWheel wheel;
    wheel.arm(7, at(5ms));
    wheel.arm(8, at(5ms + 1us));
    EXPECT_EQ(wheel.take_due(at(5ms - 1us)), DeadlineWheel::none);
    EXPECT_EQ(wheel.next(), at(5ms));
    EXPECT_EQ(wheel.take_due(at(5ms)), 7U);
    EXPECT_EQ(wheel.take_due(at(5ms)), DeadlineWheel::none);
    EXPECT_EQ(wheel.next(), at(5ms + 1us));
    EXPECT_EQ(wheel.take_due(at(6ms)), 8U);
    EXPECT_EQ(wheel.next(), never);
}

TEST(DeadlineWheel, LeavesAnEntryWhoseDeadlineMovesOn) {
    DeadlineWheel wheel;
    wheel.arm(1, at(100us));
    wheel.arm(1, at(1h));
    EXPECT_EQ(wheel.next(), at(100us)) << "it comes up, and is armed again then";
    wheel.arm(1, at(30us));
    EXPECT_EQ(wheel.next(), at(30us)) << "an earlier one counts at once";
    EXPECT_EQ(wheel.size(), 1U);
}

TEST(DeadlineWheel, TakesTheEarlierFirstAndEqualOnesInTheirOrder) {
    DeadlineWheel wheel;
    for (const std::uint32_t index : {5U, 3U, 9U}) {
        wheel.arm(index, at(20min));
    }
    wheel.arm(4, at(10min));
    std::vector<std::uint32_t> order;
    for (auto index = wheel.take_due(at(3h)); index != DeadlineWheel::none;
         index = wheel.take_due(at(3h))) {
        order.push_back(index);
    }
    EXPECT_EQ(order, (std::vector<std::uint32_t>{4, 5, 3, 9}));
}

TEST(DeadlineWheel, MeetsWhatHasPassedAlreadyAtOnce) {
    DeadlineWheel wheel;
    EXPECT_EQ(wheel.take_due(at(1h)), DeadlineWheel::none);
    wheel.arm(0, at(5ms));
    EXPECT_EQ(wheel.next(), at(1h));
    EXPECT_EQ(wheel.take_due(at(1h)), 0U);
}

TEST(DeadlineWheel, NeverComesNever) {
    DeadlineWheel wheel;
    wheel.arm(0, never);
    EXPECT_EQ(wheel.size(), 0U);
    wheel.cancel(0);
    wheel.cancel(1'000'000);
}

// 2^32 microseconds are 72 minutes, and the wheel reaches half of them ahead.
TEST(DeadlineWheel, GoesOnBeyondItsReach) {
    DeadlineWheel wheel;
    const Instant far = at(24h * 30);
    wheel.arm(2, far);
    std::size_t looks = 0;
    for (Instant now = wheel.next(); now < far; now = std::min(far, wheel.next())) {
        while (wheel.take_due(now) != DeadlineWheel::none) {
            wheel.arm(2, far);
            ASSERT_LT(++looks, 2000U);
        }
    }
    EXPECT_EQ(wheel.take_due(far), 2U);
}

// An entry of which the low 32 bits are zero would look as if it were none.
TEST(DeadlineWheel, MeetsTheOneMicrosecondThatItCannotWriteDownInTheNext) {
    DeadlineWheel wheel;
    wheel.arm(0, Instant{});
    EXPECT_EQ(wheel.next(), at(1us));
    EXPECT_EQ(wheel.take_due(at(1us)), 0U);
}

// A caller and its deadlines, next to a model that is sorted.
struct Model {
    DeadlineWheel wheel{};
    std::map<std::uint32_t, Instant> deadlines{};
    std::set<std::pair<Instant, std::uint32_t>> sorted{};

    void set(std::uint32_t index, Instant when) {
        clear(index);
        deadlines[index] = when;
        sorted.emplace(when, index);
        wheel.arm(index, when);
    }
    void clear(std::uint32_t index) {
        if (const auto found = deadlines.find(index); found != deadlines.end()) {
            sorted.erase({found->second, index});
            deadlines.erase(found);
        }
    }
    void cancel(std::uint32_t index) {
        clear(index);
        wheel.cancel(index);
    }
    /// Everything that is due by then, and nothing that is not.
    void pass(Instant now) {
        for (auto index = wheel.take_due(now); index != DeadlineWheel::none;
             index = wheel.take_due(now)) {
            const auto found = deadlines.find(index);
            ASSERT_NE(found, deadlines.end()) << "cancelled: " << index;
            if (found->second > now) {
                wheel.arm(index, found->second);
            } else {
                clear(index);
            }
        }
        ASSERT_TRUE(sorted.empty() || sorted.begin()->first > now - 1us)
            << "missed by " << (now - sorted.begin()->first).count() << " us";
        ASSERT_EQ(wheel.size(), deadlines.size());
        ASSERT_GE(wheel.next(), now);
        ASSERT_LE(wheel.next(), sorted.empty() ? never : sorted.begin()->first + 1us);
    }
};

TEST(DeadlineWheel, AgreesWithASortedList) {
    const std::uint64_t seed = 20261123;
    for (std::uint64_t run = 0; run < 16; ++run) {
        SCOPED_TRACE(testing::Message() << "seed " << seed + run);
        std::mt19937_64 dice{seed + run};
        Model model;
        Instant now{Duration{static_cast<Duration::rep>(run < 8 ? 0 : dice() >> 18U)}};
        model.pass(now);
        for (std::size_t step = 0; step < 2000; ++step) {
            const auto index = static_cast<std::uint32_t>(dice() % 300);
            // Lengths of every order of magnitude, from microseconds to months.
            const Duration length{static_cast<Duration::rep>(dice() >> (20 + dice() % 44))};
            switch (dice() % 8) {
                case 0:
                    model.cancel(index);
                    break;
                case 1:
                    now += length / 64;
                    break;
                case 2:
                    now = model.wheel.next() == never ? now : std::max(now, model.wheel.next());
                    break;
                default:
                    model.set(index, now + length);
            }
            model.pass(now);
            ASSERT_FALSE(testing::Test::HasFatalFailure()) << "step " << step;
        }
    }
}

TEST(DeadlineWheel, AllocatesOnlyToGrow) {
    DeadlineWheel wheel;
    wheel.arm(999, at(1s));
    const std::size_t before = test::allocation_count();
    Instant now{};
    for (std::uint32_t step = 0; step < 100'000; ++step) {
        wheel.arm(step % 1000, now + Duration{step % 5'000'000});
        now += 700us;
        (void)wheel.take_due(now);
    }
    EXPECT_EQ(test::allocation_count(), before);
}

static_assert(sizeof(DeadlineWheel::Entry) == 8);

}  // namespace
}  // namespace tcpcraft
