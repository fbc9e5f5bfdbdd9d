// RFC 9293 §3.10.7.1, RFC 7323 §3.2: whose RST it was; and what many trials amount to.
#include <gtest/gtest.h>

#include <libtcpcraft/drive/idle_conclusion.hpp>

namespace tcpcraft {
namespace {

using namespace std::chrono_literals;
using Kind = IdleTrialResult::Kind;

Sighting of_the_peer(std::uint8_t hop_limit, Duration at, std::uint32_t ts_val,
                     std::uint16_t identification) {
    return {.direction = Direction::in,
            .flags = Flags{Flag::ack},
            .at = Instant{} + at,
            .timestamps = true,
            .ts_val = ts_val,
            .hop_limit = hop_limit,
            .identification = identification};
}

Sighting reset(std::uint8_t hop_limit) {
    return {.number = 9,
            .direction = Direction::in,
            .flags = Flags{Flag::rst},
            .at = Instant{} + 60s,
            .hop_limit = hop_limit};
}

class OriginOfReset : public testing::Test {
protected:
    [[nodiscard]] ResetOrigin of(const Sighting& reset) const { return origin_of(reset, peer); }
    std::vector<Sighting> peer{of_the_peer(61, 0s, 1000, 500), of_the_peer(61, 10s, 11000, 501)};
};

TEST_F(OriginOfReset, IsThePeerWhereItComesFromAsFarAway) {
    EXPECT_EQ(of(reset(61)).sender, ResetSender::peer);
    EXPECT_NE(of(reset(61)).why().find("TTL 61, as the peer's segments"), std::string::npos);
    EXPECT_EQ(of(reset(252)).sender, ResetSender::peer) << "255 where its segments begin with 64";
}

TEST_F(OriginOfReset, IsThePathWhereItComesFromNearerOrFarther) {
    EXPECT_EQ(of(reset(63)).sender, ResetSender::path);
    EXPECT_EQ(of(reset(60)).sender, ResetSender::path);
    EXPECT_EQ(of(reset(254)).sender, ResetSender::path);
}

TEST_F(OriginOfReset, IsDoubtfulWhereItKnowsThePeersClockFromElsewhere) {
    Sighting knowing = reset(63);
    knowing.timestamps = true;
    knowing.ts_val = 61000;
    EXPECT_EQ(of(knowing).sender, ResetSender::unknown);
    knowing.ts_val = 7;
    EXPECT_EQ(of(knowing).sender, ResetSender::path);
}

TEST_F(OriginOfReset, TellsOfAnIdentificationThatGoesOn) {
    Sighting counted = reset(61);
    counted.identification = 510;
    EXPECT_NE(of(counted).why().find("identification goes on"), std::string::npos);
    counted.identification = 40000;
    EXPECT_EQ(of(counted).why().find("identification"), std::string::npos);
}

TEST_F(OriginOfReset, IsUnknownBeforeThePeerWasHeard) {
    peer.clear();
    EXPECT_EQ(of(reset(61)).sender, ResetSender::unknown);
}

IdleTrialResult trial(Kind kind, Duration idle, ResetSender sender = ResetSender::unknown) {
    return {.kind = kind, .asked = true, .idle = idle, .sender = sender, .text = "seen"};
}

constexpr IdleAnswer found{.finished = true, .low = 349s, .high = 350s};

TEST(IdleConclusion, NamesWhoEndsItAndWhoseTimeoutThatIs) {
    const std::vector<std::pair<IdleTrialResult, IdleEnd>> cases{
        {trial(Kind::silent, 350s), IdleEnd::silent_drop},
        {trial(Kind::reset, 350s, ResetSender::path), IdleEnd::reset_by_path},
        {trial(Kind::reset, 350s, ResetSender::peer), IdleEnd::reset_by_peer},
        {trial(Kind::fin, 350s), IdleEnd::fin},
        {trial(Kind::icmp, 350s), IdleEnd::icmp}};
    for (const auto& [one, end] : cases) {
        const std::vector trials{trial(Kind::alive, 349s), one, one};
        const auto made = conclude_idle(IdleState::established, found, trials);
        EXPECT_EQ(made.end, end);
        EXPECT_EQ(made.exit_status, 0);
        const bool the_paths = end != IdleEnd::fin && end != IdleEnd::reset_by_peer;
        EXPECT_EQ(made.advice.has_value(), the_paths) << text(end);
        EXPECT_EQ(made.known.find("AWS") != std::string::npos, the_paths) << made.known;
    }
}

TEST(IdleConclusion, BlamesNobodyForAResetOfUnknownOrigin) {
    const auto unknown = trial(Kind::reset, 350s);
    const auto conclude = [](const std::vector<IdleTrialResult>& trials) {
        return conclude_idle(IdleState::established, found, trials);
    };
    const auto made = conclude({trial(Kind::alive, 349s), unknown, unknown});
    EXPECT_EQ(made.end, std::nullopt);
    EXPECT_EQ(made.verdict.verdict, Verdict::inconclusive);
    EXPECT_EQ(made.exit_status, 3);
    EXPECT_FALSE(made.advice);
    const auto known = trial(Kind::reset, 351s, ResetSender::peer);
    EXPECT_EQ(conclude({trial(Kind::alive, 349s), unknown, known}).end, IdleEnd::reset_by_peer);
}

TEST(IdleConclusion, DoesNotTakeALostAnswerForSilence) {
    const std::vector trials{trial(Kind::silent, 350s), trial(Kind::silent, 360s),
                             trial(Kind::reset, 370s, ResetSender::path)};
    EXPECT_EQ(conclude_idle(IdleState::established, found, trials).end, IdleEnd::reset_by_path);
    const std::vector dead_below{trial(Kind::silent, 20s), trial(Kind::fin, 350s)};
    EXPECT_EQ(conclude_idle(IdleState::established, found, dead_below).end, IdleEnd::fin);
}

TEST(IdleConclusion, SaysWhenItIsNotTheWholeTruth) {
    const auto status = [](const IdleAnswer& answer) {
        return conclude_idle(IdleState::established, answer, {}).exit_status;
    };
    EXPECT_EQ(status({.finished = true, .low = 10min}), 0);
    EXPECT_EQ(status({.finished = false, .low = 10min}), 3);
    EXPECT_EQ(status({.finished = true, .low = 10min, .consistent = false}), 3);
    EXPECT_EQ(conclude_idle(IdleState::established, {}, {}).low, std::nullopt);
}

TEST(IdleAdvice, FitsBeforeThePathForgets) {
    for (Duration survived = 2s; survived <= 2h; survived += 1s) {
        const auto advice = keep_alive_within(survived);
        ASSERT_TRUE(advice);
        EXPECT_GE(advice->idle, 1s);
        EXPECT_LT(advice->idle, survived);
        EXPECT_GE(advice->within(survived), survived < 8s ? 1U : 4U) << survived.count();
    }
    EXPECT_FALSE(keep_alive_within(1s));
}

TEST(IdleKnown, KnowsTheUsualTimeouts) {
    EXPECT_NE(known_timeout(IdleState::established, 239s, 240s).find("Azure"), std::string::npos);
    EXPECT_NE(known_timeout(IdleState::time_wait, 119s, 120s).find("conntrack"), std::string::npos);
    EXPECT_EQ(known_timeout(IdleState::time_wait, 59s, 60s), "");
    EXPECT_NE(known_timeout(IdleState::time_wait, 59s, 60s, true), "");
    EXPECT_EQ(known_timeout(IdleState::established, 6s, 7s), "");
}

}  // namespace
}  // namespace tcpcraft
