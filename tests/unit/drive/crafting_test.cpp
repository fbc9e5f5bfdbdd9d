#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <tests/support/simulated_run.hpp>

namespace tcpcraft {
namespace {

using namespace std::chrono_literals;
using test::SimulatedRun;
using testing::StartsWith;

class ThirdSegment : public testing::Test {
protected:
    void third(Third what) {
        run.lies.third = what;
        run.request.third = what;
        run.request.timeout = 5s;
        run.run();
    }
    [[nodiscard]] std::string line(std::size_t index) const {
        const auto lines = run.seen().dialogue();
        return index < lines.size() ? lines[index] : "nothing";
    }
    SimulatedRun run{};
};

// RFC 9293 §3.8.3 (MUST-22): SYN,ACK is repeated like any other segment
TEST_F(ThirdSegment, WithheldKeepsThePeerInSynReceived) {
    third(Third::none);
    EXPECT_EQ(run.seen().segments[2].fault, "drop");
    EXPECT_EQ(run.seen().segments[2].peer_state, State::syn_received);
    EXPECT_GE(run.session().connection().measured().syn_acks.size(), 3U);
    EXPECT_FALSE(run.result().established) << "only our own side believes in it";
}

// RFC 9293 §3.10.7.4, fifth: RST in answer, the state stays
TEST_F(ThirdSegment, WithAWrongAckIsResetAndThenRepaired) {
    third(Third::wrong_ack);
    EXPECT_THAT(line(2), StartsWith("> . 1:1(0) ack 2"));
    EXPECT_TRUE(run.seen().segments[2].altered);
    EXPECT_THAT(line(3), StartsWith("< R 2:2(0)"));
}

TEST_F(ThirdSegment, LateArrivesLate) {
    run.lies.late = 300ms;
    run.request.late = 300ms;
    third(Third::late);
    const auto& segments = run.seen().segments;
    ASSERT_GT(segments.size(), 2U);
    EXPECT_EQ(segments[2].at - segments[1].at, 300ms);
    EXPECT_EQ(run.result().exit_status, 0);
}

TEST_F(ThirdSegment, StaysAwayUntilItsTimeThoughThePeerAsksAgain) {
    run.lies.late = 2s;
    run.request.late = 2s;
    third(Third::late);
    for (const auto& segment : run.seen().segments) {
        if (segment.at < Instant{2s}) {
            EXPECT_NE(segment.peer_state, State::established) << segment.text;
        }
    }
    EXPECT_EQ(run.result().exit_status, 0);
}

// RFC 9293 §3.10.7.4, fifth: a data segment with the right ACK establishes too
TEST_F(ThirdSegment, RidesOnData) {
    run.request.send.emplace(1, std::byte{'x'});
    third(Third::data);
    EXPECT_THAT(line(3), StartsWith("> P. 1:2(1) ack 1"));
    EXPECT_EQ(run.seen().segments[3].peer_state, State::established);
}

// RFC 9293 §3.10.7.4, second: SYN-RECEIVED from LISTEN goes back to LISTEN
TEST_F(ThirdSegment, AsResetSendsThePeerBackToListen) {
    third(Third::rst);
    EXPECT_THAT(line(2), StartsWith("> R 1:1(0)"));
    EXPECT_EQ(run.seen().segments[2].peer_state, State::listen);
    EXPECT_FALSE(run.result().established);
}

TEST(CraftedSyn, WithAWrongChecksumMeetsSilence) {  // RFC 9293 §3.1 (MUST-3)
    SimulatedRun run;
    run.lies.bad_syn_checksum = true;
    run.request.timeout = 5s;
    run.run();
    EXPECT_EQ(run.result().exit_status, 3);
    EXPECT_TRUE(run.seen().segments[0].altered);
}

TEST(CraftedSyn, WithOtherFlagsIsMarked) {
    SimulatedRun run;
    run.lies.syn_flags = Flags{Flag::syn, Flag::fin};
    run.request.timeout = 3s;
    run.run();
    EXPECT_THAT(run.seen().dialogue()[0], StartsWith("> FS"));
    EXPECT_TRUE(run.seen().segments[0].altered);
}

}  // namespace
}  // namespace tcpcraft
