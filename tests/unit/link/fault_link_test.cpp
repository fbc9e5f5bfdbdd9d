#include <algorithm>
#include <chrono>
#include <map>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <libtcpcraft/link/fault_link.hpp>
#include <libtcpcraft/wire/codec.hpp>
#include <libtcpcraft/wire/text.hpp>

namespace tcpcraft {
namespace {

using namespace std::chrono_literals;

class ManualAlarm : public Alarm {
public:
    [[nodiscard]] Instant now() const override { return now_; }
    AlarmId call_at(Instant when, std::function<void()> wake) override {
        calls_.emplace(std::pair{when, ++last_}, std::move(wake));
        return AlarmId{last_};
    }
    void cancel(AlarmId id) override {
        std::erase_if(calls_, [id](const auto& c) { return AlarmId{c.first.second} == id; });
    }
    void advance(Duration by) {
        const Instant end = now_ + by;
        while (!calls_.empty() && calls_.begin()->first.first <= end) {
            auto call = calls_.extract(calls_.begin());
            now_ = call.key().first;
            call.mapped()();
        }
        now_ = end;
    }
    [[nodiscard]] bool idle() const { return calls_.empty(); }

private:
    Instant now_{};
    std::uint64_t last_{0};
    std::map<std::pair<Instant, std::uint64_t>, std::function<void()>> calls_{};
};

std::vector<std::byte> copy(std::span<const std::byte> octets) {
    return {octets.begin(), octets.end()};
}

class FakeLink : public Link {
public:
    Expected<void> transmit(std::span<const Outgoing> packets) override {
        spans.push_back(packets.size());
        for (const Outgoing& packet : packets) {
            if (broken) {
                return failure({}, "the cable is out");
            }
            sent.push_back(copy(packet.octets));
            if (on_sent_) {
                on_sent_({packet.token, {}, true});
            }
        }
        return {};
    }
    void on_arrivals(std::function<void(std::span<const Arrival>)> handler) override {
        arrive = std::move(handler);
    }
    void on_sent(std::function<void(const Sent&)> handler) override {
        on_sent_ = std::move(handler);
    }
    void on_icmp(std::function<void(const IcmpError&)>) override {}

    bool broken{false};
    std::vector<std::size_t> spans{};  ///< how many packets each call brought
    std::vector<std::vector<std::byte>> sent{};
    std::function<void(std::span<const Arrival>)> arrive{};
    std::function<void(const Sent&)> on_sent_{};
};

std::vector<std::byte> packet(const char* flags, std::uint32_t seq, std::size_t payload = 0,
                              Family family = Family::v4) {
    const std::vector<std::byte> data(payload, std::byte{'x'});
    Datagram made;
    made.ip.source = Address::read(family == Family::v4 ? "192.0.2.1" : "2001:db8::1").value();
    made.ip.destination = Address::read(family == Family::v4 ? "192.0.2.2" : "2001:db8::2").value();
    made.segment.source = Port{40000};
    made.segment.destination = Port{80};
    made.segment.seq = Seq{seq};
    made.segment.flags = read_flags(flags).value();
    made.segment.payload = data;
    return serialize(made);
}

/// "S0 .1": control bits and sequence number of each.
std::string story(const std::vector<std::vector<std::byte>>& packets) {
    std::string told;
    for (const auto& octets : packets) {
        const auto parsed = parse(octets);
        told += (told.empty() ? "" : " ") + flags_text(parsed->segment.flags) +
                std::to_string(parsed->segment.seq.raw());
    }
    return told;
}

class Faults : public ::testing::Test {
protected:
    void obey(std::initializer_list<const char*> rules, std::uint64_t seed = 1) {
        std::vector<FaultRule> read;
        for (const char* text : rules) {
            read.push_back(read_fault_rule(text).value());
        }
        link.reset();
        link = std::make_unique<FaultLink>(inner, alarm, read, seed);
        link->on_arrivals([this](std::span<const Arrival> batch) {
            for (const Arrival& arrival : batch) {
                arrived.push_back(copy(arrival.octets));
                last = arrival;
            }
        });
        link->on_fault([this](const FaultReport& report) { faults.push_back(report); });
    }
    Expected<void> send(const std::vector<std::byte>& octets, std::uint64_t token = 0) {
        const Outgoing ours{octets, Address::read("192.0.2.2").value(), token};
        return link->transmit(std::span{&ours, 1});
    }
    void send_all(std::initializer_list<std::vector<std::byte>> packets) {
        for (const auto& octets : packets) {
            ASSERT_TRUE(send(octets));
        }
    }
    void arrive(const std::vector<std::byte>& octets, bool ready = true) {
        Arrival arrival;
        arrival.octets = octets;
        arrival.at = alarm.now();
        arrival.kernel_timestamp = true;
        arrival.checksum_ready = ready;
        inner.arrive(std::span{&arrival, 1});
    }

    ManualAlarm alarm{};
    FakeLink inner{};
    std::unique_ptr<FaultLink> link{};
    std::vector<std::vector<std::byte>> arrived{};
    std::vector<FaultReport> faults{};
    Arrival last{};
};

TEST_F(Faults, WithoutRulesNothingHappens) {
    obey({});
    send_all({packet("S", 0), packet(".", 1)});
    arrive(packet("S.", 0));
    EXPECT_EQ(story(inner.sent), "S0 .1");
    EXPECT_EQ(story(arrived), "S.0");
    EXPECT_TRUE(last.kernel_timestamp);
    EXPECT_TRUE(faults.empty());
}

TEST_F(Faults, WhatNothingIsDoneToStaysTogether) {
    obey({"drop in S #1", "drop out F #1"});
    const std::vector<std::vector<std::byte>> octets{packet(".", 0), packet(".", 1),
                                                     packet("F", 2), packet(".", 3),
                                                     packet(".", 4), packet("F", 5)};
    std::vector<Outgoing> span;
    for (const auto& one : octets) {
        span.push_back({one, Address::read("192.0.2.2").value(), 0});
    }
    ASSERT_TRUE(link->transmit(span));
    EXPECT_EQ(story(inner.sent), ".0 .1 .3 .4 F5");
    EXPECT_EQ(inner.spans, (std::vector<std::size_t>{2, 3}));

    std::vector<std::size_t> batches;
    link->on_arrivals([&](std::span<const Arrival> batch) { batches.push_back(batch.size()); });
    std::vector<Arrival> arrivals;
    const auto lost = packet("S", 9);
    for (const auto* one : {&octets[0], &lost, &octets[1], &octets[3], &octets[4]}) {
        arrivals.emplace_back().octets = *one;
    }
    inner.arrive(arrivals);
    EXPECT_EQ(batches, (std::vector<std::size_t>{1, 3}));
}

TEST_F(Faults, DropTakesTheNthOfItsKindOnly) {
    obey({"drop out S #2"});
    send_all({packet("S", 0), packet(".", 1), packet("S", 2), packet("S", 3)});
    EXPECT_EQ(story(inner.sent), "S0 .1 S3");
    ASSERT_EQ(faults.size(), 1U);
    EXPECT_EQ(faults[0].kind, FaultKind::drop);
}

TEST_F(Faults, FlagsMustBeAllThatTheSegmentHas) {
    obey({"drop in S #*"});
    arrive(packet("S.", 0));
    arrive(packet("S", 1));
    EXPECT_EQ(story(arrived), "S.0");
}

TEST_F(Faults, OpenRangesLastForEver) {
    obey({"drop out #2+"});
    send_all({packet("S", 0), packet("S", 1), packet("S", 2), packet("S", 3)});
    EXPECT_EQ(story(inner.sent), "S0");
}

TEST_F(Faults, RulesCountWhatOthersTake) {
    obey({"drop out S #1", "drop out #2"});
    send_all({packet("S", 0), packet("S", 1), packet("S", 2)});
    EXPECT_EQ(story(inner.sent), "S2");
}

TEST_F(Faults, DelayedOnesComeLater) {
    obey({"delay=300ms in S.", "delay=100ms out S"});
    send_all({packet("S", 0), packet(".", 1)});
    arrive(packet("S.", 0));
    EXPECT_EQ(story(inner.sent), ".1");
    alarm.advance(100ms);
    EXPECT_EQ(story(inner.sent), ".1 S0");
    alarm.advance(199ms);
    EXPECT_EQ(story(arrived), "");
    alarm.advance(1ms);
    EXPECT_EQ(story(arrived), "S.0");
    EXPECT_EQ(last.at, Instant{300ms});
    EXPECT_FALSE(last.kernel_timestamp);
}

TEST_F(Faults, DoubledOnesAreToldOfTwice) {
    obey({"duplicate out S", "duplicate in S."});
    std::vector<std::uint64_t> tokens;
    link->on_sent([&](const Sent& sent) { tokens.push_back(sent.token); });
    ASSERT_TRUE(send(packet("S", 0), 7));
    arrive(packet("S.", 0));
    EXPECT_EQ(story(inner.sent), "S0 S0");
    EXPECT_EQ(tokens, (std::vector<std::uint64_t>{7, 7}));
    EXPECT_EQ(story(arrived), "S.0 S.0");
}

TEST_F(Faults, ReorderedOnesAreOvertakenByTheNextOfTheirDirection) {
    obey({"reorder out S"});
    send_all({packet("S", 0)});
    arrive(packet("S.", 9));
    EXPECT_EQ(story(inner.sent), "");
    send_all({packet(".", 1), packet(".", 2)});
    EXPECT_EQ(story(inner.sent), ".1 S0 .2");
    EXPECT_TRUE(alarm.idle());
}

TEST_F(Faults, ReorderedOnesDoNotWaitForEver) {
    obey({"reorder out S", "reorder=50ms out ."});
    send_all({packet("S", 0)});
    alarm.advance(199ms);
    EXPECT_EQ(story(inner.sent), "");
    alarm.advance(1ms);
    EXPECT_EQ(story(inner.sent), "S0");
    send_all({packet(".", 1)});
    alarm.advance(50ms);
    EXPECT_EQ(story(inner.sent), "S0 .1");
}

TEST_F(Faults, CorruptedOnesDifferInOneBitAndNotInPortsOrFlags) {
    for (const Family family : {Family::v4, Family::v6}) {
        for (std::uint64_t seed = 0; seed < 500; ++seed) {
            obey({"corrupt out #*"}, seed);
            inner.sent.clear();
            const auto before = packet("P.", 5, seed % 40, family);
            ASSERT_TRUE(send(before));
            const auto& after = inner.sent.at(0);
            int bits = 0;
            for (std::size_t i = 0; i < before.size(); ++i) {
                bits += __builtin_popcount(std::to_integer<unsigned>(before[i] ^ after[i]));
            }
            EXPECT_EQ(bits, 1);
            const auto parsed = parse(after);
            ASSERT_TRUE(parsed);
            EXPECT_EQ(parsed->checksum, Checksum::bad);
            EXPECT_EQ(parsed->segment.source, Port{40000});
            EXPECT_EQ(flags_text(parsed->segment.flags), "P.");
        }
    }
}

TEST_F(Faults, CorruptionShowsThoughTheChecksumWasLeftToOffload) {
    obey({"corrupt in"});
    auto octets = packet("P.", 5, 10);
    const auto parsed = parse(octets);
    // What the kernel leaves there: the folded pseudo-header sum.
    const auto sum = pseudo_header_sum(parsed->ip.source, parsed->ip.destination, 30);
    octets[36] = static_cast<std::byte>(sum >> 8U);
    octets[37] = static_cast<std::byte>(sum & 0xffU);
    arrive(octets, false);
    EXPECT_TRUE(last.checksum_ready);
    EXPECT_EQ(parse(arrived.at(0), last.checksum_ready)->checksum, Checksum::bad);
}

TEST_F(Faults, TheSameSeedFlipsTheSameBit) {
    obey({"corrupt out #*"}, 42);
    send_all({packet("P.", 5, 10)});
    obey({"corrupt out #*"}, 42);
    send_all({packet("P.", 5, 10)});
    obey({"corrupt out #*"}, 43);
    send_all({packet("P.", 5, 10)});
    EXPECT_EQ(inner.sent[0], inner.sent[1]);
    EXPECT_NE(inner.sent[0], inner.sent[2]);
}

TEST_F(Faults, ALateErrorComesWithTheNextCall) {
    obey({"delay=10ms out S"});
    send_all({packet("S", 0)});
    inner.broken = true;
    alarm.advance(10ms);
    inner.broken = false;
    const auto sent = send(packet(".", 1));
    ASSERT_FALSE(sent);
    EXPECT_EQ(sent.error().message(), "the cable is out");
    EXPECT_TRUE(send(packet(".", 1)));
}

TEST_F(Faults, NothingIsLeftBehindWhenTheLinkEnds) {
    obey({"delay=10ms out S"});
    send_all({packet("S", 0)});
    link.reset();
    EXPECT_TRUE(alarm.idle());
}

}  // namespace
}  // namespace tcpcraft
