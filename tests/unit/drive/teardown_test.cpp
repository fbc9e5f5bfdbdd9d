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

TEST(Teardown, EveryScenarioHasItsNameAndWords) {
    for (const TeardownAbout& it : all_teardowns()) {
        EXPECT_EQ(read_teardown(it.name), it.scenario);
        EXPECT_FALSE(spelled_out(teardown_scenario({.scenario = it.scenario})).empty());
    }
    EXPECT_EQ(read_teardown("close"), std::nullopt);
}

}  // namespace
}  // namespace tcpcraft
