// A fleet of handshakes on a link that works in batches.
#include <algorithm>
#include <set>

#include <gtest/gtest.h>
#include <tests/support/allocation_count.hpp>
#include <tests/support/simulated_run.hpp>

#include <libtcpcraft/drive/handshake_fleet.hpp>

namespace tcpcraft {
namespace {

using namespace std::chrono_literals;
using test::test_address;

/// Answers each SYN with SYN,ACK in one batch when it is told to; takes no memory for it.
class Mirror final : public Link, public Alarm {
public:
    Expected<void> transmit(std::span<const Outgoing> packets) override {
        ++batches;
        for (const Outgoing& packet : packets) {
            if (sent++; fails.contains(sent)) {
                return failure({EPERM, std::system_category()}, "send");
            }
            const auto parsed = parse(packet.octets);
            if (parsed->segment.has(Flag::syn)) {
                answer(*parsed);
            }
        }
        return {};
    }
    void on_arrivals(std::function<void(std::span<const Arrival>)> handler) override {
        arrivals_ = std::move(handler);
    }
    void on_sent(std::function<void(const Sent&)> /*handler*/) override {}
    void on_icmp(std::function<void(const IcmpError&)> handler) override {
        icmp = std::move(handler);
    }

    [[nodiscard]] Instant now() const override { return now_; }
    AlarmId call_at(Instant when, std::function<void()> wake) override {
        wake_ = std::move(wake);
        wake_at_ = when;
        return AlarmId{1};
    }
    void cancel(AlarmId /*id*/) override { wake_at_ = never; }

    /// One round trip.
    void turn() {
        now_ += 100us;
        if (wake_at_ <= now_) {
            wake_at_ = never;
            const auto wake = std::move(wake_);
            wake();
        }
        const std::size_t ready = answers_;
        for (std::size_t i = 0; i < ready; ++i) {
            arrived_[i] = {.octets = std::span{octets_[i]}.first(sizes_[i]), .at = now_};
        }
        answers_ = 0;
        std::swap(octets_, given_);
        if (ready != 0) {
            arrivals_(std::span{arrived_}.first(ready));
        }
    }

    std::size_t batches{0};
    std::size_t sent{0};
    std::set<std::size_t> fails{};  ///< which packets, from 1
    std::function<void(const IcmpError&)> icmp{};

private:
    void answer(const Datagram& syn) {
        Datagram made{.ip = {.source = syn.ip.destination, .destination = syn.ip.source}};
        made.segment = {.source = syn.segment.destination,
                        .destination = syn.segment.source,
                        .seq = Seq{5000},
                        .ack = syn.segment.seq + 1,
                        .flags = {Flag::syn, Flag::ack},
                        .wnd = 1000};
        sizes_[answers_] = serialize_into(octets_[answers_], made).size();
        ++answers_;
    }

    static constexpr std::size_t most = 1024;
    Instant now_{};
    Instant wake_at_{never};
    std::function<void()> wake_{};
    std::size_t answers_{0};
    std::vector<std::array<std::byte, 100>> octets_ = std::vector<std::array<std::byte, 100>>(most);
    std::vector<std::array<std::byte, 100>> given_ = std::vector<std::array<std::byte, 100>>(most);
    std::vector<std::size_t> sizes_ = std::vector<std::size_t>(most);
    std::vector<Arrival> arrived_ = std::vector<Arrival>(most);
    std::function<void(std::span<const Arrival>)> arrivals_{};
};

class FleetInBatches : public testing::TestWithParam<Family> {
protected:
    FleetInBatches() {
        setup.policies.resize(1);
        setup.policies[0].syn_options = {MaximumSegmentSize{1460}, SackPermitted{}, Timestamps{}};
        setup.then = Then::reset;
        setup.rate = 1e6;
        setup.in_flight = 64;
    }
    void start(std::uint64_t many) {
        fleet.emplace(around, setup);
        fleet->on_report([this](const HandshakeReport& report) {
            ++reports;
            if (report.outcome == HandshakeOutcome::unsent) {
                EXPECT_NE(report.why.find("send"), std::string_view::npos);
                unsent.insert(report.number);
            }
        });
        fleet->start([this, many, next = std::uint64_t{0}]() mutable {
            const auto port = static_cast<std::uint16_t>(1024 + next % 60000);
            return next == many
                       ? std::nullopt
                       : std::optional{HandshakeOrder{next++, {{here, Port{port}}, there}, 0}};
        });
    }

    Address here{test_address(GetParam(), std::byte{1})};
    Endpoint there{test_address(GetParam(), std::byte{2}), Port{80}};
    HandshakeFleetSetup setup{};
    Mirror mirror{};
    test::KeepingSink sink{};
    Surroundings around{.link = mirror, .alarm = mirror, .trace = sink};
    std::optional<HandshakeFleet> fleet{};
    std::size_t reports{0};
    std::set<std::uint64_t> unsent{};
};

INSTANTIATE_TEST_SUITE_P(Families, FleetInBatches, testing::Values(Family::v4, Family::v6),
                         [](const auto& family) {
                             return family.param == Family::v4 ? "v4" : "v6";
                         });

TEST_P(FleetInBatches, TakesNoMemoryInSteadyState) {
    setup.policies[0].rto.initial = 10ms;
    start(1'000'000);
    for (int i = 0; i < 300; ++i) {  // past the first SYN's retransmission time
        mirror.turn();
    }
    const std::size_t already = reports;
    const std::size_t before = test::allocation_count();
    for (int i = 0; i < 300; ++i) {
        mirror.turn();
    }
    EXPECT_EQ(test::allocation_count(), before);
    EXPECT_GT(reports, already + 10'000);
}

TEST_P(FleetInBatches, SendsInBatches) {
    start(6400);
    while (!fleet->finished()) {
        mirror.turn();
    }
    EXPECT_EQ(fleet->counts()[HandshakeOutcome::established], 6400U);
    EXPECT_EQ(mirror.sent, 3 * 6400U);
    EXPECT_LT(mirror.batches, 400U) << "a span of arrivals leads to one or two of packets";
}

// With the others nothing happens.
TEST_P(FleetInBatches, KnowsWhatCouldNotBeSent) {
    setup.batch = 1;
    mirror.fails = {1, 7, 8, 64};
    setup.rate = 1000;
    start(64);
    for (int i = 0; i < 1000; ++i) {
        mirror.turn();
    }
    EXPECT_TRUE(fleet->finished());
    EXPECT_EQ(fleet->counts().unsent, 4U);
    EXPECT_FALSE(unsent.empty());
    EXPECT_EQ(fleet->counts()[HandshakeOutcome::unsent], unsent.size());
    EXPECT_EQ(fleet->counts()[HandshakeOutcome::established], 64 - unsent.size());
    EXPECT_TRUE(unsent.contains(0));
}

// RFC 9293 §3.9.2.2, RFC 5927 §4.1
TEST_P(FleetInBatches, HeedsIcmpErrorsAboutItsSyns) {
    setup.in_flight = 1;
    std::optional<HandshakeReport> last;
    start(1);
    fleet->on_report([&last](const HandshakeReport& report) { last = report; });
    IcmpError error{.id = {{here, Port{1024}}, there}, .seq = 12345, .text = "unreachable"};
    mirror.icmp(error);
    EXPECT_FALSE(last) << "about nothing that was sent";
    error.seq.reset();
    mirror.icmp(error);
    ASSERT_TRUE(last);
    EXPECT_EQ(last->outcome, HandshakeOutcome::icmp);
    mirror.turn();
    EXPECT_TRUE(fleet->finished());
    EXPECT_EQ(result_of(HandshakeReport{.outcome = HandshakeOutcome::unreachable}).exit_status, 3);
}

}  // namespace
}  // namespace tcpcraft
