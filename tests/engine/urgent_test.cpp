#include <tests/support/dialogue.hpp>

// RFC 9293 §3.8.5: urgent data, as its receiver.

namespace tcpcraft::test {
namespace {

class Urgent : public Dialogue {
protected:
    void SetUp() override { establish(); }
};
TCPCRAFT_DIALOGUES(Urgent);

TEST_P(Urgent, PointerNamesTheOctetBehindTheUrgentData) {  // RFC 9293 §3.8.5 (MUST-62)
    arrives("U. 1:4(3) ack 1 urg 2");
    notifies(Notice::urgent_data);
    EXPECT_EQ(tcb.rcv.up, theirs(3));
    delivers(3);
    sends(". 1:1(0) ack 4");
}

TEST_P(Urgent, DataMayBeLongerThanItsSegment) {  // RFC 9293 §3.8.5 (MUST-31)
    arrives("U. 1:4(3) ack 1 urg 65535");
    notifies(Notice::urgent_data);
    delivers(3);
    sends(". 1:1(0) ack 4");
    EXPECT_EQ(tcb.rcv.up, theirs(65536));
    arrives("U. 4:7(3) ack 1 urg 65532");
    EXPECT_EQ(tcb.rcv.up, theirs(65536));
    delivers(3);
    sends(". 1:1(0) ack 7");
    arrives("U. 7:10(3) ack 1 urg 65535");  // and longer still
    notifies(Notice::urgent_data);
    delivers(3);
    sends(". 1:1(0) ack 10");
    EXPECT_EQ(tcb.rcv.up, theirs(65542));
}

TEST_P(Urgent, DataThatIsLeftCanBeCounted) {  // RFC 9293 §3.8.5 (MUST-33)
    arrives("U. 1:4(3) ack 1 urg 10");
    notifies(Notice::urgent_data);
    delivers(3);
    sends(". 1:1(0) ack 4");
    EXPECT_EQ(distance(tcb.rcv.nxt, tcb.rcv.up), 7);
    arrives(". 4:11(7) ack 1");
    delivers(7);
    sends(". 1:1(0) ack 11");
    EXPECT_EQ(distance(tcb.rcv.nxt, tcb.rcv.up), 0);
}

TEST_P(Urgent, IsToldOnceForEachAdvanceOfThePointer) {  // RFC 9293 §3.8.5 (MUST-32)
    arrives("U. 1:1(0) ack 1 urg 5");
    notifies(Notice::urgent_data);
    arrives("U. 1:1(0) ack 1 urg 5");
    EXPECT_TRUE(actions.empty());
    arrives("U. 1:1(0) ack 1 urg 6");
    notifies(Notice::urgent_data);
}

TEST_P(Urgent, PointerMeansNothingWithoutItsBit) {  // RFC 9293 §3.1
    arrives(". 1:4(3) ack 1 urg 3");
    delivers(3);
    sends(". 1:1(0) ack 4");
    EXPECT_EQ(tcb.rcv.up, theirs(1));
}

TEST_P(Urgent, PointerMeansNothingAfterThePeersFin) {  // RFC 9293 §3.10.7.4, sixth
    arrives("F. 1:1(0) ack 1");
    sends(". 1:1(0) ack 2");
    enters(State::close_wait);
    arrives("U. 2:2(0) ack 1 urg 5");
    EXPECT_EQ(tcb.rcv.up, theirs(1));
    EXPECT_TRUE(actions.empty());
}

}  // namespace
}  // namespace tcpcraft::test
