#include <algorithm>

#include <gtest/gtest.h>
#include <tests/unit/play/played.hpp>

#include <libtcpcraft/wire/text.hpp>

namespace tcpcraft::test {

Played::Played(const std::string& script, Duration latency) : network_{{.latency = latency}} {
    auto read = read_script(script);
    EXPECT_TRUE(read.has_value()) << (read ? "" : read.error().text("script"));
    script_ = read ? *read : Script{};
    options.id = {{test_address(Family::v4, std::byte{1}), Port{4000}},
                  {test_address(Family::v4, std::byte{2}), Port{80}}};
    options.iss = ours;
    network_.far().on_arrivals([this](std::span<const Arrival> arrivals) {
        for (const Arrival& arrival : arrivals) {
            take(arrival);
        }
    });
}

void Played::take(const Arrival& arrival) {
    const auto datagram = parse(arrival.octets);
    ASSERT_TRUE(datagram.has_value());
    const Segment& segment = datagram->segment;
    got_.push_back(segment_text(segment, {.seq = ours, .ack = theirs}));
    header_ = datagram->ip;
    payload_.clear();
    for (const std::byte octet : segment.payload) {
        payload_ += static_cast<char>(octet);
    }
    for (const Answer& answer : answers) {
        if (answer.count == got_.size()) {
            network_.call_at(network_.now() + answer.after, [this, answer] { send(answer); });
        }
    }
}

void Played::send(const Answer& answer) {
    const auto pattern = read_segment(answer.notation, {.seq = theirs, .ack = ours});
    ASSERT_TRUE(pattern.has_value()) << answer.notation;
    std::vector<std::byte> payload = pattern->payload.value_or(std::vector<std::byte>{});
    std::transform(answer.payload.begin(), answer.payload.end(), payload.begin(),
                   [](char c) { return static_cast<std::byte>(c); });
    Datagram datagram;
    datagram.ip.source = options.id.remote.address;
    datagram.ip.destination = options.id.local.address;
    datagram.segment = {.source = options.id.remote.port,
                        .destination = options.id.local.port,
                        .seq = pattern->seq.value_or(Seq{}),
                        .ack = pattern->ack.value_or(Seq{}),
                        .flags = pattern->flags.value_or(Flags{}),
                        .wnd = pattern->wnd.value_or(0),
                        .options = pattern->options.value_or(Options{}),
                        .payload = payload};
    const auto octets = serialize(datagram);
    const Outgoing out{.octets = octets, .destination = datagram.ip.destination};
    ASSERT_TRUE(network_.far().transmit({&out, 1}).has_value());
}

const PlayResult& Played::run() {
    ScriptPlayer player{network_.near(), network_, sink_, application, script_, options};
    network_.call_at(network_.now() + starts_after, [&player] { player.start(); });
    network_.run([&player] { return player.finished(); });
    EXPECT_TRUE(player.finished());
    network_.run({}, network_.now() + std::chrono::seconds{1});  // what is still on its way
    result_ = player.result();
    return result_;
}

}  // namespace tcpcraft::test
