// The player against hosts whose segments the test writes: what is sent, what is compared, and
// when. Each extension of the notation once as it should come, and once as it should not.
#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <tests/unit/play/played.hpp>

namespace tcpcraft::test {

namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

/// Behind the opening; answers to the third segment and later ones.
PlayResult play(const std::string& script, const std::vector<Played::Answer>& answers = {}) {
    Played played{opens + script};
    played.answers = answers;
    played.answers.push_back(syn_ack());
    return played.run();
}

TEST(Player, SendsWhatTheScriptSays) {
    Played played{std::string{opens} + "+.5 < (tos 0x2e, ttl 9) FP. 1:4(3) ack 1 win 77 \"abc\"\n"};
    played.answers = {syn_ack()};
    played.options.clean_up = false;
    const auto& result = played.run();
    EXPECT_EQ(result.ending, PlayEnding::passed) << result.sentence;
    EXPECT_THAT(played.got(), ElementsAre("S 0:0(0) win 9000 <mss 1460>", ". 1:1(0) ack 1 win 9000",
                                          "FP. 1:4(3) ack 1 win 77"));
    EXPECT_EQ(played.payload(), "abc");
    EXPECT_EQ(played.header().traffic_class, 0x2e);
    EXPECT_EQ(played.header().hop_limit, 9);
    EXPECT_EQ((std::pair{result.sent, result.matched}),
              (std::pair<std::size_t, std::size_t>{3, 1}));
}

TEST(Player, ResetsWhatStillStandsAtTheEnd) {
    Played played{opens};
    played.answers = {syn_ack()};
    EXPECT_EQ(played.run().ending, PlayEnding::passed);
    EXPECT_EQ(played.got().back(), "R. 1:1(0) ack 1 win 0");
}

TEST(Player, NamesEachFieldThatDiffers) {
    const auto result = play("+0 > F. 1:1(0) ack 1 win 5 <nop>\n", {{2, "R. 2:4(2) ack 9 win 6"}});
    EXPECT_EQ(result.ending, PlayEnding::deviated);
    EXPECT_EQ(result.failed_line, 4U);
    std::string fields;
    for (const FieldDifference& one : result.differences) {
        fields += fmt::format("{} {}/{}; ", one.field, one.expected, one.got);
    }
    EXPECT_EQ(fields, "flags F./R.; seq 1/2; length 0/2; ack 1/9; win 5/6; options <nop>/<>; ")
        << result.sentence;
}

TEST(Player, WaitsForNothingForEver) {
    const auto result = play("+0 > F. 1:1(0) ack 1\n");
    EXPECT_EQ(result.ending, PlayEnding::no_answer);
    EXPECT_EQ(result.got, "nothing");
}

TEST(Player, WhatComesBeforeItsStartDoesNotStartIt) {
    Played played{opens};
    played.answers = {syn_ack()};
    played.starts_after = 20s;
    played.network().call_at(Instant{}, [&played] {
        const Port port = std::exchange(played.options.id.remote.port, Port{81});
        played.send({1, ". 1:1(0) ack 1 win 1", {}, {}});
        played.options.id.remote.port = port;
    });
    EXPECT_EQ(played.run().ending, PlayEnding::passed);
    EXPECT_GT(played.network().now(), Instant{} + 20s);
}

TEST(Player, ComparesTime) {
    const std::string late = "+0 < . 1:1(0) ack 1 win 1\n+1 > . 1:1(0) ack 1\n";
    EXPECT_EQ(play(late, {{3, ". 1:1(0) ack 1 win 1", 1s}}).ending, PlayEnding::passed);
    EXPECT_EQ(play(late, {{3, ". 1:1(0) ack 1 win 1", 1300ms}}).ending, PlayEnding::deviated);
    EXPECT_EQ(play(late, {{3, ". 1:1(0) ack 1 win 1", 700ms}}).ending, PlayEnding::deviated);
    const std::string any = "+0 < . 1:1(0) ack 1 win 1\n* > . 1:1(0) ack 1\n";
    EXPECT_EQ(play(any, {{3, ". 1:1(0) ack 1 win 1", 5s}}).ending, PlayEnding::passed);
}

TEST(Player, SegmentsMayAddUpToALineAndBeSeveral) {
    EXPECT_EQ(
        play("+0 > P. 1:7(6) ack 1\n", {{2, ". 1:5(4) ack 1 win 1"}, {2, "P. 5:7(2) ack 1 win 1"}})
            .ending,
        PlayEnding::passed);
    EXPECT_EQ(
        play("+0 > . 1:5(4) ack 1\n+0 > P. 5:7(2) ack 1\n", {{2, "P. 1:7(6) ack 1 win 1"}}).ending,
        PlayEnding::passed);
    Played strict{"--strict_segments\n" + std::string{opens} + "+0 > P. 1:7(6) ack 1\n"};
    strict.answers = {syn_ack(), {2, ". 1:5(4) ack 1 win 1"}, {2, "P. 5:7(2) ack 1 win 1"}};
    EXPECT_EQ(strict.run().ending, PlayEnding::deviated);
}

TEST(Player, PayloadLiteralsAreCompared) {
    const std::string line = "+0 > P. 1:4(3) ack 1 \"abc\"\n";
    EXPECT_EQ(play(line, {{2, "P. 1:4(3) ack 1 win 1", {}, "abc"}}).ending, PlayEnding::passed);
    const auto other = play(line, {{2, "P. 1:4(3) ack 1 win 1", {}, "abd"}});
    EXPECT_EQ(other.ending, PlayEnding::deviated);
    ASSERT_FALSE(other.differences.empty());
    EXPECT_EQ(other.differences.front().field, "payload octet 2");
    EXPECT_EQ(other.differences.front().got, "0x64");
}

TEST(Player, AckAllAcknowledgesWhatHasCome) {
    Played played{std::string{opens} + "+0 > P. 1:4(3) ack 1\n+0 < . 1:1(0) ack * win 9\n"};
    played.answers = {syn_ack(), {2, "P. 1:4(3) ack 1 win 1"}};
    played.options.clean_up = false;
    EXPECT_EQ(played.run().ending, PlayEnding::passed);
    EXPECT_EQ(played.got().back(), ". 1:1(0) ack 4 win 9");
}

TEST(Player, AckAllOfALineIsAnyAck) {
    EXPECT_EQ(play("+0 > . 1:1(0) ack *\n", {{2, ". 1:1(0) ack 77 win 1"}}).ending,
              PlayEnding::passed);
    EXPECT_EQ(play("+0 > . 1:1(0) ack 1\n", {{2, ". 1:1(0) ack 77 win 1"}}).ending,
              PlayEnding::deviated);
}

TEST(Player, AbsoluteNumbersAreThoseOfTheWire) {
    Played played{std::string{opens} +
                  "+0 < R 7:7(0)! win 0\n+0 > . 4294967295:4294967295(0)! ack 5001!\n"};
    played.answers = {syn_ack(), {3, ". 1:1(0) ack 1 win 1"}};
    played.options.clean_up = false;
    const auto& result = played.run();
    EXPECT_EQ(result.ending, PlayEnding::passed) << result.sentence;
    EXPECT_EQ(played.got().back(),
              fmt::format("R {0}:{0}(0) win 0", Seq{7}.raw() - Played::ours.raw()));
    const auto wrong = play("+0 > . 1:1(0)! ack 1\n", {{2, ". 1:1(0) ack 1 win 1"}});
    EXPECT_EQ(wrong.ending, PlayEnding::deviated);
    EXPECT_EQ(wrong.differences.front().field, "seq");
}

TEST(Player, WhatMustNotComeIsWatchedForUntilItsTime) {
    const std::string none = "+0 < . 1:1(0) ack 1 win 1\n+1 ~> R\n";
    EXPECT_EQ(play(none).ending, PlayEnding::passed);
    EXPECT_EQ(play(none, {{3, ". 1:1(0) ack 1 win 1"}}).ending, PlayEnding::passed);
    EXPECT_EQ(play(none, {{3, "R 1:1(0) win 0", 2s}}).ending, PlayEnding::passed);
    const auto came = play(none, {{3, "R 1:1(0) win 0", 500ms}});
    EXPECT_EQ(came.ending, PlayEnding::deviated);
    EXPECT_EQ(came.failed_line, 5U);
    EXPECT_THAT(came.sentence, HasSubstr("must not"));
    EXPECT_EQ(play("+1 ~> *\n", {{2, ". 1:1(0) ack 1 win 1"}}).ending, PlayEnding::deviated);
}

TEST(Player, OfAFloodNotAllIsKeptAndAllIsLookedAt) {
    for (const bool reset : {false, true}) {
        Played played{std::string{opens} + "+1 ~> R.\n"};
        played.answers = {syn_ack()};
        played.network().call_at(Instant{} + 500ms, [&played, reset] {
            for (int i = 0; i < 8200; ++i) {
                played.send({1, ". 1:1(0) ack 1 win 1", {}, {}});
            }
            if (reset) {
                played.send({1, "R. 1:1(0) ack 1 win 1", {}, {}});
            }
        });
        EXPECT_EQ(played.run().ending, reset ? PlayEnding::deviated : PlayEnding::passed);
        EXPECT_THAT(played.notes(), ::testing::Contains(HasSubstr("8192 segments wait")));
    }
}

TEST(Player, WhatMayComeNeedNot) {
    const std::string maybe = "+0~+.1 ?> . 1:1(0) ack 1\n+0 > F. 1:1(0) ack 1\n";
    const Played::Answer ack{2, ". 1:1(0) ack 1 win 1"};
    const Played::Answer fin{2, "F. 1:1(0) ack 1 win 1"};
    EXPECT_EQ(play(maybe, {ack, fin}).ending, PlayEnding::passed);
    EXPECT_EQ(play(maybe, {fin}).ending, PlayEnding::passed);
    const auto other = play(maybe, {{2, ". 1:1(0) ack 2 win 1"}, fin});
    EXPECT_EQ(other.ending, PlayEnding::deviated);
    EXPECT_EQ(other.failed_line, 5U);
    EXPECT_EQ(play(maybe, {ack, ack, fin}).ending, PlayEnding::deviated);
}

TEST(Player, RepetitionsMayBePassedOver) {
    const std::string script =
        std::string{opens} + "+0 > F. 1:1(0) ack 1\n+0 < . 1:1(0) ack 2 win 9\n* > R 2:2(0)\n";
    for (const bool ignored : {true, false}) {
        Played played{script};
        played.answers = {syn_ack(),
                          {2, "F. 1:1(0) ack 1 win 1"},
                          {2, "F. 1:1(0) ack 1 win 1", 1ms},
                          {3, "R 2:2(0) win 0", 1s}};
        played.options.ignore_retransmissions = ignored;
        EXPECT_EQ(played.run().ending, ignored ? PlayEnding::passed : PlayEnding::deviated);
    }
}

TEST(Player, EchoesTheTimestampThatTheScriptNames) {
    Played played{
        "+0 < S 0:0(0) win 9000 <nop,nop,TS val 100 ecr 0>\n+0 > S. 0:0(0) ack 1 <nop,nop,TS val "
        "700 ecr 100>\n"
        "+0 < . 1:1(0) ack 1 win 9000 <nop,nop,TS val 101 ecr 700>\n"};
    played.answers = {{1, "S. 0:0(0) ack 1 win 7 <nop,nop,TS val 123456 ecr 100>"}};
    played.options.clean_up = false;
    EXPECT_EQ(played.run().ending, PlayEnding::passed);
    EXPECT_EQ(played.got().back(), ". 1:1(0) ack 1 win 9000 <nop,nop,TS val 101 ecr 123456>");
}

TEST(Player, TakesTheFirstClientThatComes) {
    Played played{"+0 > S 0:0(0)\n+0 < S. 0:0(0) ack 1 win 5\n+0 > . 1:1(0) ack 1\n"};
    const Endpoint peer = played.options.id.remote;
    played.options.clean_up = false;
    Played::Answer syn{1, "S 0:0(0) win 7", {}, {}};
    played.answers = {{1, ". 1:1(0) ack 1 win 7", {}, {}}};
    played.network().call_at({}, [&] { played.send(syn); });
    played.options.id.remote = peer;
    EXPECT_EQ(played.run().ending, PlayEnding::passed);
    EXPECT_EQ(played.got().front(), "S. 0:0(0) ack 1 win 5");
}

}  // namespace

}  // namespace tcpcraft::test
