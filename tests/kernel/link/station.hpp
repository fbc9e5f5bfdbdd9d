#pragma once

#include <algorithm>
#include <chrono>
#include <ctime>
#include <functional>
#include <memory>
#include <vector>

#include <gtest/gtest.h>
#include <tests/kernel/link/two_hosts.hpp>

#include <libtcpcraft/link/raw/raw_link.hpp>
#include <libtcpcraft/wire/codec.hpp>

namespace tcpcraft::test {

/// What a station has seen.
struct Seen {
    Datagram datagram{};
    Instant at{};
    bool kernel_timestamp{false};
    std::uint32_t interface_index{0};
};

/// A link with everything that it reported.
template <typename LinkKind>
class StationOf {
public:
    explicit StationOf(const RawLinkOptions& options)
        : runtime_{Runtime::create().value()}, link_{LinkKind::open(runtime_, options).value()} {
        link_->on_arrivals([this](std::span<const Arrival> batch) {
            std::ranges::for_each(batch, [this](const Arrival& a) { arrived(a); });
        });
        link_->on_sent([this](const Sent& s) { sent.push_back(s); });
        link_->on_icmp([this](const IcmpError& e) { errors.push_back(e); });
    }

    Expected<void> send(const Address& from, const Address& to, const Segment& segment,
                        std::uint64_t token = 1) {
        Datagram datagram;
        datagram.ip.source = from;
        datagram.ip.destination = to;
        datagram.segment = segment;
        const auto octets = serialize(datagram);
        const Outgoing packet{octets, to, token};
        return link_->transmit(std::span{&packet, 1});
    }

    /// Runs the loop until `done`, or says that it did not come to that.
    bool until(const std::function<bool()>& done, Duration limit = std::chrono::seconds{10}) {
        const Instant deadline = runtime_.alarm().now() + limit;
        while (!done() && runtime_.alarm().now() < deadline) {
            runtime_.run_for(std::chrono::milliseconds{5});
        }
        return done();
    }

    LinkKind& link() { return *link_; }
    Runtime& runtime() { return runtime_; }

    std::vector<Seen> arrivals{};
    std::vector<Sent> sent{};
    std::vector<IcmpError> errors{};

private:
    void arrived(const Arrival& arrival) {
        auto parsed = parse(arrival.octets, arrival.checksum_ready);
        ASSERT_TRUE(parsed) << parsed.error().sentence();
        parsed->segment.payload = {};
        parsed->ip.extension = {};
        arrivals.push_back(
            {*parsed, arrival.at, arrival.kernel_timestamp, arrival.interface_index});
    }

    Runtime runtime_;
    std::unique_ptr<LinkKind> link_;
};

using Station = StationOf<RawLink>;

/// What this process has taken of the processors.
inline Duration processor_time() {
    timespec time{};
    ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return std::chrono::duration_cast<Duration>(std::chrono::seconds{time.tv_sec} +
                                                std::chrono::nanoseconds{time.tv_nsec});
}

inline constexpr Port ours{40000};
inline constexpr Port theirs{8080};

inline Segment segment(Flags flags, std::uint32_t seq = 1000, std::uint32_t ack = 0) {
    Segment made;
    made.source = ours;
    made.destination = theirs;
    made.seq = Seq{seq};
    made.ack = Seq{ack};
    made.flags = flags;
    made.wnd = 65535;
    return made;
}

inline constexpr Flags syn{Flag::syn};
inline constexpr Flags syn_ack{Flag::syn, Flag::ack};
inline constexpr Flags rst{Flag::rst};

inline RawLinkOptions between(const Address& near, const Address& far) {
    return {{CaptureScope{{near, ours}, {}, Endpoint{far, theirs}}}, {}};
}

/// On a host with another beside it, if this machine lets us have two.
class OnAHost : public ::testing::TestWithParam<Family> {
protected:
    void SetUp() override {
        if (!hosts.missing().empty()) {
            GTEST_SKIP() << hosts.missing();
        }
    }
    [[nodiscard]] Address near() const { return TwoHosts::near(GetParam()); }
    [[nodiscard]] Address far() const { return TwoHosts::far(GetParam()); }
    /// A kernel listener in the far host, which lives as long as the test.
    void listen_far() {
        hosts.in_far([this] { listener = std::make_unique<Listener>(Endpoint{far(), theirs}); });
    }
    [[nodiscard]] std::string iptables() const {
        return GetParam() == Family::v4 ? "iptables -w 5 " : "ip6tables -w 5 ";
    }
    void hush_kernel() const {
        TwoHosts::shell(iptables() +
                        "-t raw -I OUTPUT -p tcp --tcp-flags RST RST -m owner ! "
                        "--uid-owner 0 -j DROP");
    }

    TwoHosts hosts{};
    std::unique_ptr<Listener> listener{};
};

inline std::string family_name(const ::testing::TestParamInfo<Family>& info) {
    return info.param == Family::v4 ? "IPv4" : "IPv6";
}

}  // namespace tcpcraft::test
