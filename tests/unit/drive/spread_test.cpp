#include <algorithm>
#include <random>
#include <vector>

#include <gtest/gtest.h>

#include <libtcpcraft/drive/spread.hpp>

namespace tcpcraft {
namespace {

TEST(Spread, KnowsNothingOfNothing) {
    const Spread spread;
    EXPECT_EQ(spread.count(), 0U);
    EXPECT_FALSE(spread.least() || spread.most() || spread.quantile(0.5));
}

TEST(Spread, IsAsGoodAsItSays) {
    constexpr unsigned seed = 6;
    std::mt19937_64 engine{seed};
    for (unsigned largest = 1; largest < 60; ++largest) {
        Spread spread;
        std::vector<Duration> all;
        for (int i = 0; i < 500; ++i) {
            const auto length = static_cast<Duration::rep>(engine() >> (63U - largest));
            all.emplace_back(length);
            spread.add(all.back());
        }
        std::ranges::sort(all);
        EXPECT_EQ(spread.least(), all.front());
        EXPECT_EQ(spread.most(), all.back());
        for (const double part : {0.0, 0.01, 0.5, 0.99, 1.0}) {
            const auto rank = static_cast<std::size_t>(std::max(1.0, part * 500)) - 1;
            const Duration exact = all[rank];
            EXPECT_GE(*spread.quantile(part), exact) << seed << ' ' << largest << ' ' << part;
            EXPECT_LE((*spread.quantile(part)).count(), exact.count() + exact.count() / 60)
                << seed << ' ' << largest << ' ' << part;
        }
    }
}

}  // namespace
}  // namespace tcpcraft
