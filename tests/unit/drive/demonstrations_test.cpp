#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <tests/support/simulated_run.hpp>

namespace tcpcraft {
namespace {

using namespace std::chrono_literals;
using test::SimulatedRun;
using testing::Contains;
using testing::HasSubstr;
using testing::StartsWith;

class Demonstration : public testing::TestWithParam<Family> {
protected:
    void show(HandshakeScenario scenario) {
        run.request.scenario = scenario;
        run.run();
    }
    SimulatedRun run{GetParam()};
};

INSTANTIATE_TEST_SUITE_P(BothFamilies, Demonstration, testing::Values(Family::v4, Family::v6),
                         [](const auto& named) { return named.param == Family::v4 ? "v4" : "v6"; });

// RFC 9293 §3.5, figure 8, and the same with a closed client
TEST_P(Demonstration, OldDuplicateSynIsResetInBothActs) {
    run.lies.delay_syn = 500ms;
    show(HandshakeScenario::old_duplicate_syn);
    EXPECT_EQ(run.result().exit_status, 0);
    EXPECT_TRUE(run.result().established);
    std::vector<std::string> resets;
    for (const auto& segment : run.seen().segments) {
        if (segment.text.starts_with("R ")) {
            resets.push_back(segment.text);
            EXPECT_EQ(segment.peer_state, State::listen);
        }
    }
    EXPECT_EQ(resets.size(), 2U);
}

TEST_P(Demonstration, TwoWayWithAMuteClientLeavesTheServerAlone) {
    run.peer.policy.deviations.two_way_handshake = true;
    run.setup.policy.deviations.mute_when_closed = true;
    run.request.mute = true;
    show(HandshakeScenario::two_way);
    EXPECT_EQ(run.peer_state(), State::established);
}

// RFC 9293 §3.10.7.1: CLOSED answers with RST, and even the two-way server is freed
TEST_P(Demonstration, TwoWayWithAnHonestClientFreesTheServer) {
    run.peer.policy.deviations.two_way_handshake = true;
    show(HandshakeScenario::two_way);
    EXPECT_EQ(run.peer_state(), State::closed);
}

// RFC 9293 §3.5, figure 7 (MUST-10)
TEST_P(Demonstration, SimultaneousOpenMakesOneConnection) {
    run.peer.listening.clear();
    run.peer.active_open = SimOpen{run.setup.id.local, run.setup.id.remote.port, Instant{50ms}};
    show(HandshakeScenario::simultaneous_open);
    EXPECT_EQ(run.result().exit_status, 0);
    EXPECT_THAT(run.seen().states, Contains("us SYN-SENT SYN-RECEIVED"));
    EXPECT_THAT(run.seen().states, Contains("us SYN-RECEIVED ESTABLISHED"));
    EXPECT_THAT(run.seen().dialogue(), Contains(StartsWith("> S. 0:0(0) ack 1")));
}

TEST_P(Demonstration, SynFloodViewCountsTheRepetitions) {
    run.lies.third = Third::none;
    run.request.third = Third::none;
    run.peer.policy.syn_retransmissions = 5;
    show(HandshakeScenario::syn_flood_view);
    EXPECT_EQ(run.session().connection().measured().syn_acks.size(), 6U);
    EXPECT_THAT(run.result().summary, HasSubstr("6 times"));
    EXPECT_EQ(run.result().exit_status, 0);
}

}  // namespace
}  // namespace tcpcraft
