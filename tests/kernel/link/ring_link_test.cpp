#include <array>
#include <chrono>
#include <numeric>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <tests/kernel/link/station.hpp>
#include <tests/support/allocation_count.hpp>

#include <libtcpcraft/guard/rst_guard.hpp>
#include <libtcpcraft/link/raw/ring_link.hpp>

namespace tcpcraft::test {
namespace {

using namespace std::chrono_literals;

using RingStation = StationOf<RingLink>;

std::vector<std::byte> packet(const Address& from, const Address& to, const Segment& segment) {
    Datagram datagram;
    datagram.ip.source = from;
    datagram.ip.destination = to;
    datagram.segment = segment;
    return serialize(datagram);
}

/// Packets of RST, which no kernel answers, numbered from 0 by their sequence number.
class Numbered {
public:
    Numbered(const Address& from, const Address& to, std::size_t count) {
        octets_.reserve(count);
        for (std::size_t i = 0; i < count; ++i) {
            octets_.push_back(packet(from, to, segment(rst, static_cast<std::uint32_t>(i))));
            packets_.push_back({octets_.back(), to, i});
        }
    }
    [[nodiscard]] std::span<const Outgoing> all() const { return packets_; }

private:
    std::vector<std::vector<std::byte>> octets_{};
    std::vector<Outgoing> packets_{};
};

template <typename Kind>
std::vector<std::uint32_t> numbers(const StationOf<Kind>& station) {
    std::vector<std::uint32_t> seen;
    for (const Seen& one : station.arrivals) {
        seen.push_back(one.datagram.segment.seq.raw());
    }
    return seen;
}

class RingLinkOn : public OnAHost {
protected:
    /// Hears, in the far host, what the near one sends. Has sent once: what a link opens to send is
    /// then open, in the right host.
    std::unique_ptr<RingStation> far_station() {
        std::unique_ptr<RingStation> made;
        hosts.in_far([&] {
            const RawLinkOptions options{
                {CaptureScope{{far(), theirs}, {}, Endpoint{near(), ours}}}, {}};
            made = std::make_unique<RingStation>(options);
            const auto octets = packet(far(), near(), segment(rst));
            const Outgoing first{octets, near(), 1};
            ASSERT_TRUE(made->link().transmit(std::span{&first, 1}));
        });
        return made;
    }
};

TEST_P(RingLinkOn, AVethPairSeesEachOfTenThousandOnceInOrder) {
    constexpr std::size_t count = 10'000;
    const auto listening = far_station();
    RingStation station{between(near(), far())};
    const Numbered numbered{near(), far(), count};
    for (std::size_t at = 0; at < count; at += 250) {
        ASSERT_TRUE(station.link().transmit(numbered.all().subspan(at, 250)));
    }
    ASSERT_TRUE(listening->until([&] { return listening->arrivals.size() >= count; }));
    EXPECT_FALSE(listening->until([&] { return listening->arrivals.size() > count; }, 100ms));
    std::vector<std::uint32_t> wanted(count);
    std::iota(wanted.begin(), wanted.end(), 0U);
    EXPECT_EQ(numbers(*listening), wanted);
    EXPECT_EQ(listening->link().counters().lost, 0U);
    EXPECT_EQ(station.link().counters().escaped_resets, 0U) << "they were ours";
    EXPECT_EQ(station.sent.size(), count);
    EXPECT_TRUE(station.errors.empty());
}

TEST_P(RingLinkOn, AVethPairSeesTheSynAckOnceAndUnchecked) {
    listen_far();
    hush_kernel();
    RingStation station{between(near(), far())};
    ASSERT_TRUE(station.send(near(), far(), segment(syn)));
    ASSERT_TRUE(station.until([&] { return !station.arrivals.empty(); }));
    EXPECT_EQ(station.arrivals.front().datagram.segment.flags, syn_ack);
    EXPECT_EQ(station.arrivals.front().datagram.checksum, Checksum::offloaded);
    EXPECT_TRUE(station.arrivals.front().kernel_timestamp);
    EXPECT_LE(station.sent.front().at, station.arrivals.front().at);
    EXPECT_FALSE(station.until([&] { return station.arrivals.size() > 1; }, 300ms));
    EXPECT_EQ(station.link().counters().escaped_resets, 0U);
}

TEST_P(RingLinkOn, AHostWithoutGuardCountsTheKernelsResetButNotOurs) {
    listen_far();
    RingStation station{between(near(), far())};
    ASSERT_TRUE(station.send(near(), far(), segment(syn)));
    ASSERT_TRUE(station.until([&] { return station.link().counters().escaped_resets != 0; }));
    Segment reset = segment(rst, 1001);
    reset.wnd = 0;
    ASSERT_TRUE(station.send(near(), far(), reset));
    station.until([] { return false; }, 200ms);
    EXPECT_EQ(station.link().counters().escaped_resets, 1U);
}

TEST_P(RingLinkOn, AGuardOfArrivalsLeavesTheKernelNothingToAnswer) {
    listen_far();
    GuardRequest request;
    request.local = near();
    request.first = ours;
    request.side = RuleSide::arrivals;
    const auto guard = RstGuard::raise(request);
    ASSERT_TRUE(guard) << guard.error().message();
    RingStation station{between(near(), far())};
    ASSERT_TRUE(station.send(near(), far(), segment(syn)));
    ASSERT_TRUE(station.until([&] { return !station.arrivals.empty(); }));
    EXPECT_EQ(station.arrivals.front().datagram.segment.flags, syn_ack);
    station.until([] { return false; }, 100ms);
    EXPECT_EQ(station.link().counters().escaped_resets, 0U);
    EXPECT_EQ((*guard)->dropped(), 1U);
    ASSERT_TRUE((*guard)->lower());
    TwoHosts::shell("! " + iptables() + "-t raw -S | grep -q tcpcraft");
}

TEST_P(RingLinkOn, LoopbackSeesEachSegmentOnce) {
    const Address self = GetParam() == Family::v4 ? Address::read("127.0.0.1").value()
                                                  : Address::read("::1").value();
    const Listener local{{self, theirs}};
    hush_kernel();
    RingStation station{between(self, self)};
    ASSERT_TRUE(station.send(self, self, segment(syn)));
    ASSERT_TRUE(station.until([&] { return !station.arrivals.empty(); }));
    EXPECT_EQ(station.arrivals.front().datagram.segment.flags, syn_ack);
    EXPECT_FALSE(station.until([&] { return station.arrivals.size() > 1; }, 300ms));
}

TEST_P(RingLinkOn, ALongPacketComesWhole) {
    Segment much = segment(rst);
    const std::vector<std::byte> payload(20'000, std::byte{'x'});
    much.payload = payload;
    std::swap(much.source, much.destination);  // to ourselves, over lo
    RingStation station{between(near(), near())};
    std::vector<std::size_t> sizes;
    bool truncated = false;
    station.link().on_arrivals([&](std::span<const Arrival> batch) {
        for (const Arrival& arrival : batch) {
            const auto parsed = parse(arrival.octets, arrival.checksum_ready);
            truncated = truncated || arrival.truncated || !parsed ||
                        !std::ranges::equal(parsed->segment.payload, payload);
            sizes.push_back(arrival.octets.size());
        }
    });
    for (int i = 0; i < 10; ++i) {
        ASSERT_TRUE(station.send(near(), near(), much));
    }
    ASSERT_TRUE(station.until([&] { return sizes.size() == 10; }));
    EXPECT_FALSE(truncated);
}

TEST_P(RingLinkOn, AnInterfaceThatWentDownLeavesTheLoopAtRest) {
    RawLinkOptions options = between(near(), far());
    options.interface = "c0";
    RingStation station{options};
    TwoHosts::shell("ip link set c0 down");
    const auto before = processor_time();
    station.until([] { return false; }, 400ms);
    const auto taken = processor_time() - before;
    TwoHosts::shell("ip link set c0 up");
    EXPECT_LT(taken, 200ms) << "of 400 ms in which nothing happened";
}

TEST_P(RingLinkOn, AFloodSaysHowManyWereLost) {
    constexpr std::size_t bursts = 400;
    const Numbered numbered{near(), far(), 100};
    const auto listening = far_station();
    RingStation station{between(near(), far())};
    for (std::size_t i = 0; i < bursts; ++i) {
        ASSERT_TRUE(station.link().transmit(numbered.all()));
    }
    const std::uint64_t lost = listening->link().counters().lost;
    EXPECT_GT(lost, 0U);
    listening->until([&] { return listening->arrivals.size() + lost >= bursts * 100; });
    EXPECT_EQ(listening->arrivals.size() + lost, bursts * 100);
}

TEST_P(RingLinkOn, AnEmptyLinkHearsOfEachPacketForAMissingNeighbour) {
    const Address nobody =
        Address::read(GetParam() == Family::v4 ? "10.78.0.99" : "fd78::99").value();
    const Numbered numbered{near(), nobody, 5};
    RingStation station{between(near(), nobody)};
    ASSERT_TRUE(station.link().transmit(numbered.all()));
    ASSERT_TRUE(station.until([&] { return station.errors.size() == 5; }, 20s));
    std::vector<std::uint32_t> told;
    for (const IcmpError& error : station.errors) {
        EXPECT_TRUE(error.local);
        EXPECT_FALSE(error.unsent) << "it was asked for";
        EXPECT_EQ(error.id.remote.address, nobody);
        EXPECT_THAT(error.text, ::testing::HasSubstr("nobody answers for " + nobody.text()));
        told.push_back(error.seq.value());
    }
    EXPECT_THAT(told, ::testing::UnorderedElementsAre(0U, 1U, 2U, 3U, 4U));
}

TEST_P(RingLinkOn, AnAddressWithoutARouteIsToldAsUnsentAmongOthers) {
    const Address nowhere =
        Address::read(GetParam() == Family::v4 ? "203.0.113.9" : "2001:db8::9").value();
    const auto listening = far_station();
    RingStation station{between(near(), far())};
    const auto lost = packet(near(), nowhere, segment(rst, 5));
    const auto heard = packet(near(), far(), segment(rst, 6));
    const std::array<Outgoing, 2> both{Outgoing{lost, nowhere, 1}, Outgoing{heard, far(), 2}};
    ASSERT_TRUE(station.link().transmit(both));
    ASSERT_TRUE(station.until([&] { return !station.errors.empty(); }));
    ASSERT_TRUE(listening->until([&] { return !listening->arrivals.empty(); }));
    EXPECT_EQ(numbers(*listening), std::vector{6U});
    ASSERT_EQ(station.errors.size(), 1U);
    EXPECT_TRUE(station.errors[0].local);
    EXPECT_TRUE(station.errors[0].unsent);
    EXPECT_EQ(station.errors[0].id.remote.address, nowhere);
    EXPECT_EQ(station.errors[0].seq, 5U);
}

TEST_P(RingLinkOn, ALateNeighbourGetsWhatWasHeldInOrder) {
    const bool v4 = GetParam() == Family::v4;
    TwoHosts::shell(std::string{v4 ? "ip" : "ip -6"} + " neigh flush dev c0");
    const auto listening = far_station();
    RingStation station{between(near(), far())};
    const Numbered numbered{near(), far(), 500};
    ASSERT_TRUE(station.link().transmit(numbered.all()));
    ASSERT_TRUE(station.until([&] {
        listening->until([] { return true; });
        listening->runtime().run_for(1ms);
        return listening->arrivals.size() == 500;
    }));
    std::vector<std::uint32_t> wanted(500);
    std::iota(wanted.begin(), wanted.end(), 0U);
    EXPECT_EQ(numbers(*listening), wanted);
}

TEST_P(RingLinkOn, AMovedNeighbourIsFollowed) {
    const auto listening = far_station();
    RingStation station{between(near(), far())};
    const auto arrives = [&](std::uint32_t seq) {
        listening->arrivals.clear();
        (void)station.send(near(), far(), segment(rst, seq));
        station.runtime().run_for(20ms);
        return listening->until([&] { return !listening->arrivals.empty(); }, 200ms);
    };
    ASSERT_TRUE(arrives(1) && arrives(2));
    const std::string replace =
        "ip neigh replace " + far().text() + " dev c0 nud permanent lladdr ";
    TwoHosts::shell(replace + "02:00:00:00:00:77");
    station.runtime().run_for(50ms);
    EXPECT_FALSE(arrives(3)) << "goes to somebody else";
    hosts.far_shell("ip link set s0 address 02:00:00:00:00:77");
    EXPECT_TRUE(arrives(4));
}

TEST_P(RingLinkOn, TheWireCarriesWhatRawLinkSends) {
    Segment full = segment(syn, 7);
    full.options = {MaximumSegmentSize{1460}, SackPermitted{}};
    std::vector<std::vector<std::byte>> packets{packet(near(), far(), full),
                                                packet(near(), far(), segment(rst, 8))};
    Datagram odd;
    odd.ip.source = near();
    odd.ip.destination = far();
    odd.ip.identification = 4711;
    odd.ip.dont_fragment = false;
    odd.ip.hop_limit = 3;
    odd.ip.traffic_class = 0xb8;
    odd.segment = segment(rst, 9);
    packets.push_back(serialize(odd));
    packets.push_back(packets.back());
    if (GetParam() == Family::v4) {
        packets.back()[2] = packets.back()[10] = std::byte{0x55};  // length and checksum
    }
    std::array<std::vector<std::vector<std::byte>>, 2> seen;
    const auto listening = far_station();
    std::size_t turn = 0;
    listening->link().on_arrivals([&](std::span<const Arrival> batch) {
        for (const Arrival& one : batch) {
            seen[turn].emplace_back(one.octets.begin(), one.octets.end());
        }
    });
    const auto send_by = [&](auto& station) {
        for (const auto& octets : packets) {
            const Outgoing one{octets, far(), 1};
            ASSERT_TRUE(station.link().transmit(std::span{&one, 1}));
            station.runtime().run_for(5ms);
        }
        ASSERT_TRUE(listening->until([&] { return seen[turn].size() == packets.size(); }));
    };
    Station raw{between(near(), far())};
    send_by(raw);
    turn = 1;
    RingStation ring{between(near(), far())};
    send_by(ring);
    EXPECT_EQ(seen[0], seen[1]);
}

TEST_P(RingLinkOn, ALongRunAllocatesNothingPerSegment) {
    const auto listening = far_station();
    auto runtime = Runtime::create().value();
    const auto link = RingLink::open(runtime, between(near(), far())).value();
    std::size_t heard = 0;
    std::size_t answered = 0;
    // Both ways at once: the far end answers each from within its batch.
    const auto forth = packet(near(), far(), segment(rst, 1));
    Segment back_segment = segment(rst, 2);
    std::swap(back_segment.source, back_segment.destination);
    const auto back = packet(far(), near(), back_segment);
    const Outgoing there{forth, far(), 1};
    const Outgoing here{back, near(), 2};
    listening->link().on_arrivals([&](std::span<const Arrival> batch) {
        heard += batch.size();
        for (std::size_t i = 0; i < batch.size(); ++i) {
            ASSERT_TRUE(listening->link().transmit(std::span{&here, 1}));
        }
    });
    listening->link().on_sent({});  // the station would write them down
    link->on_arrivals([&](std::span<const Arrival> batch) { answered += batch.size(); });
    const std::vector<Outgoing> burst(30, there);
    const auto round = [&](std::size_t wanted) {
        ASSERT_TRUE(link->transmit(burst));
        ASSERT_TRUE(link->transmit(std::span{&there, 1}));
        for (int i = 0; answered < wanted && i < 1000; ++i) {
            runtime.run_for(1ms);
            listening->runtime().run_for(1ms);
        }
        ASSERT_EQ(answered, wanted);
    };
    for (std::size_t i = 1; i <= 20; ++i) {
        round(i * 31);
    }
    const std::size_t before = allocation_count();
    for (std::size_t i = 21; i <= 60; ++i) {
        round(i * 31);
    }
    EXPECT_EQ(allocation_count(), before);
}

INSTANTIATE_TEST_SUITE_P(Both, RingLinkOn, ::testing::Values(Family::v4, Family::v6), family_name);

}  // namespace
}  // namespace tcpcraft::test
