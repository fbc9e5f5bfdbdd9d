#include <array>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <functional>
#include <vector>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <libtcpcraft/link/raw/runtime.hpp>

namespace tcpcraft {
namespace {

using namespace std::chrono_literals;

class RuntimeTest : public ::testing::Test {
protected:
    Runtime runtime{Runtime::create().value()};
    Alarm& alarm{runtime.alarm()};
};

TEST_F(RuntimeTest, AlarmsRingInTheOrderOfTheirTimes) {
    std::vector<int> rung;
    const Instant now = alarm.now();
    alarm.call_at(now + 20ms, [&] {
        rung.push_back(3);
        runtime.stop();
    });
    alarm.call_at(now + 10ms, [&] { rung.push_back(1); });
    alarm.call_at(now + 10ms, [&] { rung.push_back(2); });
    const AlarmId cancelled = alarm.call_at(now + 5ms, [&] { rung.push_back(9); });
    alarm.cancel(cancelled);
    alarm.cancel(cancelled);
    alarm.cancel(AlarmId::none);
    EXPECT_EQ(alarm.call_at(never, [] {}), AlarmId::none);
    runtime.run();
    EXPECT_EQ(rung, (std::vector<int>{1, 2, 3}));
    EXPECT_GE(alarm.now(), now + 20ms);
}

TEST_F(RuntimeTest, AnEarlierAlarmOvertakesTheOneThatIsSet) {
    std::vector<int> rung;
    const Instant now = alarm.now();
    alarm.call_at(now + 30ms, [&] {
        rung.push_back(2);
        runtime.stop();
    });
    runtime.post([&] { alarm.call_at(now + 1ms, [&] { rung.push_back(1); }); });
    runtime.run();
    EXPECT_EQ(rung, (std::vector<int>{1, 2}));
}

TEST_F(RuntimeTest, AnAlarmMayCancelAnotherOfTheSameTime) {
    bool rung = false;
    AlarmId other{};
    const Instant when = alarm.now() + 1ms;
    alarm.call_at(when, [&] {
        alarm.cancel(other);
        runtime.stop();
    });
    other = alarm.call_at(when, [&] { rung = true; });
    runtime.run();
    EXPECT_FALSE(runtime.run_for(5ms));
    EXPECT_FALSE(rung);
}

TEST_F(RuntimeTest, WhoSetsAlarmsForThePastLeavesTheLoopItsTurn) {
    bool done = false;
    int rings = 0;
    std::function<void()> again = [&] {
        // Without the others' turn it would never end.
        if (!done && ++rings < 100'000) {
            alarm.call_at(alarm.now() - 1ms, again);
        }
    };
    alarm.call_at(alarm.now(), [&] {
        runtime.post([&] {
            done = true;
            runtime.stop();
        });
        again();
    });
    runtime.run();
    EXPECT_TRUE(done);
    EXPECT_LT(rings, 100);
}

TEST_F(RuntimeTest, WhatAnAlarmHasDoneEndsTheRunBeforeTheLoopWaits) {
    bool done = false;
    const Instant late = alarm.now() + 10s;
    alarm.call_at(late, [] {});
    alarm.call_at(alarm.now(), [&] { done = true; });
    EXPECT_FALSE(runtime.run_until([&] { return done; }));
    EXPECT_LT(alarm.now(), late);
}

TEST_F(RuntimeTest, AlarmsFarBeyondTheClockAreNoTrouble) {
    alarm.call_at(Instant{Duration::max() - 1us}, [] { FAIL(); });
    EXPECT_FALSE(runtime.run_for(5ms));
}

TEST_F(RuntimeTest, StopBeforeRunEndsItAtOnceAndOnceOnly) {
    runtime.stop();
    runtime.run();
    EXPECT_FALSE(runtime.run_for(1ms));
}

TEST_F(RuntimeTest, SignalsCallBackEachTime) {
    std::vector<int> signals;
    ASSERT_TRUE(runtime.on_signal([&](int signal) {
        signals.push_back(signal);
        signals.size() < 2 ? (void)std::raise(SIGTERM) : runtime.stop();
    }));
    std::raise(SIGINT);
    runtime.run();
    EXPECT_EQ(signals, (std::vector<int>{SIGINT, SIGTERM}));
}

TEST_F(RuntimeTest, AReadableDescriptorKeepsItsFlags) {
    std::array<int, 2> pipe{};
    ASSERT_EQ(::pipe(pipe.data()), 0);
    std::vector<char> read;
    const auto watch = runtime.watch_readable(pipe[0], [&] {
        char one = 0;
        ASSERT_EQ(::read(pipe[0], &one, 1), 1);
        read.push_back(one);
        if (read.size() == 3) {
            runtime.stop();
        }
    });
    ASSERT_TRUE(watch);
    ASSERT_EQ(::write(pipe[1], "abc", 3), 3);
    runtime.run();
    EXPECT_EQ(read, (std::vector<char>{'a', 'b', 'c'}));
    EXPECT_EQ(::fcntl(pipe[0], F_GETFL) & O_NONBLOCK, 0);
    runtime.unwatch(*watch);
    ASSERT_EQ(::write(pipe[1], "d", 1), 1);
    runtime.run_for(5ms);
    EXPECT_EQ(read.size(), 3U);
    ::close(pipe[0]);
    ::close(pipe[1]);
}

TEST_F(RuntimeTest, ARegularFileIsAlwaysReadable) {
    std::FILE* file = std::tmpfile();
    int calls = 0;
    WatchId id{};
    const auto watch = runtime.watch_readable(fileno(file), [&] {
        if (++calls == 3) {
            runtime.unwatch(id);
            runtime.stop();
        }
    });
    ASSERT_TRUE(watch);
    id = *watch;
    runtime.run();
    runtime.run_for(5ms);
    EXPECT_EQ(calls, 3);
    std::fclose(file);
}

TEST_F(RuntimeTest, AClosedDescriptorIsAnError) {
    const auto watch = runtime.watch_readable(999, [] {});
    ASSERT_FALSE(watch);
    EXPECT_EQ(watch.error().code, std::errc::bad_file_descriptor);
}

}  // namespace
}  // namespace tcpcraft
