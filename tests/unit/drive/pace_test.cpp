#include <gtest/gtest.h>

#include <libtcpcraft/drive/pace.hpp>

namespace tcpcraft {
namespace {

using namespace std::chrono_literals;

TEST(Pace, IsEvenAndNeverAheadOfItsRate) {
    for (const double rate : {0.5, 3.0, 1000.0, 30'000.0, 300'000.0, 1e6}) {
        Pace pace{rate, Instant{7s}};
        constexpr int many = 1000;
        for (int i = 0; i < many; ++i) {
            const double exact = i / rate * 1e6;
            const auto after = static_cast<double>((pace.next() - Instant{7s}).count());
            EXPECT_GE(after, exact - 1e-3) << rate;
            EXPECT_LT(after, exact + 1) << rate;
            EXPECT_FALSE(pace.due(pace.next() - 1us));
            EXPECT_TRUE(pace.due(pace.next()));
            pace.begun();
        }
    }
}

TEST(Pace, MakesUpForALateTurnOnly) {
    Pace pace{100};
    pace.catch_up(Instant{50ms});
    EXPECT_EQ(pace.next(), Instant{});
    pace.catch_up(Instant{10s});
    int at_once = 0;
    for (; pace.due(Instant{10s}); ++at_once) {
        pace.begun();
    }
    EXPECT_EQ(at_once, 11) << "what belongs to the last 100 ms, and the next";
}

}  // namespace
}  // namespace tcpcraft
