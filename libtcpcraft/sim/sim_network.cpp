#include <algorithm>
#include <cassert>
#include <vector>

#include <libtcpcraft/sim/sim_network.hpp>

namespace tcpcraft {

class SimNetwork::End final : public Link {
public:
    explicit End(SimNetwork& network) noexcept : network_{network} {}

    Expected<void> transmit(std::span<const Outgoing> packets) override {
        for (const Outgoing& packet : packets) {
            network_.carry(*other_, packet.octets);
            if (sent_) {
                sent_(Sent{.token = packet.token, .at = network_.now()});
            }
        }
        return {};
    }
    void on_arrivals(std::function<void(std::span<const Arrival>)> handler) override {
        arrivals_ = std::move(handler);
    }
    void on_sent(std::function<void(const Sent&)> handler) override { sent_ = std::move(handler); }
    void on_icmp(std::function<void(const IcmpError&)> /*handler*/) override {}

    void connect(End& other) noexcept { other_ = &other; }
    void deliver(const Arrival& arrival) const {
        if (arrivals_) {
            arrivals_(std::span{&arrival, 1});
        }
    }

private:
    SimNetwork& network_;
    End* other_{nullptr};
    std::function<void(std::span<const Arrival>)> arrivals_{};
    std::function<void(const Sent&)> sent_{};
};

SimNetwork::SimNetwork(SimNetworkOptions options)
    : options_{options}, near_{std::make_unique<End>(*this)}, far_{std::make_unique<End>(*this)} {
    assert(options_.latency >= Duration::zero());
    near_->connect(*far_);
    far_->connect(*near_);
}

SimNetwork::~SimNetwork() = default;

Link& SimNetwork::near() noexcept { return *near_; }
Link& SimNetwork::far() noexcept { return *far_; }

AlarmId SimNetwork::call_at(Instant when, std::function<void()> wake) {
    if (when == never) {
        return AlarmId::none;
    }
    return AlarmId{enqueue(when, std::move(wake))};
}

void SimNetwork::cancel(AlarmId id) {
    const auto found = due_.find(static_cast<std::uint64_t>(id));
    if (found != due_.end()) {
        queue_.erase(Key{found->second, found->first});
        due_.erase(found);
    }
}

SimEnding SimNetwork::run(const std::function<bool()>& finished, Instant limit) {
    for (std::size_t events = 0;; ++events) {
        if (finished && finished()) {
            return SimEnding::finished;
        }
        if (queue_.empty()) {
            return SimEnding::idle;
        }
        if (queue_.begin()->first.first > limit) {
            now_ = std::max(now_, limit);
            return SimEnding::limit;
        }
        if (events == options_.most_events) {
            return SimEnding::exhausted;
        }
        step();
    }
}

bool SimNetwork::step() {
    if (queue_.empty()) {
        return false;
    }
    // Out of the queue before it is called: it may ask for more, or cancel what is waiting.
    const auto next = queue_.extract(queue_.begin());
    due_.erase(next.key().second);
    now_ = std::max(now_, next.key().first);
    next.mapped()();
    return true;
}

void SimNetwork::carry(End& to, std::span<const std::byte> octets) {
    if (options_.blackhole) {
        return;
    }
    enqueue(now_ + options_.latency, [this, &to, copy = std::vector(octets.begin(), octets.end())] {
        to.deliver(Arrival{.octets = copy, .at = now_, .checksum_ready = options_.checksum_ready});
    });
}

std::uint64_t SimNetwork::enqueue(Instant when, std::function<void()> what) {
    const std::uint64_t serial = ++asked_;
    due_.emplace(serial, when);
    queue_.emplace(Key{when, serial}, std::move(what));
    return serial;
}

}  // namespace tcpcraft
