#include <gtest/gtest.h>
#include <tools/cli/options.hpp>

#include <libtcpcraft/wire/text.hpp>

namespace tcpcraft::cli {
namespace {

std::string syn_of(const CraftOptions& craft, Family family = Family::v4,
                   std::uint32_t mtu = 1500) {
    return options_text(policy_of(craft, family, mtu).syn_options);
}

std::string like(const char* system) {
    CraftOptions craft;
    craft.like = system;
    return syn_of(craft);
}

TEST(PolicyOf, ArrangesOptionsLikeEachSystem) {  // RFC 9293 §3.7.1 (SHLD-5, MAY-3)
    EXPECT_EQ(like("linux"), "mss 1460,sackOK,TS val 0 ecr 0,nop,wscale 7");
    EXPECT_EQ(like("freebsd"), "mss 1460,nop,wscale 6,sackOK,TS val 0 ecr 0");
    EXPECT_EQ(like("windows"), "mss 1460,nop,wscale 8,nop,nop,sackOK");
    EXPECT_EQ(like("macos"), "mss 1460,nop,wscale 6,nop,nop,TS val 0 ecr 0,sackOK,eol,eol");
    EXPECT_EQ(like("bare"), "");
}

TEST(PolicyOf, TakesTheMssFromTheRoute) {  // RFC 9293 §3.7.1 (MUST-67)
    EXPECT_EQ(syn_of({}, Family::v6).substr(0, 8), "mss 1440");
    EXPECT_EQ(syn_of({}, Family::v4, 65536).substr(0, 9), "mss 65495");
    EXPECT_EQ(syn_of({}, Family::v4, 20).substr(0, 5), "mss 0");
}

TEST(PolicyOf, LetsSingleChoicesOverruleTheSystem) {
    CraftOptions craft;
    craft.mss = 0;
    craft.wscale = -1;
    craft.sack = false;
    EXPECT_EQ(syn_of(craft), "nop,nop,TS val 0 ecr 0");
    craft = {};
    craft.like = "bare";
    craft.wscale = 20;  // illegal, and can be sent
    craft.sack = true;
    EXPECT_EQ(syn_of(craft), "nop,nop,sackOK,nop,wscale 20");
    craft = {};
    craft.options_hex = "02 04 05:b4 fd 03 aa";
    craft.window = 1;
    EXPECT_EQ(syn_of(craft), "mss 1460,253:aa");
    EXPECT_EQ(policy_of(craft, Family::v4, 1500).rcv_wnd, 1U);
}

TEST(PolicyOf, DrawsAKeyForEachRun) {
    EXPECT_NE(policy_of({}, Family::v4, 1500).isn_key, policy_of({}, Family::v4, 1500).isn_key);
}

}  // namespace
}  // namespace tcpcraft::cli
