// Lines of packets: TCP with everything that can be said of it, and ICMP.
#include <gtest/gtest.h>

#include <libtcpcraft/script/script.hpp>
#include <libtcpcraft/wire/text.hpp>

namespace tcpcraft {

namespace {

ScriptSegment segment(const std::string& line) {
    auto read = read_script("+0 " + line);
    EXPECT_TRUE(read.has_value()) << line << ": " << (read ? "" : read.error().text("script"));
    if (!read || read->events.size() != 1) {
        return {};
    }
    const auto* found = std::get_if<ScriptSegment>(&read->events.front().what);
    EXPECT_NE(found, nullptr) << line;
    return found == nullptr ? ScriptSegment{} : *found;
}

ScriptIcmp icmp(const std::string& line) {
    auto read = read_script("+0 " + line);
    EXPECT_TRUE(read.has_value()) << line << ": " << (read ? "" : read.error().text("script"));
    if (!read || read->events.empty()) {
        return {};
    }
    const auto* found = std::get_if<ScriptIcmp>(&read->events.front().what);
    EXPECT_NE(found, nullptr) << line;
    return found == nullptr ? ScriptIcmp{} : *found;
}

TEST(ReadPacket, TakesNumbersAndOptions) {
    const auto made = segment("< S. 5:5(0) ack 1 win 65535 urg 7 <mss 1460,nop,wscale 7>");
    EXPECT_EQ(made.direction, ScriptDirection::inbound);
    EXPECT_EQ(flags_text(*made.flags), "S.");
    EXPECT_EQ(made.seq->value, 5U);
    EXPECT_FALSE(made.seq->absolute);
    EXPECT_EQ(made.length, 0U);
    EXPECT_EQ(made.ack->value, 1U);
    EXPECT_EQ(made.wnd, 65535);
    EXPECT_EQ(made.up, 7);
    EXPECT_EQ(options_text(*made.options), "mss 1460,nop,wscale 7");
}

TEST(ReadPacket, LeavesUnsetWhatIsNotCompared) {
    const auto made = segment("> . 1:1(0) <...>");
    EXPECT_FALSE(made.ack || made.wnd || made.up || made.options || made.payload);
    EXPECT_TRUE(segment("> . 1:1(0) ack 1").options->empty()) << "no list: no options";
}

TEST(ReadPacket, TakesEveryControlBit) {
    for (const std::string flags :
         {"F", "S", "R", "P", ".", "U", "E", "W", "A", "-", "FSRP.UEWA"}) {
        EXPECT_EQ(flags_text(*segment("> " + flags + " 1:1(0)").flags), flags);
    }
    EXPECT_EQ(flags_text(*segment("> 5. 1:1(0)").flags), ".EA") << "AE, CWR and ECE as one digit";
}

TEST(ReadPacket, TakesWhatIsSaidOfTheIpHeader) {
    EXPECT_EQ(segment("< [ect0] . 1:1(0) win 1").ip.ecn, 2);
    EXPECT_EQ(segment("< (ttl 64) . 1:1(0) win 1").ip.ttl, 64);
    EXPECT_EQ(segment("> (tos 0x10) . 1:1(0)").ip.tos, 0x10);
    EXPECT_TRUE(segment("> [ect01] . 1:1(0)").ip.either_ect);
    EXPECT_EQ(segment("> [ce, flowlabel 0x12345] . 1:1(0)").ip.flow_label, 0x12345U);
}

TEST(ReadPacket, TakesPorts) {
    const auto made = segment("< 8080 > 80 S 0:0(0) win 1");
    EXPECT_EQ(made.ports->source.value, 8080);
    EXPECT_EQ(made.ports->destination.value, 80);
}

TEST(ReadPacket, TakesOptionsThatOnlyPacketdrillNames) {
    EXPECT_EQ(options_text(*segment("> S 0:0(0) <FOEXP abcd>").options), "254:f989abcd");
    EXPECT_EQ(options_text(*segment("> S 0:0(0) <FOEXP,nop,nop>").options), "254:f989,nop,nop");
    const std::string cookie(40, 'a');
    EXPECT_EQ(options_text(*segment("< S 0:0(0) win 1 <FO " + cookie + ">").options),
              "34:" + cookie);
    EXPECT_EQ(options_text(*segment("> . 1:1(0) <nop, nop, sack 1:2 5:9>").options),
              "nop,nop,sack 1:2 5:9");
}

TEST(ReadPacket, TakesExtensions) {
    EXPECT_TRUE(segment("< R 5:5(0)! win 0").seq->absolute);
    EXPECT_TRUE(segment("< . 5:5(0) ack 9! win 0").ack->absolute);
    EXPECT_TRUE(segment("< . 5:5(0) ack * win 0").ack_all);
    EXPECT_FALSE(segment("> . *:*(0)").seq.has_value());
    EXPECT_FALSE(segment("> P. 1:*(*)").length.has_value());
    EXPECT_EQ(segment(R"(< P. 1:4(3) ack 1 win 9 "a\n\x00")").payload, std::string("a\n\0", 3));
}

TEST(ReadPacket, TakesWhatMustNotCome) {
    EXPECT_TRUE(segment("~> R").unwanted);
    EXPECT_FALSE(segment("~> R").seq.has_value());
    EXPECT_FALSE(segment("~> *").flags.has_value());
    EXPECT_EQ(segment("~> F. 1:1(0) ack 1").seq->value, 1U);
}

TEST(ReadPacket, EndsWithItsLineWhereOnlyControlBitsMustNotCome) {
    const auto read = read_script("+1 ~> R\n0 ~> *\n* > . 1:1(0)");
    ASSERT_TRUE(read.has_value()) << read.error().text("script");
    EXPECT_EQ(read->events.size(), 3U);
}

TEST(ReadPacket, TakesIcmp) {
    EXPECT_EQ(icmp("< icmp unreachable host_unreachable").code, "host_unreachable");
    const auto made = icmp("< (ttl 3) icmp unreachable frag_needed mtu 1200 id 7 [1:1001(1000)]");
    EXPECT_EQ(made.ip.ttl, 3);
    EXPECT_EQ(made.mtu, 1200U);
    EXPECT_EQ(made.id, 7U);
    EXPECT_EQ(made.echoed_seq->value, 1U);
    EXPECT_EQ(made.echoed_length, 1000U);
    EXPECT_EQ(icmp("> icmp source_quench").code, "");
}

TEST(ReadPacket, MayGoOnOnTheNextLine) {
    EXPECT_EQ(segment("< S 0:0(0)\n   win 1000\n   <mss 1,\n    nop>").options->size(), 5U);
}

}  // namespace

}  // namespace tcpcraft
