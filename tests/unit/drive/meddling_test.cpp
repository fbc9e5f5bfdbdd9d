// RFC 9293 §3.5.3, §3.9.2.2, §3.10.5: connections that somebody ends while they are held.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <tests/support/simulated_run.hpp>

namespace tcpcraft {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::StartsWith;

class HeldConnection : public testing::Test {
protected:
    HeldConnection() {
        peer_.address = id_.remote.address;
        peer_.listening = {id_.remote.port};
        host_.emplace(network_.far(), network_, peer_);
        request_.then = Then::hold;
        request_.hold = 5s;
        fleet_.launch(ConnectionSetup{.id = id_, .iss = Seq{1000}}, handshake_scenario(request_));
        (void)network_.run({}, Instant{1s});
    }
    void conclude() {
        (void)network_.run([this] { return fleet_.finished(); }, Instant{60s});
        ASSERT_TRUE(session().finished());
    }
    [[nodiscard]] Session& session() { return *fleet_.sessions().front(); }
    [[nodiscard]] HandshakeResult result() { return judge_handshake(session(), request_); }
    [[nodiscard]] Datagram from_the_peer() {
        Datagram made;
        made.ip.source = id_.remote.address;
        made.ip.destination = id_.local.address;
        made.segment.source = id_.remote.port;
        made.segment.destination = id_.local.port;
        made.segment.seq = session().connection().tcb().rcv.nxt;
        made.segment.ack = session().connection().tcb().snd.nxt;
        return made;
    }
    void send(const Datagram& datagram) {
        const auto octets = serialize(datagram);
        const Outgoing packet{octets, datagram.ip.destination, 0};
        ASSERT_TRUE(network_.far().transmit({&packet, 1}));
    }

    const ConnectionId id_{*Endpoint::read("192.0.2.1:40000"), *Endpoint::read("192.0.2.2:80")};
    SimNetwork network_{};
    test::KeepingSink sink_{};
    Surroundings around_{.link = network_.near(), .alarm = network_, .trace = sink_};
    Fleet fleet_{around_};
    SimHostOptions peer_{};
    std::optional<SimHost> host_{};
    HandshakeRequest request_{};
};

TEST_F(HeldConnection, AbortedByThePeerBreaksNoRule) {
    Datagram reset = from_the_peer();
    reset.segment.flags = {Flag::rst};
    send(reset);
    conclude();
    EXPECT_EQ(session().outcome()->ending, Ending::reset);
    EXPECT_EQ(result().exit_status, 1);
    EXPECT_EQ(result().verdict.verdict, Verdict::inconclusive);
    EXPECT_THAT(result().summary, HasSubstr("the peer reset the connection"));
}

TEST_F(HeldConnection, EndedByIcmpIsNotBlamedOnThePeer) {
    IcmpError error{.id = id_, .from = *Address::read("198.51.100.1"), .hard = true};
    error.text = "protocol unreachable, says 198.51.100.1";
    const std::vector<std::byte> octet(1, std::byte{'x'});
    session().connection().apply(Send{octet, true});
    error.seq = session().connection().tcb().snd.una.raw();
    session().icmp(error);
    EXPECT_EQ(session().outcome()->ending, Ending::icmp);
    EXPECT_EQ(result().verdict.verdict, Verdict::inconclusive);
    EXPECT_EQ(result().summary, error.text);
}

TEST_F(HeldConnection, ALateSynDoesNotChangeWhatWasNegotiated) {
    const Seq isn = session().connection().tcb().rcv.irs;
    Datagram syn = from_the_peer();
    syn.segment.flags = {Flag::syn};
    syn.segment.seq = syn.segment.seq + 77;
    send(syn);
    conclude();
    EXPECT_EQ(result().peer_isn, isn);
}

TEST_F(HeldConnection, ThatFailsIsNotLeftWithThePeer) {
    request_.then = Then::close;
    request_.send.emplace(1, std::byte{'x'});
    request_.timeout = 2s;
    ConnectionSetup setup{.id = id_, .iss = Seq{1}};
    setup.id.local.port = Port{40001};
    Session& second = fleet_.launch(std::move(setup), handshake_scenario(request_));
    (void)network_.run([&] { return second.connection().tcb().state == State::established; });
    host_->die();
    (void)network_.run([&] { return second.finished(); }, Instant{60s});
    ASSERT_TRUE(second.finished());
    EXPECT_EQ(second.outcome()->ending, Ending::no_answer);
    EXPECT_THAT(sink_.dialogue().back(), StartsWith("> R"));
}

}  // namespace
}  // namespace tcpcraft
