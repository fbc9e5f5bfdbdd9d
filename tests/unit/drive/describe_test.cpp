#include <gtest/gtest.h>

#include <libtcpcraft/drive/describe.hpp>

namespace tcpcraft {
namespace {

using namespace std::chrono_literals;

TEST(Spoken, NamesTheTwoLargestUnitsThatMatter) {
    EXPECT_EQ(spoken(999us), "999 us");
    EXPECT_EQ(spoken(1ms), "1 ms");
    EXPECT_EQ(spoken(1500us), "1.5 ms");
    EXPECT_EQ(spoken(59999ms), "60 s");
    EXPECT_EQ(spoken(60s), "1 min");
    EXPECT_EQ(spoken(61s), "1 min 1 s");
    EXPECT_EQ(spoken(2h + 4min), "2 h 4 min");
    EXPECT_EQ(spoken(5 * 24h), "5 d");
}

TEST(Spelled, NamesEveryFlag) {
    EXPECT_EQ(spelled(Flags{}), "no flags");
    EXPECT_EQ(spelled(Flags{Flag::ack, Flag::syn}), "SYN,ACK");
    EXPECT_EQ(spelled(Flags::from_bits(0x1ff)), "SYN,FIN,RST,ACK,PSH,URG,ECE,CWR,AE");
}

TEST(Cause, SaysWhatMadeATransition) {
    EXPECT_EQ(cause(Event{Close{}}), "CLOSE call");
    EXPECT_EQ(cause(Event{TimePasses{}}), "timeout");
    Segment segment;
    segment.flags = {Flag::fin, Flag::ack};
    EXPECT_EQ(cause(Event{SegmentArrives{segment, {}, {}}}), "FIN,ACK arrives");
}

}  // namespace
}  // namespace tcpcraft
