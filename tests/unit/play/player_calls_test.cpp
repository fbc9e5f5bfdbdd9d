// Calls: shown to a person, or made by an application that the test plays.
#include <chrono>
#include <functional>
#include <string>
#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <tests/unit/play/played.hpp>

namespace tcpcraft::test {

namespace {

using namespace std::chrono_literals;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

/// Each call returns after `takes` with `outcome`.
class FakeApplication final : public Application {
public:
    explicit FakeApplication(SimNetwork& network) : network_{network} {}

    void perform(const ScriptEvent& event, std::function<void(CallOutcome)> done) override {
        made.push_back(script_text(event));
        if (takes == never) {
            return;
        }
        network_.call_at(network_.now() + takes, [this, done = std::move(done)] { done(outcome); });
    }

    static constexpr Duration never = Duration::max();
    Duration takes{1ms};
    CallOutcome outcome{.as_expected = true, .got = "0"};
    std::vector<std::string> made{};

private:
    SimNetwork& network_;
};

struct Called : Played {
    explicit Called(const std::string& script) : Played{opens + script, 1ms} {
        answers = {syn_ack()};
        application = &there;
    }
    FakeApplication there{network()};
};

TEST(PlayerCalls, WithoutAnApplicationSomebodyIsAskedAndHasTime) {
    Played played{std::string{opens} + "+0 close(4) = 0\n+0 > F. 1:1(0) ack 1\n"};
    played.answers = {syn_ack(), {2, "F. 1:1(0) ack 1 win 1", 5s}};
    EXPECT_EQ(played.run().ending, PlayEnding::passed);
    EXPECT_THAT(played.notes(), Contains("the peer's application must now: close(4) = 0"));
}

TEST(PlayerCalls, CommandsAreNotRunByThePlayer) {
    Played played{std::string{opens} + "+0 `ls`\n+0 %{ x }%\n"};
    played.answers = {syn_ack()};
    EXPECT_EQ(played.run().ending, PlayEnding::passed);
    EXPECT_THAT(played.notes(), Contains("not run: `ls`"));
}

TEST(PlayerCalls, AreMadeInOrder) {
    Called played{"+0 read(4, ..., 5) = 5\n+0 `true`\n+0 close(4) = 0\n"};
    EXPECT_EQ(played.run().ending, PlayEnding::passed);
    EXPECT_THAT(played.there.made, ElementsAre("read(4, ..., 5) = 5", "`true`", "close(4) = 0"));
}

TEST(PlayerCalls, AnotherResultIsADeviationInItsLine) {
    Called played{"+0 read(4, ..., 5) = 5\n+0 close(4) = 0\n"};
    played.there.outcome = {.as_expected = false, .got = "-1 EBADF"};
    const auto& result = played.run();
    EXPECT_EQ(result.ending, PlayEnding::deviated);
    EXPECT_EQ((std::pair{result.failed_line, result.got}),
              (std::pair{std::optional<std::uint32_t>{4}, std::string{"-1 EBADF"}}));
}

TEST(PlayerCalls, OneThatBlocksIsTimed) {
    const std::string call = "+0...0.5 read(4, ..., 5) = 5\n";
    const auto taking = [&call](Duration time) {
        Called played{call + "+.1 < . 1:1(0) ack 1 win 1\n"};
        played.there.takes = time;
        return PlayResult{played.run()};
    };
    EXPECT_EQ(taking(500ms).ending, PlayEnding::passed);
    for (const Duration wrong : {Duration{200ms}, Duration{900ms}}) {
        const auto result = taking(wrong);
        EXPECT_EQ(result.ending, PlayEnding::deviated);
        EXPECT_EQ(result.failed_line, 4U);
        EXPECT_THAT(result.sentence, HasSubstr("the call returned after"));
    }
}

TEST(PlayerCalls, WhatComesAfterItsWindowMayCome) {
    Called played{"+0 close(4) = 0\n+.1 ~> R.\n"};
    played.there.takes = 1s;  // the window is over when it is looked at
    played.answers.push_back({2, "R. 1:1(0) ack 1 win 0", 500ms});
    EXPECT_EQ(played.run().ending, PlayEnding::passed);
    Called early{"+0 close(4) = 0\n+.1 ~> R.\n"};
    early.there.takes = 1s;
    early.answers.push_back({2, "R. 1:1(0) ack 1 win 0", 50ms});
    EXPECT_EQ(early.run().ending, PlayEnding::deviated);
}

TEST(PlayerCalls, OneThatNeverReturnsIsToldOfItsOwnLine) {
    for (const char* rest : {"+.1 < . 1:1(0) ack 1 win 1\n", "+0 close(4) = 0\n"}) {
        Called played{std::string{"+0...0.5 read(4, ..., 5) = 5\n"} + rest};
        played.there.takes = FakeApplication::never;
        const auto& result = played.run();
        EXPECT_EQ(result.ending, PlayEnding::deviated) << rest;
        EXPECT_EQ(result.failed_line, 4U) << rest;
        EXPECT_EQ(result.sentence, "the call does not return") << rest;
    }
}

}  // namespace

}  // namespace tcpcraft::test
