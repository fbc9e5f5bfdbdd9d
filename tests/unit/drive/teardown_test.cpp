#include <array>
#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <tests/support/teardown_play.hpp>

namespace tcpcraft {
namespace {

using namespace std::chrono_literals;
using test::TeardownPlay;

TEST(Teardown, MeasuresThePauses) {
    TeardownPlay play{Teardown::lost_final_ack};
    const TeardownResult result = play.against({});
    ASSERT_EQ(result.measured.fin_spacing.size(), 2U);
    const double growth =
        seconds(result.measured.fin_spacing[1]) / seconds(result.measured.fin_spacing[0]);
    EXPECT_NEAR(growth, 2.0, 0.1);  // RFC 6298 §5.5
    EXPECT_EQ(result.measured.segments, 4U);
    EXPECT_EQ(result.measured.ack_delay, Duration{20ms});
}

// The ACK that completes the handshake belongs to the connection, whoever has opened.
TEST(Teardown, FollowsThePeerThroughItsStatesInBothRoles) {
    for (const auto role : {test::Role::client, test::Role::server}) {
        TeardownPlay play{Teardown::active_close, Closer::us, role};
        (void)play.against({});
        const bool server = role == test::Role::server;
        EXPECT_THAT(
            play.seen().states,
            testing::IsSupersetOf(
                {std::string{"peer "} + (server ? "SYN-SENT" : "SYN-RECEIVED") + " ESTABLISHED",
                 std::string{"peer CLOSE-WAIT LAST-ACK"}}));
    }
}

// A server that greets late, as sshd does, greets while the question is open.
TEST(Teardown, WhatItsApplicationSaysIsNoAnswer) {
    static constexpr std::array<std::byte, 5> greeting{};
    TeardownPlay play{Teardown::reset_outside_window};
    const TeardownResult result = play.against(
        test::answers([said = false](const Segment& got) mutable -> std::optional<Segment> {
            if (!got.has(Flag::rst) || std::exchange(said, true)) {
                return std::nullopt;
            }
            Segment greets = test::made({Flag::psh, Flag::ack}, Seq{7001}, Seq{1001});
            greets.payload = greeting;
            return greets;
        }));
    ASSERT_FALSE(result.findings.empty());
    EXPECT_EQ(result.findings.front().judged.id, "R-03");
    EXPECT_EQ(text(result.findings.front().judged.verdict), text(Verdict::conforms));
    EXPECT_TRUE(result.findings.front().flags.none());
}

TEST(Teardown, AResetThatAnswersSomethingElseIsNoAnswer) {
    TeardownPlay play{Teardown::data_after_close};
    const TeardownResult result = play.against(test::never_closes() + test::resets(Flag::psh, 1));
    EXPECT_EQ(text(result.verdict.verdict), text(Verdict::conforms)) << result.verdict.text;
}

TEST(Teardown, MeasuresWhenThePeerWasReallyAsked) {
    TeardownPlay play{Teardown::time_wait, Closer::peer};
    play.request.look_after = 58s;
    const TeardownResult result = play.against({});
    EXPECT_EQ(result.measured.quiet_before_probe, Duration{58s});
}

TEST(Teardown, NothingWasHalfClosedWhereFinsCross) {
    TeardownPlay play{Teardown::half_close};
    const TeardownResult result = play.against(test::host_with(
        [](SimHostOptions& peer) { peer.application = SimApplication::close_at_once; }));
    EXPECT_EQ(result.measured.segments, 4U);
    EXPECT_EQ(result.measured.half_closed, std::nullopt);
    EXPECT_THAT(result.verdict.text, testing::HasSubstr("crossed"));
}

TEST(Teardown, EveryScenarioHasItsNameAndWords) {
    for (const TeardownAbout& it : all_teardowns()) {
        EXPECT_EQ(read_teardown(it.name), it.scenario);
        EXPECT_FALSE(spelled_out(teardown_scenario({.scenario = it.scenario})).empty());
    }
    EXPECT_EQ(read_teardown("close"), std::nullopt);
}

}  // namespace
}  // namespace tcpcraft
