#include <array>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <libtcpcraft/sim/sim_network.hpp>

namespace tcpcraft {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr Instant at(Duration since_start) { return Instant{since_start}; }

std::string as_text(std::span<const std::byte> octets) {
    std::string made;
    for (const std::byte octet : octets) {
        made.push_back(static_cast<char>(octet));
    }
    return made;
}

void transmit(Link& link, std::string packet, std::uint64_t token = 0) {
    const Outgoing out{.octets = std::as_bytes(std::span{packet}), .token = token};
    ASSERT_TRUE(link.transmit(std::span{&out, 1}));
    packet.assign(packet.size(), '!');  // the link has to have copied what it was given
}

struct Heard {
    std::string text{};
    Instant at{};
    friend bool operator==(const Heard&, const Heard&) = default;
};

std::vector<Heard>& listen(Link& link, std::vector<Heard>& heard) {
    link.on_arrivals([&heard](std::span<const Arrival> arrivals) {
        for (const Arrival& arrival : arrivals) {
            EXPECT_FALSE(arrival.kernel_timestamp) << "there is no kernel here";
            EXPECT_FALSE(arrival.truncated);
            heard.push_back({as_text(arrival.octets), arrival.at});
        }
    });
    return heard;
}

TEST(SimNetwork, CarriesACopyBothWaysAfterItsLatency) {
    SimNetwork network{{.latency = 7ms}};
    std::vector<Heard> near;
    std::vector<Heard> far;
    listen(network.near(), near);
    listen(network.far(), far);
    transmit(network.near(), "there");
    network.call_at(at(3ms), [&network] { transmit(network.far(), "back"); });
    EXPECT_EQ(network.run({}), SimEnding::idle);
    EXPECT_THAT(far, ElementsAre(Heard{"there", at(7ms)}));
    EXPECT_THAT(near, ElementsAre(Heard{"back", at(10ms)}));
}

TEST(SimNetwork, NeverDeliversFromInsideTransmit) {
    SimNetwork network{{.latency = 0ms}};
    std::vector<Heard> far;
    listen(network.far(), far);
    transmit(network.near(), "x");
    EXPECT_THAT(far, IsEmpty());
    network.run({});
    EXPECT_EQ(far.size(), 1U);
}

TEST(SimNetwork, SaysAtOnceWhatWasSent) {
    SimNetwork network;
    std::vector<std::pair<std::uint64_t, Instant>> sent;
    network.near().on_sent([&sent](const Sent& one) { sent.emplace_back(one.token, one.at); });
    network.call_at(at(2ms), [&network] { transmit(network.near(), "x", 42); });
    network.step();
    EXPECT_THAT(sent, ElementsAre(std::pair{std::uint64_t{42}, at(2ms)}));
}

TEST(SimNetwork, SaysWhenChecksumsAreNotReady) {
    SimNetwork network{{.checksum_ready = false}};
    bool ready = true;
    network.far().on_arrivals([&ready](auto arrivals) { ready = arrivals[0].checksum_ready; });
    transmit(network.near(), "x");
    network.run({});
    EXPECT_FALSE(ready);
}

TEST(SimNetwork, KeepsTheOrderOfAskingAmongEqualInstants) {
    SimNetwork network{{.latency = 5ms}};
    std::vector<Heard> heard;
    listen(network.far(), heard);
    network.call_at(at(5ms), [&heard] { heard.push_back({"first", {}}); });
    transmit(network.near(), "second");
    network.call_at(at(5ms), [&heard] { heard.push_back({"third", {}}); });
    network.run({});
    ASSERT_EQ(heard.size(), 3U);
    EXPECT_EQ(heard[0].text, "first");
    EXPECT_EQ(heard[1].text, "second");
    EXPECT_EQ(heard[2].text, "third");
}

TEST(SimNetwork, ABlackholeSwallowsEverythingButStillSaysSent) {
    SimNetwork network{{.blackhole = true}};
    std::vector<Heard> heard;
    int sent = 0;
    listen(network.far(), heard);
    listen(network.near(), heard);
    network.near().on_sent([&sent](const Sent&) { ++sent; });
    transmit(network.near(), "x");
    transmit(network.far(), "y");
    EXPECT_EQ(network.run({}), SimEnding::idle);
    EXPECT_THAT(heard, IsEmpty());
    EXPECT_EQ(sent, 1);
}

TEST(SimNetwork, ACancelledAlarmDoesNotRing) {
    SimNetwork network;
    int rung = 0;
    const AlarmId id = network.call_at(at(1ms), [&rung] { ++rung; });
    network.cancel(id);
    network.cancel(id);
    network.cancel(AlarmId::none);
    EXPECT_EQ(network.run({}), SimEnding::idle);
    EXPECT_EQ(rung, 0);
}

TEST(SimNetwork, AnAlarmMayCancelItselfAndItsNeighbour) {
    SimNetwork network;
    std::vector<int> rung;
    AlarmId self{};
    AlarmId neighbour{};
    self = network.call_at(at(1ms), [&] {
        rung.push_back(1);
        network.cancel(self);
        network.cancel(neighbour);
    });
    neighbour = network.call_at(at(1ms), [&rung] { rung.push_back(2); });
    network.run({});
    EXPECT_THAT(rung, ElementsAre(1));
}

TEST(SimNetwork, WhatIsOverdueHappensNowAndTimeDoesNotRunBackwards) {
    SimNetwork network;
    Instant rung{};
    network.call_at(at(5ms), [&] { network.call_at(at(1ms), [&] { rung = network.now(); }); });
    network.run({});
    EXPECT_EQ(rung, at(5ms));
}

TEST(SimNetwork, AnAlarmAtNeverKeepsNoRunAlive) {
    SimNetwork network;
    EXPECT_EQ(network.call_at(never, [] {}), AlarmId::none);
    EXPECT_EQ(network.run({}), SimEnding::idle);
}

TEST(SimNetwork, StopsWhenTheConditionHolds) {
    SimNetwork network;
    int rung = 0;
    network.call_at(at(1ms), [&rung] { ++rung; });
    network.call_at(at(2ms), [&rung] { ++rung; });
    EXPECT_EQ(network.run([&rung] { return rung == 1; }), SimEnding::finished);
    EXPECT_EQ(network.now(), at(1ms));
    EXPECT_EQ(rung, 1);
}

TEST(SimNetwork, TheLimitItselfStillHappensAndNothingAfterIt) {
    SimNetwork network;
    int rung = 0;
    network.call_at(at(10ms), [&rung] { ++rung; });
    network.call_at(at(10ms) + 1us, [&rung] { ++rung; });
    EXPECT_EQ(network.run({}, at(10ms)), SimEnding::limit);
    EXPECT_EQ(rung, 1);
    EXPECT_EQ(network.now(), at(10ms));
    EXPECT_EQ(network.run({}), SimEnding::idle);
    EXPECT_EQ(rung, 2);
}

TEST(SimNetwork, WhatSpinsForEverIsStopped) {
    SimNetwork network{{.most_events = 1000}};
    std::size_t rung = 0;
    std::function<void()> again = [&] {
        ++rung;
        network.call_at(network.now(), again);
    };
    again();
    EXPECT_EQ(network.run({}, at(1s)), SimEnding::exhausted);
    EXPECT_EQ(rung, 1001U);
    EXPECT_EQ(network.now(), at(0s));
}

}  // namespace
}  // namespace tcpcraft
