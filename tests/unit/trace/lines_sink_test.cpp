#include <sstream>

#include <gtest/gtest.h>
#include <tests/unit/trace/story.hpp>

#include <libtcpcraft/trace/lines_sink.hpp>

namespace tcpcraft::test {
namespace {

std::string lines(const Story& story, const TextOptions& options = {}) {
    std::ostringstream out;
    LinesSink sink{out, options};
    story.tell(sink);
    return out.str();
}

TEST(LinesSink, handshake_as_tcpdump_writes_it) {
    EXPECT_EQ(lines(normal_handshake()),
              "0.000000 IP 192.0.2.1.40000 > 192.0.2.80.80: Flags [S], seq 0, win 64240, options "
              "[mss 1460,sackOK,TS val 1 ecr 0,nop,wscale 7], length 0 — SYN-SENT, peer ~LISTEN\n"
              "0.000213 IP 192.0.2.80.80 > 192.0.2.1.40000: Flags [S.], seq 0, ack 1, win 65160, "
              "options [mss 1460,sackOK,TS val 9 ecr 1,nop,wscale 7], length 0 — SYN-SENT → "
              "ESTABLISHED, peer ~LISTEN → ~SYN-RECEIVED\n"
              "0.000251 IP 192.0.2.1.40000 > 192.0.2.80.80: Flags [.], seq 1, ack 1, win 502, "
              "options [nop,nop,TS val 2 ecr 9], length 0 — ESTABLISHED, peer ~SYN-RECEIVED → "
              "~ESTABLISHED\n");
}

TEST(LinesSink, known_ends_have_names_and_nothing_inferred) {
    Story story{connection_v4()};
    story.what(Lifelines{.us = "client", .peer = "server"});
    story.state(Who::peer, State::closed, State::listen, "OPEN");
    story.out({Flag::syn}, 0, 0, {.state = State::syn_sent});
    const std::string seen = lines(story);
    EXPECT_EQ(seen.find("us: client, peer: server\n"), 0U) << seen;
    EXPECT_NE(seen.find("peer: CLOSED → LISTEN (OPEN)"), std::string::npos) << seen;
    EXPECT_EQ(seen.find('~'), std::string::npos) << seen;
}

TEST(LinesSink, ipv6_data_and_states_without_a_segment) {
    const std::string seen = lines(polite_close_over_ipv6());
    EXPECT_NE(seen.find("IP6 2001:db8:1:2:3:4:5:6.40000 > 2001:db8:a:b:c:d:e:f.8080: Flags [P.], "
                        "seq 1:19, ack 1, win 502, length 18"),
              std::string::npos)
        << seen;
    EXPECT_NE(seen.find("240.0230 time-wait timer fires\n"), std::string::npos) << seen;
    EXPECT_NE(seen.find("us: TIME-WAIT → CLOSED (TIME-WAIT timeout)\n"), std::string::npos) << seen;
}

TEST(LinesSink, what_is_unusual_stands_behind) {
    const std::string seen = lines(lost_syn());
    EXPECT_NE(seen.find("[fault: drop]"), std::string::npos) << seen;
    EXPECT_NE(seen.find("[↻ retransmission]"), std::string::npos) << seen;
}

TEST(LinesSink, absolute_numbers_and_plain_ascii) {
    const std::string seen = lines(normal_handshake(), {.unicode = false, .absolute = true});
    EXPECT_NE(seen.find("seq 2596069104, ack 305419897,"), std::string::npos) << seen;
    EXPECT_NE(seen.find(" - SYN-SENT -> ESTABLISHED, peer"), std::string::npos) << seen;
}

}  // namespace
}  // namespace tcpcraft::test
