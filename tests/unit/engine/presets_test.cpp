// The choices of Linux as a policy: sysctl defaults of the kernel's ip-sysctl text, and RFC 9293
// MUST-40 (delayed ACK below 0.5 s), MUST-25 (no keep-alive unless asked for).

#include <gtest/gtest.h>

#include <libtcpcraft/engine/advance.hpp>
#include <libtcpcraft/engine/presets.hpp>

namespace tcpcraft {
namespace {

using namespace std::chrono_literals;

ConnectionId connection() {
    return {Endpoint::read("192.0.2.1:40000").value(), Endpoint::read("192.0.2.2:80").value()};
}

TEST(LinuxPolicy, GivesUpItsSynAfterSixRetransmissions) {
    const Policy policy = linux_policy();
    Actions out;
    Tcb tcb = advance({}, ActiveOpen{.id = connection()}, Instant{1s}, policy, out);
    int syns = 1;
    while (tcb.state == State::syn_sent) {
        out.clear();
        const Instant at = next_deadline(tcb);
        tcb = advance(std::move(tcb), TimePasses{}, at, policy, out);
        syns += tcb.state == State::syn_sent ? 1 : 0;
    }
    EXPECT_EQ(syns, 7);
}

TEST(LinuxPolicy, OffersTheOptionsOfItsSynInItsOrder) {
    const Options offered = linux_policy().syn_options;
    std::vector<std::uint8_t> kinds;
    for (const Option& option : offered) {
        kinds.push_back(kind(option));
    }
    EXPECT_EQ(kinds, (std::vector<std::uint8_t>{2, 4, 8, 1, 3}));
}

TEST(LinuxPolicy, StaysInTimeWaitForAMinute) {
    EXPECT_EQ(linux_policy().time_wait, Duration{60s});
    EXPECT_EQ(linux_policy().fin_wait_2, Duration{60s});
}

TEST(LinuxPolicy, DelaysAcksLessThanHalfASecond) {
    ASSERT_TRUE(linux_policy().delayed_ack);
    EXPECT_LT(*linux_policy().delayed_ack, Duration{500ms});
}

TEST(LinuxPolicy, SendsNoKeepAliveUnlessAskedFor) {
    EXPECT_FALSE(linux_policy().keep_alive);
    EXPECT_EQ(linux_keep_alive().idle + 9 * linux_keep_alive().interval, Duration{7875s});
}

TEST(LinuxPolicy, IsNotTheDefault) { EXPECT_NE(linux_policy(), Policy{}); }

}  // namespace
}  // namespace tcpcraft
