// What of a script cannot be played against a host is said before anything is sent.
#include <string>

#include <gtest/gtest.h>

#include <libtcpcraft/play/player.hpp>

namespace tcpcraft {

namespace {

std::string refusal(const std::string& text) {
    const auto read = read_script(text);
    if (!read) {
        return read.error().text("not even read");
    }
    const auto cannot = cannot_play(*read);
    return cannot ? cannot->text("") : "";
}

TEST(CannotPlay, ExpectedIcmp) {
    EXPECT_EQ(refusal("+0 < S 0:0(0) win 1\n+0 > icmp unreachable port_unreachable\n"),
              ":2:1: ICMP messages can be sent here, not expected");
}

TEST(CannotPlay, IcmpOfTheOtherFamily) {
    const std::string line = "+0 < icmp unreachable host_unreachable\n";
    EXPECT_EQ(refusal(line), "");
    EXPECT_EQ(refusal("--ip_version=ipv4\n" + line), "");
    EXPECT_EQ(refusal("--ip_version=ipv6\n" + line),
              ":2:1: 'unreachable host_unreachable' is no ICMP message that can be sent");
}

TEST(CannotPlay, SecondConnections) {
    EXPECT_EQ(refusal("+0 < 1 > 2 S 0:0(0) win 1\n+0 > 2 > 1 S. 0:0(0) ack 1\n"), "");
    EXPECT_EQ(refusal("+0 < 1 > 2 S 0:0(0) win 1\n+0 > 2 > 3 S. 0:0(0) ack 1\n"),
              ":2:1: these ports are of a second connection; a script has one here");
}

}  // namespace

}  // namespace tcpcraft
