#include <array>

#include <gtest/gtest.h>
#include <tests/support/simulated_run.hpp>

#include <libtcpcraft/drive/keep_alive.hpp>

namespace tcpcraft {
namespace {

using namespace std::chrono_literals;

class ServerFleet : public testing::Test {
protected:
    void serve(std::size_t accept, bool crossing = false) {
        peer_.address = client_.address;
        peer_.active_open = SimOpen{server_, client_.port, Instant{}};
        HandshakeRequest request;
        request.server = true;
        if (crossing) {
            request.scenario = HandshakeScenario::simultaneous_open;
        }
        Listener listener{.local = {Address::unspecified(Family::v4), server_.port},
                          .accept = accept,
                          .crossing = crossing,
                          .scenario = handshake_scenario(request)};
        listener.accepted = [this](ConnectionSetup& setup) { accepted_.push_back(setup.id); };
        fleet_.listen(std::move(listener));
        host_ = std::make_unique<SimHost>(network_.far(), network_, peer_);
        (void)network_.run([this] { return fleet_.finished(); }, Instant{60s});
    }

    const Endpoint server_ = *Endpoint::read("192.0.2.1:8080");
    const Endpoint client_ = *Endpoint::read("192.0.2.2:50000");
    SimNetwork network_{};
    test::KeepingSink sink_{};
    Surroundings around_{.link = network_.near(), .alarm = network_, .trace = sink_};
    Fleet fleet_{around_};
    SimHostOptions peer_{};
    std::unique_ptr<SimHost> host_{};
    std::vector<ConnectionId> accepted_{};
};

TEST_F(ServerFleet, MakesASessionOfASyn) {
    serve(1);
    ASSERT_EQ(accepted_.size(), 1U);
    EXPECT_EQ(accepted_[0], (ConnectionId{server_, client_}));
    EXPECT_TRUE(fleet_.finished());
    EXPECT_EQ(fleet_.sessions().front()->outcome()->ending, Ending::completed);
}

// RFC 9293 §3.9.1.1 (MUST-41, MUST-42)
TEST_F(ServerFleet, IsNotFinishedBeforeItHasHadItsConnections) {
    serve(2);
    ASSERT_EQ(accepted_.size(), 1U);
    EXPECT_EQ(fleet_.sessions().front()->outcome()->ending, Ending::completed);
    EXPECT_FALSE(fleet_.finished());
    fleet_.stop(Ending::interrupted, "enough");
    EXPECT_TRUE(fleet_.finished());
}

// RFC 9293 §3.10.7.2, second
TEST_F(ServerFleet, AnswersAStrayAckWhereItCameFrom) {
    fleet_.listen(Listener{.local = {Address::unspecified(Family::v4), server_.port}});
    std::vector<Endpoint> answered;
    network_.far().on_arrivals([&](std::span<const Arrival> arrivals) {
        for (const Arrival& arrival : arrivals) {
            const auto parsed = parse(arrival.octets);
            ASSERT_TRUE(parsed && parsed->segment.has(Flag::rst));
            EXPECT_EQ(parsed->checksum, Checksum::ok);
            answered.push_back({parsed->ip.destination, parsed->segment.destination});
        }
    });
    Datagram stray;
    stray.ip.source = client_.address;
    stray.ip.destination = server_.address;
    stray.segment.source = client_.port;
    stray.segment.destination = server_.port;
    stray.segment.flags = {Flag::ack};
    const auto octets = serialize(stray);
    const Outgoing packet{octets, server_.address, 0};
    ASSERT_TRUE(network_.far().transmit({&packet, 1}));
    (void)network_.run({}, Instant{1s});
    EXPECT_EQ(answered, std::vector{client_});
}

TEST_F(ServerFleet, CrossesTheSynOfAPeerThatConnects) {  // RFC 9293 §3.5, figure 7
    serve(1, true);
    EXPECT_TRUE(fleet_.sessions().front()->outcome()->established);
    EXPECT_EQ(host_->state({client_, server_}), State::closed);
}

// RFC 9293 §3.10.7.2, second: an ACK to LISTEN is answered with RST
TEST_F(ServerFleet, AnswersAStrayAckWithReset) {
    fleet_.listen(Listener{.local = server_, .accept = 1});
    Datagram stray;
    stray.ip.source = client_.address;
    stray.ip.destination = server_.address;
    stray.segment.source = client_.port;
    stray.segment.destination = server_.port;
    stray.segment.flags = {Flag::ack};
    stray.segment.ack = Seq{77};
    const auto octets = serialize(stray);
    const Outgoing packet{octets, server_.address, 0};
    ASSERT_TRUE(network_.far().transmit({&packet, 1}));
    (void)network_.run([] { return false; }, Instant{1s});
    ASSERT_EQ(sink_.segments.size(), 2U);
    EXPECT_TRUE(sink_.segments[0].text.starts_with("R 77:77(0)") ||
                sink_.segments[1].text.starts_with("R 77:77(0)"));
    EXPECT_TRUE(fleet_.sessions().empty());
}

// Not only at its next deadline.
TEST_F(ServerFleet, KnowsAtOnceThatASessionWasStopped) {
    fleet_.on_finished([this](Session& session) {
        for (const auto& other : fleet_.sessions()) {
            if (other.get() != &session) {
                fleet_.stop(*other, Ending::interrupted, "known already");
            }
        }
    });
    for (const std::uint16_t port : std::array<std::uint16_t, 3>{1, 2, 3}) {
        ConnectionSetup setup;
        setup.id = {{server_.address, Port{port}}, client_};
        fleet_.launch(std::move(setup), Scenario{"wait", {{"", Settle{1h}}}});
    }
    EXPECT_FALSE(fleet_.finished());
    fleet_.stop(*fleet_.sessions().front(), Ending::interrupted, "enough");
    EXPECT_TRUE(fleet_.finished());
}

TEST_F(ServerFleet, CountsWhatIsNoSegment) {
    const std::vector<std::byte> noise(10, std::byte{0xff});
    const Outgoing packet{noise, server_.address, 0};
    ASSERT_TRUE(network_.far().transmit({&packet, 1}));
    (void)network_.run([] { return false; }, Instant{1s});
    EXPECT_EQ(fleet_.malformed(), 1U);
    EXPECT_EQ(sink_.notes.size(), 1U);
}

// Thousands of targets, one after the other, do not stay in memory; the last may still be needed.
TEST(ClientFleet, GivesUpWhatHasEndedIfItIsTold) {
    for (const bool told : {false, true}) {
        SimNetwork network;
        test::KeepingSink sink;
        Surroundings around{.link = network.near(), .alarm = network, .trace = sink};
        Fleet fleet{around};
        SimHostOptions peer;
        peer.address = *Address::read("192.0.2.2");
        peer.listening = {Port{80}};
        SimHost host{network.far(), network, peer};
        std::size_t completed = 0;
        fleet.on_finished([&completed](Session& session) {
            completed += session.outcome()->ending == Ending::completed ? 1U : 0U;
        });
        if (told) {
            fleet.give_up_ended();
        }
        for (std::size_t i = 0; i < 6; ++i) {
            ConnectionSetup setup;
            setup.id = {*Endpoint::read("192.0.2.1:40000"), {peer.address, Port{80}}};
            setup.keep_sightings = true;
            fleet.launch(std::move(setup), learn_scenario({.patience = 2s}));
            (void)network.run([&fleet] { return fleet.finished(); });
        }
        EXPECT_EQ(completed, 6U);
        ASSERT_EQ(fleet.sessions().size(), 6U);
        EXPECT_EQ(fleet.sessions().front() == nullptr, told);
        EXPECT_EQ(fleet.sessions()[3] == nullptr, told);
        EXPECT_NE(fleet.sessions().back(), nullptr);
        fleet.stop(Ending::interrupted, "after the end");
    }
}

}  // namespace
}  // namespace tcpcraft
