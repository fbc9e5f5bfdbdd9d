#include <functional>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <tests/support/altering_link.hpp>
#include <tests/support/simulated_run.hpp>

namespace tcpcraft {
namespace {

using namespace std::chrono_literals;
using test::AlteringLink;
using test::SeenSegment;
using test::SimulatedRun;
using test::test_address;
using testing::StartsWith;

/// Decides by a function of the number of the proposal.
class ByNumber : public Interceptor {
public:
    std::function<Decision(std::size_t, const Proposal&)> leave = [](std::size_t, const Proposal&) {
        return Decision{};
    };
    std::function<bool(std::size_t)> arrive = [](std::size_t) { return true; };

    Decision leaving(const Proposal& proposal) override { return leave(proposals_++, proposal); }
    bool arriving(std::size_t, const Datagram&, SeqOrigin, const Tcb&) override {
        return arrive(arrivals_++);
    }

private:
    std::size_t proposals_{0};
    std::size_t arrivals_{0};
};

class Intercepted : public testing::Test {
protected:
    Intercepted() { run.setup.interceptor = &by; }
    ByNumber by{};
    SimulatedRun run{};
};

TEST_F(Intercepted, AnHonestEditRunsTheStepAgain) {
    by.leave = [](std::size_t n, const Proposal&) {
        return n == 0 ? Decision{.fate = Decision::Fate::redo, .edit = {.iss = Seq{5}}}
                      : Decision{};
    };
    run.run();
    EXPECT_EQ(run.result().isn, Seq{5});
    EXPECT_FALSE(run.seen().segments[0].altered);
    EXPECT_EQ(run.result().exit_status, 0);
}

TEST_F(Intercepted, AnyOtherEditIsLaidOverAndTheTcbStays) {
    by.leave = [](std::size_t n, const Proposal& proposal) {
        Decision decision;
        if (n == 0) {
            decision.altered.seq = proposal.datagram.segment.seq + 1;
        }
        return decision;
    };
    run.request.timeout = 5s;
    run.run();
    EXPECT_TRUE(run.seen().segments[0].altered);
    EXPECT_THAT(run.seen().dialogue()[0], StartsWith("> S 1:1(0)"));
}

TEST_F(Intercepted, ADroppedSegmentIsOfferedAgainWhenItIsRepeated) {
    std::vector<bool> repeated;
    by.leave = [&](std::size_t n, const Proposal& proposal) {
        repeated.push_back(proposal.retransmission);
        return n == 0 ? Decision{.fate = Decision::Fate::drop} : Decision{};
    };
    run.run();
    ASSERT_GE(repeated.size(), 2U);
    EXPECT_FALSE(repeated[0]);
    EXPECT_TRUE(repeated[1]);
    EXPECT_EQ(run.seen().segments[0].fault, "drop");
    EXPECT_EQ(run.result().exit_status, 0);
}

TEST_F(Intercepted, ADoubledSegmentLeavesTwice) {
    by.leave = [](std::size_t n, const Proposal&) {
        return n == 1 ? Decision{.fate = Decision::Fate::twice} : Decision{};
    };
    run.run();
    EXPECT_EQ(run.seen().dialogue()[2], run.seen().dialogue()[3]);
}

TEST_F(Intercepted, AnIgnoredArrivalIsLost) {
    by.arrive = [](std::size_t n) { return n != 0; };
    run.run();
    EXPECT_EQ(run.seen().segments[1].fault, "drop");
    EXPECT_EQ(run.seen().segments[1].state, State::syn_sent);
    EXPECT_EQ(run.result().exit_status, 0);
}

/// A scenario against a server, on a wire that loses some of what arrives there.
class SynAcks : public testing::Test {
protected:
    std::vector<SeenSegment> play(std::vector<Step> steps,
                                  std::function<bool(const Segment&)> arriving = {}) {
        SimNetwork world;
        AlteringLink far{world.far()};
        far.arriving = std::move(arriving);
        SimHostOptions peer{.address = test_address(Family::v4, std::byte{2}),
                            .listening = {Port{80}},
                            .iss = Seq{7000}};
        const SimHost host{far, world, peer};
        test::KeepingSink sink;
        Surroundings around{.link = world.near(), .alarm = world, .trace = sink};
        Fleet fleet{around};
        ConnectionSetup setup;
        setup.id = {{test_address(Family::v4, std::byte{1}), Port{40000}},
                    {peer.address, Port{80}}};
        setup.iss = Seq{1000};
        fleet.launch(std::move(setup), Scenario{"", std::move(steps)});
        (void)world.run([&fleet] { return fleet.finished(); });
        std::erase_if(sink.segments, [](const SeenSegment& seen) {
            return seen.direction == Direction::out || seen.text.substr(0, 2) != "S.";
        });
        return sink.segments;
    }
    const Step up{"", ExpectState{{State::established}, 10s}};
};

TEST_F(SynAcks, ARepetitionIsCalledSo) {  // RFC 6298 §5: our ACK of it was lost
    const auto seen =
        play({{"", Open{}}, up, {"", Settle{5s}}}, [acks = 0](const Segment& got) mutable {
            return got.flags != Flags{Flag::ack} || ++acks > 1;
        });
    ASSERT_EQ(seen.size(), 2U);
    EXPECT_EQ(seen[0].note, "");
    EXPECT_EQ(seen[1].note, "the peer repeats its SYN,ACK");
}

// RFC 9293 §3.5.3: after a RST it is another connection, even if the peer begins with the same
// number.
TEST_F(SynAcks, TheAnswerToAnotherSynAfterOurResetIsNone) {
    const auto seen = play({{"", Open{}},
                            up,
                            {"", AbortCall{}},
                            {"", Settle{50ms}},
                            {"", Open{.iss_above = 1000}},
                            up});
    ASSERT_EQ(seen.size(), 2U);
    EXPECT_EQ(seen[0].note, "");
    EXPECT_EQ(seen[1].note, "");
}

}  // namespace
}  // namespace tcpcraft
