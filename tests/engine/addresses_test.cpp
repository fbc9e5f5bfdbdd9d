#include <array>

#include <tests/support/dialogue.hpp>

// RFC 9293 §3.9.1.1, §3.9.2.3: addresses that a connection may have, and keeps.

namespace tcpcraft::test {
namespace {

class Addresses : public Dialogue {
protected:
    void syn(const char* from, const char* to) {
        Segment segment;
        segment.source = id.remote.port;
        segment.destination = id.local.port;
        segment.seq = theirs(0);
        segment.flags = {Flag::syn};
        call(SegmentArrives{segment, Address::read(from).value(), Address::read(to).value()});
    }
};
TCPCRAFT_DIALOGUES(Addresses);

TEST_P(Addresses, OfAGroupGetNoAnswerToASyn) {  // RFC 9293 §3.9.2.3 (MUST-57)
    go_to(State::listen);
    for (const char* group : {"224.0.0.1", "255.255.255.255", "ff02::1"}) {
        syn("192.0.2.2", group);
        discards(DiscardReason::nothing_for_this_state);
        stays();
    }
}

TEST_P(Addresses, OfAGroupCannotConnect) {  // RFC 9293 §3.9.2.3 (MUST-63)
    go_to(State::listen);
    for (const char* group : {"224.0.0.1", "255.255.255.255", "ff02::1"}) {
        syn(group, "192.0.2.1");
        discards(DiscardReason::nothing_for_this_state);
        stays();
    }
}

TEST_P(Addresses, OfAGroupCannotBeOpened) {  // RFC 9293 §3.9.1.1 (MUST-46)
    for (const char* group : {"224.0.0.1", "255.255.255.255"}) {
        id.remote.address = Address::read(group).value();
        active_open();
        notifies(Notice::remote_socket_unspecified);
        stays();
    }
}

TEST_P(Addresses, WithoutAPortCannotBeOpened) {  // RFC 9293 §3.10.1
    id.remote.port = Port{};
    active_open();
    notifies(Notice::remote_socket_unspecified);
    stays();
}

TEST_P(Addresses, OfOursAreGivenToOpen) {  // RFC 9293 §3.9.1.1 (MUST-43)
    id.local = Endpoint::read("192.0.2.77:1234").value();
    active_open();
    sends("S 0:0(0)");
    enters(State::syn_sent);
    EXPECT_EQ(tcb.id.local, id.local);
}

TEST_P(Addresses, OfOursAreTheOnesThatTheSynWasSentTo) {  // RFC 9293 §3.9.1.1 (MUST-45)
    const Endpoint any = Endpoint::read("0.0.0.0:40000").value();
    call(PassiveOpen{.local = any, .iss = GetParam().iss});
    enters(State::listen);
    syn("192.0.2.2", "192.0.2.9");
    (void)next_transmit();
    enters(State::syn_received);
    EXPECT_EQ(tcb.id.local.address, Address::read("192.0.2.9"));
    arrives(". 1:1(0) ack 1");
    enters(State::established);
    close();
    sends("F. 1:1(0) ack 1");
    enters(State::fin_wait_1);
    EXPECT_EQ(tcb.id.local.address, Address::read("192.0.2.9"));
}

}  // namespace
}  // namespace tcpcraft::test
