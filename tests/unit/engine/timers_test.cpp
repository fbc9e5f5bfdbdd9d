#include <set>
#include <string>

#include <gtest/gtest.h>

#include <libtcpcraft/engine/timers.hpp>

namespace tcpcraft {
namespace {

constexpr Instant at(int microseconds) { return Instant{Duration{microseconds}}; }

TEST(Timers, RunNotAtFirst) {
    const Timers timers;
    EXPECT_EQ(timers.next(), never);
    EXPECT_EQ(timers.at(Timer::retransmission), std::nullopt);
}

TEST(Timers, GiveTheEarliestDeadline) {
    Timers timers;
    timers.set(Timer::user, at(9));
    timers.set(Timer::retransmission, at(5));
    timers.set(Timer::time_wait, at(7));
    EXPECT_EQ(timers.next(), at(5));
    timers.clear(Timer::retransmission);
    EXPECT_EQ(timers.next(), at(7));
}

TEST(Timers, ExcludeEachOtherInOnePlace) {  // RFC 9293 §3.8.4 (MUST-26)
    Timers timers;
    timers.set(Timer::keep_alive, at(5));
    timers.set(Timer::retransmission, at(9));
    EXPECT_EQ(timers.at(Timer::keep_alive), std::nullopt);
    EXPECT_EQ(timers.at(Timer::retransmission), at(9));
    timers.clear(Timer::keep_alive);
    EXPECT_EQ(timers.at(Timer::retransmission), at(9));
}

TEST(Timers, AreEqualWhateverRanBefore) {
    Timers timers;
    timers.set(Timer::fin_wait_2, at(5));
    timers.clear(Timer::fin_wait_2);
    EXPECT_EQ(timers, Timers{});
}

TEST(Timers, HaveNamesOfTheirOwn) {
    std::set<std::string> names;
    for (std::size_t i = 0; i < timer_count; ++i) {
        names.emplace(text(static_cast<Timer>(i)));
    }
    EXPECT_EQ(names.size(), timer_count);
    EXPECT_EQ(text(Timer::time_wait), "time-wait");
}

}  // namespace
}  // namespace tcpcraft
