// RFC 9293 §3.8.4 (MUST-29); RFC 1122 §4.2.3.6; RFC 9293 §3.8.6.1 (SHLD-30): peers that deviate,
// and boxes that stand in for them, each reported as what it is.
#include <gtest/gtest.h>
#include <tests/support/keep_alive_play.hpp>

namespace tcpcraft {
namespace {

using namespace std::chrono_literals;
using test::KeepAlivePlay;
using test::Role;

class DeviatingPeer : public testing::TestWithParam<std::tuple<Family, Role>> {
protected:
    DeviatingPeer() : play{std::get<0>(GetParam()), std::get<1>(GetParam())} {
        play.asked.timeout = 5s;
    }
    KeepAlivePlay play;
};
INSTANTIATE_TEST_SUITE_P(All, DeviatingPeer,
                         testing::Combine(testing::Values(Family::v4, Family::v6),
                                          testing::Values(Role::client, Role::server)));

void expect_says(const std::string& said, const std::string& what) {
    EXPECT_NE(said.find(what), std::string::npos) << said;
}

TEST_P(DeviatingPeer, AnswersOnlyAnOctet) {
    const auto result = play.probe(test::answers_only_octets());
    EXPECT_EQ(result.exit_status, 0);
    EXPECT_EQ(result.alive, true);
    EXPECT_EQ(result.verdict.id, "K-02");
    EXPECT_EQ(result.verdict.verdict, Verdict::permitted_deviation);
    expect_says(result.verdict.text, "only the probe with an octet");
}

// A probe that was lost on the way is no reason to say so.
TEST_P(DeviatingPeer, IsNotWhoMissedOneProbe) {
    const auto result = play.probe({.arriving = [lost = false](const Segment& got) mutable {
        const bool meant = !lost && test::asks(got, Seq{1001});
        lost = lost || meant;
        return !meant;
    }});
    EXPECT_EQ(result.alive, true);
    EXPECT_EQ(result.sent, 2U);
    EXPECT_EQ(result.verdict.verdict, Verdict::conforms) << result.verdict.text;
    EXPECT_EQ(result.verdict.text.find("only"), std::string::npos) << result.verdict.text;
}

TEST_P(DeviatingPeer, AnswersNothing) {
    const auto result = play.probe(test::answers_no_probe());
    EXPECT_EQ(result.exit_status, 3);
    EXPECT_EQ(result.alive, std::nullopt);
    EXPECT_EQ(result.ending, KeepAliveEnding::silent);
    EXPECT_EQ(result.sent, 10U);
}

TEST_P(DeviatingPeer, AnswersTwiceASecondAtMost) {
    play.asked.keep_alive.idle = 1s;
    play.asked.keep_alive.interval = 600ms;
    play.asked.answers = 5;
    const auto result = play.probe(test::answers_twice_a_second());
    EXPECT_EQ(result.answered, 5U);
    EXPECT_EQ(result.sent, 5U);
}

// An answer is an answer of its TCP, and is never called more.
TEST_P(DeviatingPeer, IsAliveAsATcpOnly) {
    expect_says(play.probe(test::honest()).verdict.text, "of its application that says nothing");
}

struct Box {
    std::string_view name{};
    std::function<void(Segment&)> what{};
    std::uint8_t hop_limit{64};
    std::string_view said{};
};

std::vector<Box> boxes() {
    return {
        {"exact", {}, 64, "our FIN was never acknowledged"},
        {"hop limit", {}, 61, "hop limit 61 where the peer's segments have 64"},
        {"no timestamps", [](Segment& s) { s.options = {}; }, 64, "no timestamp"},
        {"its own clock",
         [](Segment& s) {
             s.options = {NoOperation{}, NoOperation{}, Timestamps{0xf0000000U, 0}};
         },
         64, "a timestamp"},
        {"wrong numbers", [](Segment& s) { s.ack = s.ack + 5; }, 64, "what was never sent"},
        {"its own window", [](Segment& s) { s.wnd = 7; }, 64, "our FIN was never acknowledged"},
    };
}

TEST_P(DeviatingPeer, IsGoneAndABoxAnswersForIt) {
    for (const Box& box : boxes()) {
        SCOPED_TRACE(box.name);
        play.answering_header = [&box](IpHeader& ip) { ip.hop_limit = box.hop_limit; };
        const auto result = play.probe(test::box_for_the_dead(box.what));
        EXPECT_EQ(result.exit_status, 3);
        EXPECT_EQ(result.alive, std::nullopt);
        EXPECT_TRUE(result.other_answers);
        EXPECT_EQ(result.verdict.verdict, Verdict::inconclusive);
        expect_says(result.verdict.text, std::string{box.said});
        expect_says(result.verdict.text, "not by the peer");
    }
}

TEST_P(DeviatingPeer, LivesBehindABoxThatAnswersForIt) {
    play.answering_header = [](IpHeader& ip) { ip.hop_limit = 60; };
    const auto result = play.probe(test::box_for_the_living());
    EXPECT_EQ(result.alive, true);
    EXPECT_EQ(result.exit_status, 0);
    expect_says(result.verdict.text, "the peer itself acknowledged our FIN");
}

// --- learn ---------------------------------------------------------------------------------------

class WaitingText : public DeviatingPeer {
protected:
    WaitingText() {
        play.ours.rcv_wnd = 0;
        play.peer.application = SimApplication::serve;
        play.peer.reply = "more than nothing";
        play.learning.send.emplace(1, std::byte{'?'});
        play.learning.patience = 30s;
    }
    /// Window probes in the form of keep-alive: no octet, the number before the next.
    static test::TeardownPeer dressed() {
        return {.leaving = [](Segment& segment) {
            if (segment.seq == Seq{7001} && segment.payload.size() == 1) {
                segment.seq = Seq{7000};
                segment.payload = {};
            }
            return true;
        }};
    }
};
INSTANTIATE_TEST_SUITE_P(All, WaitingText,
                         testing::Combine(testing::Values(Family::v4, Family::v6),
                                          testing::Values(Role::client, Role::server)));

TEST_P(WaitingText, IsNoKeepAlive) {
    const auto result = play.learn(dressed());
    EXPECT_EQ(result.kind, ProbingKind::zero_window) << result.verdict.text;
    EXPECT_EQ(result.exit_status, 3);
    EXPECT_EQ(result.verdict.id, "K-20");
    EXPECT_TRUE(result.profile.empty());
}

// At constant intervals, and without an octet, it is what keep-alive looks like: neither is
// claimed.
TEST_P(WaitingText, IsNotTakenForKeepAliveAtConstantIntervals) {
    play.peer.policy.rto = {.initial = 2s, .least = 2s, .most = 2s};
    const auto result = play.learn(dressed());
    EXPECT_EQ(result.exit_status, 3);
    EXPECT_EQ(result.verdict.id, "K-20");
    EXPECT_EQ(result.verdict.verdict, Verdict::inconclusive);
    expect_says(result.verdict.text, "or probes of the window that we keep shut");
}

TEST_P(WaitingText, IsNotSuspectedWhereOurWindowIsOpen) {
    play.ours.rcv_wnd = 65535;
    play.learning.send.reset();
    play.peer.policy.keep_alive = KeepAlive{.idle = 7s, .interval = 2s, .count = 4};
    const auto result = play.learn(test::honest());
    EXPECT_EQ(result.kind, ProbingKind::keep_alive) << result.verdict.text;
    EXPECT_EQ(result.count, 4U);
    EXPECT_EQ(result.exit_status, 0);
}

}  // namespace
}  // namespace tcpcraft
