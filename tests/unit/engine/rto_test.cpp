#include <gtest/gtest.h>

#include <libtcpcraft/engine/rto.hpp>

namespace tcpcraft {
namespace {

using namespace std::chrono_literals;

constexpr Rto::Bounds free_bounds{.initial = 1s, .least = 1us, .most = 60s};

TEST(Rto, IsOneSecondBeforeAnySample) {  // RFC 6298 (2.1)
    EXPECT_EQ(Rto{Rto::Bounds{}}.value(), 1s);
    EXPECT_EQ(Rto{}.value(), 1s);
}

TEST(Rto, TakesTheFirstSample) {  // RFC 6298 (2.2)
    Rto rto{free_bounds};
    rto.sample(100ms, free_bounds);
    EXPECT_EQ(rto.srtt(), 100ms);
    EXPECT_EQ(rto.rttvar(), 50ms);
    EXPECT_EQ(rto.value(), 300ms);
}

TEST(Rto, TakesALaterSampleVariationFirst) {  // RFC 6298 (2.3)
    Rto rto{free_bounds};
    rto.sample(100ms, free_bounds);
    rto.sample(180ms, free_bounds);
    EXPECT_EQ(rto.rttvar(), 57'500us);  // 3/4 of 50 + 1/4 of 80
    EXPECT_EQ(rto.srtt(), 110ms);       // 7/8 of 100 + 1/8 of 180
    EXPECT_EQ(rto.value(), 340ms);
}

TEST(Rto, IsRoundedUpToTheLeast) {  // RFC 6298 (2.4)
    Rto rto{Rto::Bounds{}};
    rto.sample(1ms, Rto::Bounds{});
    EXPECT_EQ(rto.value(), 1s);
}

TEST(Rto, DoublesUpToTheMost) {  // RFC 6298 (5.5), (2.5)
    const Rto::Bounds bounds{.initial = 1s, .least = 1s, .most = 3s};
    Rto rto{bounds};
    rto.back_off(bounds);
    EXPECT_EQ(rto.value(), 2s);
    rto.back_off(bounds);
    EXPECT_EQ(rto.value(), 3s);
}

TEST(Rto, BecomesThreeSecondsAfterALostSyn) {  // RFC 6298 (5.7)
    Rto rto{Rto::Bounds{}};
    rto.back_off(Rto::Bounds{});
    rto.raise_after_syn_timeout(Rto::Bounds{});
    EXPECT_EQ(rto.value(), 3s);
}

TEST(Rto, StaysAfterALostSynWhenThreeSecondsWereInUse) {  // RFC 6298 (5.7)
    const Rto::Bounds bounds{.initial = 3s};
    Rto rto{bounds};
    rto.back_off(bounds);
    rto.raise_after_syn_timeout(bounds);
    EXPECT_EQ(rto.value(), 6s);
}

TEST(Rto, SurvivesAnySample) {
    Rto rto{Rto::Bounds{}};
    rto.sample(0us, Rto::Bounds{});
    rto.sample(Duration::max(), Rto::Bounds{});
    rto.sample(Duration::min(), Rto::Bounds{});
    EXPECT_LE(rto.value(), 60s);
    EXPECT_GE(rto.value(), 1s);
}

}  // namespace
}  // namespace tcpcraft
