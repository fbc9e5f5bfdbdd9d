// RFC 9293 §3.5, very many times: a fleet of handshakes against simulated hosts, in virtual time.
#include <map>
#include <set>

#include <gtest/gtest.h>
#include <tests/support/simulated_run.hpp>

#include <libtcpcraft/drive/handshake_fleet.hpp>

namespace tcpcraft {
namespace {

using namespace std::chrono_literals;
using test::test_address;

/// What a report says, without its views.
struct Told {
    HandshakeOutcome outcome{};
    bool established{false};
    std::optional<Duration> rtt{};
    std::optional<Seq> peer_isn{};
    Negotiated negotiated{};
    State state{};
    unsigned syns{0};
    Instant at{};
    HandshakeResult result{};
};

class FleetOfHandshakes : public testing::TestWithParam<Family> {
protected:
    FleetOfHandshakes() {
        Policy ours;
        ours.syn_options = {MaximumSegmentSize{1460}, SackPermitted{}, Timestamps{}, NoOperation{},
                            WindowScale{7}};
        ours.time_wait = 1s;
        ours.isn_key = {{1, 2}};
        setup.policies = {ours};
        setup.rate = 1000;
        peer.address = test_address(GetParam(), std::byte{2});
        peer.listening = {Port{80}};
        peer.policy.syn_options = {MaximumSegmentSize{1400}, WindowScale{3}};
    }

    [[nodiscard]] ConnectionId id(std::uint64_t number) const {
        return {{here, Port{static_cast<std::uint16_t>(20000 + number % ports)}}, to};
    }
    void run(std::uint64_t many, const std::function<bool()>& until = {}) {
        host.emplace(network.far(), network, peer);
        fleet.emplace(around, setup);
        fleet->on_report([this](const HandshakeReport& report) {
            told[report.number] = {report.outcome,  report.established, report.rtt,
                                   report.peer_isn, report.negotiated,  report.state,
                                   report.syns,     network.now(),      result_of(report)};
        });
        fleet->start([this, many, next = std::uint64_t{0}]() mutable {
            most = std::max(most, fleet->in_flight());
            return next == many ? std::nullopt : std::optional{HandshakeOrder{next, id(next++), 0}};
        });
        (void)network.run(until ? until : [this] { return fleet->quiet(); });
    }
    [[nodiscard]] std::map<HandshakeOutcome, std::size_t> outcomes() const {
        std::map<HandshakeOutcome, std::size_t> all;
        for (const auto& [number, one] : told) {
            ++all[one.outcome];
        }
        return all;
    }
    [[nodiscard]] std::set<State> left_at_the_peer() const {
        std::set<State> states;
        for (const SimConnection& one : host->connections()) {
            states.insert(one.state);
        }
        return states;
    }
    /// In the peer's name, to the connection of that number.
    void says(std::uint64_t number, Flags flags, Seq seq, Seq ack) {
        Datagram made{.ip = {.source = to.address, .destination = here}};
        made.segment.source = to.port;
        made.segment.destination = id(number).local.port;
        made.segment.flags = flags;
        made.segment.seq = seq;
        made.segment.ack = ack;
        const std::vector<std::byte> octets = serialize(made);
        const Outgoing packet{.octets = octets, .destination = here};
        ASSERT_TRUE(network.far().transmit({&packet, 1}));
    }
    void pass(Duration length) { (void)network.run({}, network.now() + length); }

    Address here{test_address(GetParam(), std::byte{1})};
    Endpoint to{test_address(GetParam(), std::byte{2}), Port{80}};
    std::uint64_t ports{1000};
    std::size_t most{0};
    HandshakeFleetSetup setup{};
    SimHostOptions peer{};
    SimNetwork network{};
    test::KeepingSink sink{};
    Surroundings around{.link = network.near(), .alarm = network, .trace = sink};
    std::optional<SimHost> host{};
    std::optional<HandshakeFleet> fleet{};
    std::map<std::uint64_t, Told> told{};
};

INSTANTIATE_TEST_SUITE_P(Families, FleetOfHandshakes, testing::Values(Family::v4, Family::v6),
                         [](const auto& family) {
                             return family.param == Family::v4 ? "v4" : "v6";
                         });

using enum HandshakeOutcome;

TEST_P(FleetOfHandshakes, OpensAndClosesThemAll) {
    setup.in_flight = 20;
    run(300);
    EXPECT_EQ(outcomes(), (std::map<HandshakeOutcome, std::size_t>{{established, 300}}));
    EXPECT_EQ(most, 19U) << "asked for another while there is room for one";
    EXPECT_EQ(left_at_the_peer(), (std::set<State>{}));
    const Told& one = told[7];
    EXPECT_TRUE(one.established);
    EXPECT_EQ(one.rtt, 20ms);
    EXPECT_EQ(one.syns, 1U);
    EXPECT_EQ(one.state, State::time_wait);
    EXPECT_EQ(one.negotiated.mss_send, 1400U);
    EXPECT_EQ(one.negotiated.window_scale_send, 3U);
    EXPECT_EQ(one.negotiated.timestamps, false);
    EXPECT_EQ(one.result.exit_status, 0);
    EXPECT_EQ(one.result.summary,
              "ESTABLISHED with " + to.text() + ", round trip 20 ms (our clock)");
    EXPECT_EQ(fleet->counts().rtt.quantile(0.99), 20ms);
    EXPECT_EQ(fleet->counts().done, 300U);
    EXPECT_EQ(fleet->counts().segments_in, 900U) << "SYN,ACK, ACK, FIN,ACK";
}

TEST_P(FleetOfHandshakes, ResetsWhatItHasOpened) {
    setup.then = Then::reset;
    run(50);
    EXPECT_EQ(outcomes(), (std::map<HandshakeOutcome, std::size_t>{{established, 50}}));
    EXPECT_EQ(told[0].state, State::closed);
    pass(1s);
    EXPECT_EQ(left_at_the_peer(), (std::set<State>{}));
    EXPECT_EQ(fleet->counts().segments_out, 150U) << "SYN, ACK, RST";
}

TEST_P(FleetOfHandshakes, LeavesThemIfItIsTold) {
    setup.then = Then::leave;
    run(5);
    EXPECT_EQ(outcomes(), (std::map<HandshakeOutcome, std::size_t>{{established, 5}}));
    pass(1s);
    EXPECT_EQ(left_at_the_peer(), (std::set{State::established}));
}

TEST_P(FleetOfHandshakes, ProbesWithoutAThirdSegment) {
    setup.third = Third::rst;
    run(5);
    EXPECT_EQ(outcomes(), (std::map<HandshakeOutcome, std::size_t>{{answered, 5}}));
    EXPECT_FALSE(told[0].established);
    EXPECT_TRUE(told[0].peer_isn);
    EXPECT_EQ(fleet->counts().segments_out, 10U) << "SYN, RST";
    pass(1s);
    EXPECT_EQ(left_at_the_peer(), (std::set<State>{}));
}

// H-36: the peer repeats its SYN,ACK, and is released in the end.
TEST_P(FleetOfHandshakes, KeepsTheThirdSegmentBack) {
    setup.third = Third::none;
    setup.timeout = 4s;
    run(3);
    EXPECT_EQ(outcomes(), (std::map<HandshakeOutcome, std::size_t>{{answered, 3}}));
    EXPECT_GE(told[0].at, Instant{4s});
    EXPECT_GE(fleet->counts().segments_in, 9U) << "SYN,ACKs at 0, 1 and 3 s";
    EXPECT_EQ(fleet->counts().segments_out, 6U) << "SYN, RST";
    pass(1s);
    EXPECT_EQ(left_at_the_peer(), (std::set<State>{}));
}

TEST_P(FleetOfHandshakes, TellsTheRefusedFromTheSilent) {
    to.port = Port{81};
    run(4);
    EXPECT_EQ(outcomes(), (std::map<HandshakeOutcome, std::size_t>{{refused, 4}}));
    EXPECT_EQ(told[0].result.exit_status, 1);
    told.clear();
    to.address = test_address(GetParam(), std::byte{9});
    run(4);
    EXPECT_EQ(outcomes(), (std::map<HandshakeOutcome, std::size_t>{{no_answer, 4}}));
    EXPECT_EQ(told[0].syns, 4U) << "at 0, 1, 3 and 7 s";
    EXPECT_EQ(told[0].result.summary, "no answer to 4 SYNs");
    EXPECT_EQ(told[0].result.exit_status, 3);
}

TEST_P(FleetOfHandshakes, GivesUpAfterSoManySyns) {
    to.address = test_address(GetParam(), std::byte{9});
    setup.policies[0].syn_retransmissions = 1;
    run(1);
    EXPECT_EQ(outcomes(), (std::map<HandshakeOutcome, std::size_t>{{no_answer, 1}}));
    EXPECT_EQ(told[0].syns, 2U);
    EXPECT_EQ(told[0].at, Instant{3s});
}

// One that never closes its side holds nobody up for longer than the time for an answer.
TEST_P(FleetOfHandshakes, DoesNotWaitForEver) {
    peer.application = SimApplication::discard;
    run(2);
    EXPECT_EQ(outcomes(), (std::map<HandshakeOutcome, std::size_t>{{established, 2}}));
    EXPECT_GE(told[0].at, Instant{10s});
    pass(1s);
    EXPECT_EQ(left_at_the_peer(), (std::set<State>{})) << "by our RST";
}

// RFC 6191, RFC 9293 §3.6.1 (MAY-2): the peer closes first, and is in TIME-WAIT for minutes.
TEST_P(FleetOfHandshakes, UsesTheFourNumbersAgainWhereThePeerIsInTimeWait) {
    peer.application = SimApplication::close_at_once;
    peer.application_delay = {};
    ports = 1;
    setup.in_flight = 1;
    run(20);
    EXPECT_EQ(outcomes(), (std::map<HandshakeOutcome, std::size_t>{{established, 20}}));
    EXPECT_EQ(fleet->counts().syns, 20U) << "none had to be repeated";
}

TEST_P(FleetOfHandshakes, RecognisesLateAnswersAndRefusesThem) {
    to.address = test_address(GetParam(), std::byte{9});
    setup.timeout = 500ms;
    std::optional<Seq> isn;
    const auto first_isn = [&](const HandshakeReport& report) { isn = report.isn; };
    host.emplace(network.far(), network, peer);
    fleet.emplace(around, setup);
    fleet->on_report(first_isn);
    fleet->start([this, first = true]() mutable {
        return std::exchange(first, false) ? std::optional{HandshakeOrder{0, id(0), 0}}
                                           : std::nullopt;
    });
    pass(3s);
    ASSERT_TRUE(isn);
    const auto before = fleet->counts().segments_out;
    says(0, {Flag::syn, Flag::ack}, Seq{1}, *isn + 1);
    pass(1s);
    EXPECT_EQ(fleet->counts().late, 1U);
    EXPECT_EQ(fleet->counts().strays, 0U);
    EXPECT_EQ(fleet->counts().segments_out, before + 1) << "RST";
    says(0, {Flag::syn, Flag::ack}, Seq{1}, *isn + 0x80000000U);
    says(0, {Flag::rst}, Seq{1}, {});
    pass(1s);
    EXPECT_EQ(fleet->counts().late, 1U);
    EXPECT_EQ(fleet->counts().strays, 2U);
    EXPECT_EQ(fleet->counts().segments_out, before + 2) << "a RST is never answered";
}

// Anybody can send what needs no number, or the wrong one.
TEST_P(FleetOfHandshakes, IsNotLedAstray) {
    network.call_at(Instant{5ms}, [this] {
        says(0, {Flag::syn}, Seq{99}, {});
        says(0, {Flag::rst}, Seq{0}, {});
        says(0, {Flag::syn, Flag::ack}, Seq{99}, Seq{99});
    });
    run(1);
    EXPECT_EQ(outcomes(), (std::map<HandshakeOutcome, std::size_t>{{established, 1}}));
    EXPECT_EQ(fleet->counts().strays, 1U);
}

TEST_P(FleetOfHandshakes, StopsWithResultsAndLeavesNothingBehind) {
    peer.application = SimApplication::discard;
    setup.rate = 10;
    run(1000, [this] { return network.now() >= Instant{2s}; });
    fleet->stop(interrupted);
    EXPECT_TRUE(fleet->finished());
    const std::size_t begun = told.size();
    EXPECT_EQ(begun, 21U);
    EXPECT_EQ(outcomes(), (std::map<HandshakeOutcome, std::size_t>{{interrupted, begun}}));
    EXPECT_EQ(told[0].result.exit_status, 130);
    EXPECT_TRUE(told[0].established);
    pass(1s);
    EXPECT_FALSE(left_at_the_peer().contains(State::established));
    EXPECT_FALSE(left_at_the_peer().contains(State::close_wait));
}

TEST_P(FleetOfHandshakes, TracesWhatIsAskedFor) {
    setup.trace = true;
    setup.then = Then::reset;
    run(1);
    const auto lines = sink.dialogue();
    ASSERT_EQ(lines.size(), 4U);
    EXPECT_TRUE(lines[0].starts_with("> S 0:0(0)"));
    EXPECT_TRUE(lines[1].starts_with("< S. 0:0(0) ack 1"));
    EXPECT_TRUE(lines[2].starts_with("> . 1:1(0) ack 1"));
    EXPECT_TRUE(lines[3].starts_with("> R"));
    EXPECT_EQ(sink.states,
              (std::vector<std::string>{"us CLOSED SYN-SENT", "us SYN-SENT ESTABLISHED",
                                        "us ESTABLISHED CLOSED"}));
}

TEST_P(FleetOfHandshakes, HoldsItsRate) {
    for (const double rate : {1000.0, 10'000.0, 33'333.0, 50'000.0}) {
        setup.rate = rate;
        setup.in_flight = 100'000;
        setup.then = Then::reset;
        ports = 30'000;
        const auto many = static_cast<std::uint64_t>(rate / 25);
        run(many);
        EXPECT_NEAR(fleet->counts().rate() / rate, 1, 0.02) << rate;
        EXPECT_EQ(fleet->counts()[established], many) << rate;
    }
}

}  // namespace
}  // namespace tcpcraft
