#include <cstddef>
#include <optional>
#include <utility>

#include <tools/cli/sim_switch.hpp>

namespace tcpcraft::cli {

namespace {

std::optional<Address> destination_of(std::span<const std::byte> packet) {
    constexpr std::size_t v4_at = 16;
    constexpr std::size_t v6_at = 24;
    const bool v6 = !packet.empty() && (packet[0] >> 4U) == std::byte{6};
    if (v6 && packet.size() >= v6_at + 16) {
        return Address::v6(packet.subspan<v6_at, 16>());
    }
    if (!v6 && packet.size() >= v4_at + 4) {
        return Address::v4(packet.subspan<v4_at, 4>());
    }
    return std::nullopt;
}

}  // namespace

class SimSwitch::PortLink final : public Link {
public:
    explicit PortLink(Link& end) noexcept : end_{end} {}

    Expected<void> transmit(std::span<const Outgoing> packets) override {
        return end_.transmit(packets);
    }
    void on_arrivals(std::function<void(std::span<const Arrival>)> handler) override {
        arrivals_ = std::move(handler);
    }
    void on_sent(std::function<void(const Sent&)> /*handler*/) override {}
    void on_icmp(std::function<void(const IcmpError&)> /*handler*/) override {}

    void deliver(const Arrival& arrival) const {
        if (arrivals_) {
            arrivals_(std::span{&arrival, 1});
        }
    }

private:
    Link& end_;
    std::function<void(std::span<const Arrival>)> arrivals_{};
};

SimSwitch::SimSwitch(Link& end) : end_{end} {
    end_.on_arrivals([this](std::span<const Arrival> arrivals) {
        for (const Arrival& arrival : arrivals) {
            pass_on(arrival);
        }
    });
}

SimSwitch::~SimSwitch() { end_.on_arrivals({}); }

Link& SimSwitch::port_of(const Address& address) {
    auto& port = ports_[address.with_zone(0)];
    if (!port) {
        port = std::make_unique<PortLink>(end_);
    }
    return *port;
}

void SimSwitch::pass_on(const Arrival& arrival) const {
    const auto destination = destination_of(arrival.octets);
    const auto found = destination ? ports_.find(*destination) : ports_.end();
    if (found != ports_.end()) {
        found->second->deliver(arrival);
    }
}

}  // namespace tcpcraft::cli
