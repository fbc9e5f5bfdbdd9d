#pragma once

#include <cstdint>
#include <functional>
#include <random>
#include <utility>
#include <vector>

#include <libtcpcraft/link/alarm.hpp>
#include <libtcpcraft/link/link.hpp>

namespace tcpcraft {

/// In percent of what is sent.
struct Unreliability {
    unsigned lost{0};
    unsigned doubled{0};
    unsigned delayed{0};
    Duration most_delay{std::chrono::milliseconds{80}};
};

/// Sends over another link, badly, as a seed has it. What arrives is left alone.
class UnreliableLink final : public Link {
public:
    UnreliableLink(Link& inner, Alarm& alarm, std::uint32_t seed, Unreliability rates)
        : inner_{inner}, alarm_{alarm}, rates_{rates}, random_{seed} {}

    Expected<void> transmit(std::span<const Outgoing> packets) override {
        for (const Outgoing& packet : packets) {
            if (happens(rates_.lost)) {
                ++done_;
                continue;
            }
            send(packet);
            if (happens(rates_.doubled)) {
                ++done_;
                send(packet);
            }
        }
        return {};
    }
    void on_arrivals(std::function<void(std::span<const Arrival>)> handler) override {
        inner_.on_arrivals(std::move(handler));
    }
    void on_sent(std::function<void(const Sent&)> handler) override {
        inner_.on_sent(std::move(handler));
    }
    void on_icmp(std::function<void(const IcmpError&)> handler) override {
        inner_.on_icmp(std::move(handler));
    }

    /// How often it did something.
    [[nodiscard]] unsigned done() const noexcept { return done_; }

private:
    bool happens(unsigned percent) { return random_() % 100 < percent; }

    void send(const Outgoing& packet) {
        if (!happens(rates_.delayed)) {
            static_cast<void>(inner_.transmit(std::span{&packet, 1}));
            return;
        }
        ++done_;
        const Duration delay{static_cast<Duration::rep>(
            random_() % static_cast<unsigned>(rates_.most_delay.count()))};
        std::vector<std::byte> octets(packet.octets.begin(), packet.octets.end());
        alarm_.call_at(alarm_.now() + delay, [this, packet, octets = std::move(octets)] {
            Outgoing late = packet;
            late.octets = octets;
            static_cast<void>(inner_.transmit(std::span{&late, 1}));
        });
    }

    Link& inner_;
    Alarm& alarm_;
    Unreliability rates_{};
    std::mt19937 random_;  // the same numbers everywhere, unlike the distributions
    unsigned done_{0};
};

}  // namespace tcpcraft
