// One connection led call by call, against the simulated peer, in both families.
#include <gtest/gtest.h>

#include <libtcpcraft/host/dialogue.hpp>
#include <libtcpcraft/host/setup.hpp>
#include <libtcpcraft/host/simulation.hpp>
#include <libtcpcraft/trace/tee_sink.hpp>

namespace tcpcraft::test {

namespace {

using namespace std::chrono_literals;

class DialogueTest : public ::testing::TestWithParam<Family> {
protected:
    void start(SimulationOptions options = {}) {
        options.family = GetParam();
        host_.emplace(options);
        dialogue_.emplace(*host_, nowhere_);
    }
    Dialogue& dialogue() { return *dialogue_; }
    [[nodiscard]] Duration now() { return host_->alarm().now().time_since_epoch(); }

    TeeSink nowhere_{};
    std::optional<Simulation> host_{};
    std::optional<Dialogue> dialogue_{};
};

void expect_code(const auto& result, std::errc code) {
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, code) << result.error().message();
}

// RFC 9293 §3.5, figure 6, and §3.6, case 1.
TEST_P(DialogueTest, OpensSendsAndCloses) {
    start({.peer = {.application = SimApplication::echo}});
    ASSERT_TRUE(dialogue().open());
    ASSERT_TRUE(dialogue().send("hello"));
    EXPECT_EQ(dialogue().receive().value_or(""), "hello");
    ASSERT_TRUE(dialogue().send("again"));
    EXPECT_EQ(dialogue().receive().value_or(""), "again");
    ASSERT_TRUE(dialogue().close());
    EXPECT_EQ(dialogue().state(), State::time_wait);
}

// Numbers count from both ISNs; a segment that came before it was asked for is found.
TEST_P(DialogueTest, ExpectsWhatHasComeAlready) {
    start();
    ASSERT_TRUE(dialogue().open());
    const auto syn_ack = dialogue().expect("S. 0:0(0) ack 1 <...>");
    ASSERT_TRUE(syn_ack) << syn_ack.error().message();
    EXPECT_TRUE(syn_ack->segment.has(Flag::syn));
    EXPECT_EQ(now(), 20ms);
    // It has been looked at: the next one would have to be another.
    expect_code(dialogue().expect("S. 0:0(0) ack 1 <...>", 1s), std::errc::timed_out);
}

TEST_P(DialogueTest, NamesWhatCameInstead) {
    start();
    ASSERT_TRUE(dialogue().begin());
    const auto wrong = dialogue().expect("S. 0:0(0) ack 2 <...>", 1s);
    expect_code(wrong, std::errc::timed_out);
    EXPECT_NE(wrong.error().message().find("ack: wanted 2, got 1"), std::string::npos)
        << wrong.error().message();
    EXPECT_EQ(dialogue().state(), State::established);  // nothing has ended
    EXPECT_TRUE(dialogue().close());
}

// RFC 9293 §3.10.7.1: a closed port answers with RST.
TEST_P(DialogueTest, TellsOfARefusal) {
    start({.peer = {.listening = {Port{81}}}});
    expect_code(dialogue().open(), std::errc::connection_refused);
    EXPECT_TRUE(dialogue().expect("R. 0:0(0) ack 1 <...>", 0s));  // seen all the same
    expect_code(dialogue().send("x"), std::errc::connection_refused);
}

TEST_P(DialogueTest, TellsOfSilence) {
    start({.network = {.blackhole = true}});
    expect_code(dialogue().open(3s), std::errc::timed_out);
    EXPECT_EQ(now(), 3s);
}

// RFC 9293 §3.10.7.4, fifth: an ACK of what was never sent is answered with an ACK (RFC 5961 §5).
TEST_P(DialogueTest, CraftsASegment) {
    start();
    ASSERT_TRUE(dialogue().open());
    ASSERT_TRUE(dialogue().craft(". 1:1(0) ack 100000 <...>", "a lie"));
    EXPECT_TRUE(dialogue().expect(". 1:1(0) ack 1 <...>", 1s));
    EXPECT_TRUE(dialogue().expect_silence(1s));
    dialogue().abort();
    EXPECT_EQ(dialogue().state(), State::closed);
}

TEST_P(DialogueTest, SaysThatSilenceIsBroken) {
    start();
    ASSERT_TRUE(dialogue().open());
    ASSERT_TRUE(dialogue().craft(". 1:1(0) ack 100000 <...>"));
    expect_code(dialogue().expect_silence(1s), std::errc::protocol_error);
}

TEST_P(DialogueTest, RefusesATextThatIsNoSegment) {
    start();
    expect_code(dialogue().expect("SYN please"), std::errc::invalid_argument);
    expect_code(dialogue().craft("0:0(0)"), std::errc::invalid_argument);
}

TEST_P(DialogueTest, AnswersWhoeverCalls) {
    start({.peer_opens = 1});
    EXPECT_EQ(dialogue().state(), State::closed);
    expect_code(dialogue().send("x"), std::errc::not_connected);
    ASSERT_TRUE(dialogue().open());
    EXPECT_TRUE(dialogue().expect("S 0:0(0) <...>", 0s));
    EXPECT_TRUE(dialogue().close());
}

TEST_P(DialogueTest, GivesUpWaitingForACaller) {
    start({.peer_opens = 1, .network = {.blackhole = true}});
    expect_code(dialogue().open(3s), std::errc::timed_out);
}

// What the peer still believes in is reset when the dialogue goes.
TEST_P(DialogueTest, LeavesNothingBehind) {
    start();
    ASSERT_TRUE(dialogue().open());
    dialogue_.reset();
    host_->run([] { return false; });
    EXPECT_EQ(host_->peer().state({*host_->remote(), host_->local()}), State::closed);
}

// RFC 9293 §3.7.1, MUST-14: the MSS of what the path carries.
TEST(Setup, OffersTheSegmentThatFits) {
    EXPECT_EQ(mss_of(Family::v4, 1500), 1460);
    EXPECT_EQ(mss_of(Family::v6, 1500), 1440);
    EXPECT_EQ(mss_of(Family::v4, 65536), 65495);
    EXPECT_EQ(mss_of(Family::v6, 60), 0);
}

INSTANTIATE_TEST_SUITE_P(Families, DialogueTest, ::testing::Values(Family::v4, Family::v6),
                         [](const auto& family) {
                             return family.param == Family::v4 ? "IPv4" : "IPv6";
                         });

}  // namespace

}  // namespace tcpcraft::test
