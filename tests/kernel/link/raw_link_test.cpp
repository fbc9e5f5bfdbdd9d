#include <chrono>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <tests/kernel/link/station.hpp>
#include <tests/support/allocation_count.hpp>

namespace tcpcraft::test {
namespace {

using namespace std::chrono_literals;

class RawLinkOn : public OnAHost {};

TEST_P(RawLinkOn, AVethPairSeesTheSynAckOnceAndUnchecked) {
    listen_far();
    hush_kernel();
    Station station{between(near(), far())};
    ASSERT_TRUE(station.send(near(), far(), segment(syn)));
    ASSERT_TRUE(station.until([&] { return !station.arrivals.empty(); }));
    const Seen first = station.arrivals.front();
    EXPECT_EQ(first.datagram.segment.flags, syn_ack);
    EXPECT_EQ(first.datagram.segment.ack, Seq{1001});
    EXPECT_EQ(first.datagram.checksum, Checksum::offloaded);
    EXPECT_FALSE(station.until([&] { return station.arrivals.size() > 1; }, 300ms));
    EXPECT_EQ(station.link().counters().lost, 0U);
    EXPECT_EQ(station.link().counters().escaped_resets, 0U);
}

TEST_P(RawLinkOn, AVethPairWithoutOffloadSeesTheRealChecksum) {
    hosts.far_shell("ethtool -K s0 tx off >/dev/null");
    listen_far();
    hush_kernel();
    Station station{between(near(), far())};
    ASSERT_TRUE(station.send(near(), far(), segment(syn)));
    ASSERT_TRUE(station.until([&] { return !station.arrivals.empty(); }));
    EXPECT_EQ(station.arrivals.front().datagram.checksum, Checksum::ok);
}

TEST_P(RawLinkOn, LoopbackSeesEachSegmentOnce) {
    const Address self = GetParam() == Family::v4 ? Address::read("127.0.0.1").value()
                                                  : Address::read("::1").value();
    const Listener local{{self, theirs}};
    hush_kernel();
    Station station{between(self, self)};
    ASSERT_TRUE(station.send(self, self, segment(syn)));
    ASSERT_TRUE(station.until([&] { return !station.arrivals.empty(); }));
    EXPECT_EQ(station.arrivals.front().datagram.segment.flags, syn_ack);
    EXPECT_FALSE(station.until([&] { return station.arrivals.size() > 1; }, 300ms));
}

TEST_P(RawLinkOn, LoopbackCountsAnEscapedResetOnceAndNoneOfOurs) {
    const Address self = GetParam() == Family::v4 ? Address::read("127.0.0.1").value()
                                                  : Address::read("::1").value();
    const Listener local{{self, theirs}};
    Station station{between(self, self)};
    ASSERT_TRUE(station.send(self, self, segment(syn)));
    ASSERT_TRUE(station.until([&] { return station.link().counters().escaped_resets != 0; }));
    ASSERT_TRUE(station.send(self, self, segment(rst, 1001)));
    station.until([] { return false; }, 200ms);
    EXPECT_EQ(station.link().counters().escaped_resets, 1U);
}

TEST_P(RawLinkOn, AHostWithoutGuardCountsTheKernelsResetButNotOurs) {
    listen_far();
    Station station{between(near(), far())};
    ASSERT_TRUE(station.send(near(), far(), segment(syn)));
    ASSERT_TRUE(station.until([&] { return station.link().counters().escaped_resets != 0; }));
    // As like the kernel's as can be: the same number, no window.
    Segment reset = segment(rst, 1001);
    reset.wnd = 0;
    ASSERT_TRUE(station.send(near(), far(), reset));
    ASSERT_TRUE(station.send(near(), far(), reset));
    station.until([] { return false; }, 200ms);
    EXPECT_EQ(station.link().counters().escaped_resets, 1U);
    // Once more by the kernel: ours must not excuse it.
    ASSERT_TRUE(station.send(near(), far(), segment(syn)));
    EXPECT_TRUE(station.until([&] { return station.link().counters().escaped_resets == 2; }));
}

TEST_P(RawLinkOn, ARejectingHostHearsOfThePortUnreachable) {  // RFC 9293 §3.9.2.2
    hosts.far_shell(
        iptables() + "-A INPUT -p tcp --dport 8080 -j REJECT --reject-with " +
        (GetParam() == Family::v4 ? "icmp-port-unreachable" : "icmp6-port-unreachable"));
    Station station{between(near(), far())};
    ASSERT_TRUE(station.send(near(), far(), segment(syn)));
    ASSERT_TRUE(station.until([&] { return !station.errors.empty(); }));
    const IcmpError& error = station.errors.front();
    EXPECT_EQ(error.type, GetParam() == Family::v4 ? 3 : 1);
    EXPECT_EQ(error.code, GetParam() == Family::v4 ? 3 : 4);
    EXPECT_TRUE(error.hard);
    EXPECT_FALSE(error.local);
    EXPECT_EQ(error.seq, 1000U);
    EXPECT_EQ(error.from, far());
    EXPECT_EQ(error.id, (ConnectionId{{near(), ours}, {far(), theirs}}));
    EXPECT_EQ(error.text, "port unreachable, says " + far().text());
}

TEST_P(RawLinkOn, ARouterWithoutAWayOnHearsOfIt) {
    const bool v4 = GetParam() == Family::v4;
    const Address beyond = Address::read(v4 ? "10.79.0.9" : "fd79::9").value();
    const std::string net = v4 ? "10.79.0.0/24" : "fd79::/64";
    TwoHosts::shell(std::string{v4 ? "ip" : "ip -6"} + " route add " + net + " via " +
                    far().text());
    hosts.far_shell("sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1");
    hosts.far_shell(std::string{v4 ? "ip" : "ip -6"} + " route add prohibit " + net);
    Station station{between(near(), beyond)};
    ASSERT_TRUE(station.send(near(), beyond, segment(syn)));
    ASSERT_TRUE(station.until([&] { return !station.errors.empty(); }));
    EXPECT_EQ(station.errors.front().code, v4 ? 13 : 1);
    EXPECT_EQ(station.errors.front().hard, !v4);
    EXPECT_EQ(station.errors.front().from, far());
}

TEST_P(RawLinkOn, AnEmptyLinkHearsOfTheMissingNeighbour) {
    const Address nobody =
        Address::read(GetParam() == Family::v4 ? "10.78.0.99" : "fd78::99").value();
    Station station{between(near(), nobody)};
    ASSERT_TRUE(station.send(near(), nobody, segment(syn)));
    ASSERT_TRUE(station.until([&] { return !station.errors.empty(); }, 20s));
    EXPECT_TRUE(station.errors.front().local);
    EXPECT_FALSE(station.errors.front().hard);
    EXPECT_EQ(station.errors.front().id.remote.address, nobody);
    ASSERT_EQ(station.sent.size(), 1U) << "told once, though it never left";
    EXPECT_FALSE(station.sent.front().kernel_timestamp);
}

TEST_P(RawLinkOn, AVethPairStampsBothWaysByTheKernel) {
    listen_far();
    hush_kernel();
    Station station{between(near(), far())};
    EXPECT_TRUE(station.link().timestamps().arrivals);
    EXPECT_TRUE(station.link().timestamps().departures);
    // Stamping of arrivals may begin a moment late: the first segments may carry none.
    for (std::uint64_t token = 1; token <= 50; ++token) {
        const std::size_t before = station.arrivals.size();
        ASSERT_TRUE(station.send(near(), far(), segment(syn), token));
        ASSERT_EQ(station.sent.size(), token) << "veth tells at once";
        EXPECT_EQ(station.sent.back().token, token);
        EXPECT_TRUE(station.sent.back().kernel_timestamp);
        station.until([&] { return station.arrivals.size() > before; }, 1s);
        if (!station.arrivals.empty() && station.arrivals.back().kernel_timestamp) {
            break;
        }
    }
    ASSERT_FALSE(station.arrivals.empty());
    EXPECT_TRUE(station.arrivals.back().kernel_timestamp);
    EXPECT_LE(station.sent.back().at, station.arrivals.back().at);
    EXPECT_LE(station.arrivals.back().at, station.runtime().alarm().now());
}

TEST_P(RawLinkOn, AFloodSaysHowManyWereLost) {
    Station station{between(near(), near())};
    Datagram datagram;
    datagram.ip.source = datagram.ip.destination = near();
    datagram.segment = segment(rst);
    std::swap(datagram.segment.source, datagram.segment.destination);  // to ourselves
    const auto octets = serialize(datagram);
    const std::vector<Outgoing> burst(100, Outgoing{octets, near(), 1});
    constexpr std::size_t bursts = 300;
    for (std::size_t i = 0; i < bursts; ++i) {
        ASSERT_TRUE(station.link().transmit(burst));
    }
    EXPECT_EQ(station.sent.size(), bursts * burst.size()) << "each told of, once";
    const std::uint64_t lost = station.link().counters().lost;
    EXPECT_GT(lost, 0U);
    station.until([&] { return station.arrivals.size() + lost >= bursts * burst.size(); });
    EXPECT_EQ(station.arrivals.size() + lost, bursts * burst.size());
    EXPECT_EQ(station.link().counters().lost, lost);
}

TEST_P(RawLinkOn, ALongRunAllocatesNothingPerSegment) {
    auto runtime = Runtime::create().value();
    const auto link = RawLink::open(runtime, between(near(), near())).value();
    std::size_t seen = 0;
    link->on_arrivals([&seen](std::span<const Arrival> batch) { seen += batch.size(); });
    Datagram datagram;
    datagram.ip.source = datagram.ip.destination = near();
    datagram.segment = segment(rst);
    std::swap(datagram.segment.source, datagram.segment.destination);  // to ourselves
    const auto octets = serialize(datagram);
    const Outgoing packet{octets, near(), 1};
    const auto round = [&](std::size_t wanted) {
        ASSERT_TRUE(link->transmit(std::span{&packet, 1}));
        while (seen < wanted) {
            runtime.run_for(1ms);
        }
    };
    for (std::size_t i = 1; i <= 50; ++i) {
        round(i);
    }
    const std::size_t before = allocation_count();
    for (std::size_t i = 51; i <= 250; ++i) {
        round(i);
    }
    EXPECT_EQ(allocation_count(), before);
}

TEST_P(RawLinkOn, AFilteredHostSaysThatNetfilterDroppedIt) {
    TwoHosts::shell(iptables() + "-A OUTPUT -p tcp --dport 8080 -j DROP");
    Station station{between(near(), far())};
    const auto sent = station.send(near(), far(), segment(syn));
    ASSERT_FALSE(sent);
    EXPECT_THAT(sent.error().message(), ::testing::HasSubstr("netfilter dropped it"));
    // The kernel's numbering of stamps and ours still agree afterwards.
    TwoHosts::shell(iptables() + "-F OUTPUT");
    ASSERT_TRUE(station.send(near(), far(), segment(syn), 7));
    ASSERT_EQ(station.sent.size(), 1U);
    EXPECT_EQ(station.sent.front().token, 7U);
    EXPECT_TRUE(station.sent.front().kernel_timestamp);
}

TEST_P(RawLinkOn, AnAnyAddressScopeSeesArrivalsForThisHostOnly) {
    // The far host connects to us; then we are asked to forward what is not ours.
    Station station{{{CaptureScope{{Address::unspecified(GetParam()), ours}, {}, {}}}, {}}};
    const bool v4 = GetParam() == Family::v4;
    const std::string net = v4 ? "10.79.0.0/24" : "fd79::/64";
    hosts.far_shell(std::string{v4 ? "ip" : "ip -6"} + " route add " + net + " via " +
                    near().text());
    hosts.far_shell("timeout 0.3 bash -c ': </dev/tcp/" +
                    std::string{v4 ? "10.79.0.9" : "fd79::9"} +
                    "/40000' 2>/dev/null; timeout 0.3 bash -c ': </dev/tcp/" + near().text() +
                    "/40000' 2>/dev/null; true");
    ASSERT_TRUE(station.until([&] { return !station.arrivals.empty(); }));
    station.until([] { return false; }, 100ms);
    for (const Seen& seen : station.arrivals) {
        EXPECT_EQ(seen.datagram.ip.destination, near());
        EXPECT_EQ(seen.datagram.segment.flags.without(Flag::ece).without(Flag::cwr), syn);
    }
}

TEST_P(RawLinkOn, AFragmentingSenderIsNotMistakenForASegment) {
    Station station{between(near(), far())};
    const auto sent = station.send(near(), far(), [] {
        static const std::vector<std::byte> much(2000);
        Segment made = segment(Flags{Flag::ack});
        made.payload = much;
        return made;
    }());
    ASSERT_FALSE(sent);
    EXPECT_THAT(sent.error().message(), ::testing::HasSubstr("exceed the MTU"));
}

TEST_P(RawLinkOn, AWakefulLinkIsAtRestAfterItsTime) {
    listen_far();
    hush_kernel();
    RawLinkOptions options = between(near(), far());
    options.wakeful = 5ms;
    Station station{options};
    ASSERT_TRUE(station.send(near(), far(), segment(syn)));
    ASSERT_TRUE(station.until([&] { return !station.arrivals.empty(); }));
    const auto before = processor_time();
    station.until([] { return false; }, 400ms);
    EXPECT_LT(processor_time() - before, 200ms) << "of 400 ms in which nothing happened";
}

INSTANTIATE_TEST_SUITE_P(Both, RawLinkOn, ::testing::Values(Family::v4, Family::v6), family_name);

}  // namespace
}  // namespace tcpcraft::test
