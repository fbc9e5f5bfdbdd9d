#include <set>

#include <gtest/gtest.h>

#include <libtcpcraft/link/raw/icmp_text.hpp>

namespace tcpcraft {
namespace {

TEST(IcmpText, SaysWhatIsWrong) {
    EXPECT_EQ(icmp_text({Family::v4, 3, 1, 0}), "host unreachable");
    EXPECT_EQ(icmp_text({Family::v4, 3, 4, 1400}), "fragmentation needed but DF set (MTU 1400)");
    EXPECT_EQ(icmp_text({Family::v6, 1, 4, 0}), "port unreachable");
    EXPECT_EQ(icmp_text({Family::v6, 2, 0, 1280}), "packet too big (MTU 1280)");
    EXPECT_EQ(icmp_text({Family::v4, 200, 7, 0}), "ICMP type 200 code 7");
}

TEST(IcmpText, HardErrorsAreThoseOfTheRfc) {  // RFC 9293 §3.9.2.2, RFC 5927 §5.1
    std::set<std::pair<int, int>> hard4;
    std::set<std::pair<int, int>> hard6;
    for (int type = 0; type < 256; ++type) {
        for (int code = 0; code < 256; ++code) {
            const auto t = static_cast<std::uint8_t>(type);
            const auto c = static_cast<std::uint8_t>(code);
            if (is_hard({Family::v4, t, c, 0})) {
                hard4.emplace(type, code);
            }
            if (is_hard({Family::v6, t, c, 0})) {
                hard6.emplace(type, code);
            }
        }
    }
    EXPECT_EQ(hard4, (std::set<std::pair<int, int>>{{3, 2}, {3, 3}}));
    EXPECT_EQ(hard6, (std::set<std::pair<int, int>>{{1, 1}, {1, 4}}));
}

}  // namespace
}  // namespace tcpcraft
