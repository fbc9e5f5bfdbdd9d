// A fleet of handshakes on links that name an interface, lose a SYN, or cannot send at all.
#include <functional>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <tests/support/altering_link.hpp>
#include <tests/support/simulated_run.hpp>

#include <libtcpcraft/drive/handshake_fleet.hpp>

namespace tcpcraft {
namespace {

using namespace std::chrono_literals;

/// Passes on, with an interface's number on what arrives; can also say that a segment failed.
class InterfaceLink final : public Link {
public:
    InterfaceLink(Link& link, std::uint32_t index) : link_{link}, index_{index} {}

    Expected<void> transmit(std::span<const Outgoing> packets) override {
        return link_.transmit(packets);
    }
    void on_arrivals(std::function<void(std::span<const Arrival>)> handler) override {
        link_.on_arrivals([this, handler](std::span<const Arrival> arrivals) {
            std::vector<Arrival> all{arrivals.begin(), arrivals.end()};
            for (Arrival& one : all) {
                one.interface_index = index_;
            }
            handler(all);
        });
    }
    void on_sent(std::function<void(const Sent&)> handler) override { link_.on_sent(handler); }
    void on_icmp(std::function<void(const IcmpError&)> handler) override { failed = handler; }

    std::function<void(const IcmpError&)> failed{};

private:
    Link& link_;
    std::uint32_t index_;
};

class FleetOnALink : public testing::TestWithParam<Family> {
protected:
    FleetOnALink() {
        Policy ours;
        ours.isn_key = {{1, 2}};
        setup.policies = {ours};
    }

    void start_one(Link& link) {
        around = std::make_unique<Surroundings>(
            Surroundings{.link = link, .alarm = network, .trace = sink});
        fleet = std::make_unique<HandshakeFleet>(*around, setup);
        fleet->on_report([this](const HandshakeReport& one) { told.push_back(one); });
        fleet->start([this, first = true]() mutable {
            return std::exchange(first, false) ? std::optional{HandshakeOrder{0, id, 0}}
                                               : std::nullopt;
        });
    }
    void pass(Duration length) { (void)network.run({}, network.now() + length); }

    ConnectionId id{{test::test_address(GetParam(), std::byte{1}), Port{20000}},
                    {test::test_address(GetParam(), std::byte{2}), Port{80}}};
    HandshakeFleetSetup setup{};
    SimNetwork network{};
    test::KeepingSink sink{};
    std::vector<HandshakeReport> told{};
    std::unique_ptr<Surroundings> around{};
    std::unique_ptr<HandshakeFleet> fleet{};
};

INSTANTIATE_TEST_SUITE_P(Families, FleetOnALink, testing::Values(Family::v4, Family::v6),
                         [](const auto& family) {
                             return family.param == Family::v4 ? "v4" : "v6";
                         });

// A packet names no zone; the interface by which a late answer came does (RFC 4007 §11).
TEST_P(FleetOnALink, KnowsALateAnswerByItsInterface) {
    if (GetParam() == Family::v6) {
        id.local.address = Address::read("fe80::1")->with_zone(7);
        id.remote.address = Address::read("fe80::9")->with_zone(7);
    }
    for (const std::uint32_t index : {7U, 8U}) {
        SCOPED_TRACE(index);
        setup.timeout = 500ms;
        InterfaceLink link{network.near(), index};
        told.clear();
        start_one(link);
        pass(3s);
        ASSERT_EQ(told.size(), 1U);
        ASSERT_EQ(told[0].outcome, HandshakeOutcome::no_answer);
        Datagram late{.ip = {.source = id.remote.address, .destination = id.local.address}};
        late.segment = {.source = id.remote.port,
                        .destination = id.local.port,
                        .seq = Seq{1},
                        .ack = told[0].isn + 1,
                        .flags = {Flag::syn, Flag::ack}};
        const std::vector<std::byte> octets = serialize(late);
        const Outgoing packet{.octets = octets, .destination = id.local.address};
        ASSERT_TRUE(network.far().transmit({&packet, 1}));
        pass(1s);
        const bool its_own = GetParam() == Family::v4 || index == 7;
        EXPECT_EQ(fleet->counts().late, its_own ? 1U : 0U);
        EXPECT_EQ(fleet->counts().strays, its_own ? 0U : 1U);
        fleet.reset();
    }
}

// Sent among others, a segment fails with a word afterwards; alone, it would have failed at once.
TEST_P(FleetOnALink, TellsWhatCannotBeSentFromAHostThatIsNotThere) {
    for (const bool unsent : {true, false}) {
        InterfaceLink link{network.near(), 7};
        told.clear();
        start_one(link);
        pass(1ms);
        link.failed({.at = network.now(),
                     .id = id,
                     .local = true,
                     .unsent = unsent,
                     .hard = true,
                     .text = "no way"});
        ASSERT_EQ(told.size(), 1U);
        EXPECT_EQ(told[0].outcome,
                  unsent ? HandshakeOutcome::unsent : HandshakeOutcome::unreachable);
        fleet.reset();
    }
}

TEST_P(FleetOnALink, BeganWhenItsFirstSynLeft) {
    SimHostOptions options{};
    options.address = id.remote.address;
    options.listening = {id.remote.port};
    SimHost host{network.far(), network, options};
    test::AlteringLink losing{network.near()};
    int syns = 0;
    losing.leaving = [&](Segment& segment) { return !segment.has(Flag::syn) || ++syns > 1; };
    pass(5s);
    const Instant start = network.now();
    start_one(losing);
    (void)network.run([this] { return fleet->quiet(); });
    EXPECT_EQ(syns, 2);
    ASSERT_EQ(told.size(), 1U);
    EXPECT_TRUE(told[0].established);
    EXPECT_EQ(told[0].began, start);
    EXPECT_FALSE(told[0].rtt) << "which of the two was answered?";
    fleet.reset();
}

}  // namespace
}  // namespace tcpcraft
