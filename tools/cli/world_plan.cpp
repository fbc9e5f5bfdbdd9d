#include <fmt/format.h>
#include <fmt/ranges.h>
#include <tools/cli/world_place.hpp>

#include <libtcpcraft/guard/rst_rule.hpp>
#include <libtcpcraft/sim/sim_network.hpp>

namespace tcpcraft::cli {

namespace {

std::string describe(const Route& route) {
    const std::string next =
        route.gateway ? fmt::format(", by way of {}", route.gateway->text()) : "";
    return fmt::format("route: {}, from {}, MTU {}{}", route.interface, route.source.text(),
                       route.mtu, next);
}

std::string describe(const GuardRequest& request) {
    const RstRule rule = rule_of(request);
    switch (request.backend) {
        case GuardBackend::iptables:
            return fmt::format("firewall: {} {}", request.local.is_v6() ? "ip6tables" : "iptables",
                               fmt::join(iptables_arguments(rule, RuleVerb::insert), " "));
        case GuardBackend::nft:
            return fmt::format("firewall: nft {}", nft_create(rule));
        case GuardBackend::socket:
            return fmt::format("firewall: no rule; a mute listener on {}",
                               request.lease->local().text());
        case GuardBackend::none:
            break;
    }
    return "firewall: nothing holds back the kernel's RST, which will end the connection";
}

/// Nothing ever moves here; only what would be done can be asked.
class Plan final : public World {
public:
    Plan(Place where, FirewallMode mode) : place_{std::move(where)} {
        if (place_.route) {
            lines_.push_back(describe(*place_.route));
        }
        for (const GuardRequest& request : guard_requests(place_.holding, backend_of(mode))) {
            lines_.push_back(describe(request));
        }
    }

    Link& link() override { return nowhere_.near(); }
    Alarm& alarm() override { return nowhere_; }
    [[nodiscard]] Endpoint local() const override { return place_.holding.local(); }
    [[nodiscard]] std::vector<Endpoint> origins() const override {
        return origins_of(place_.holding);
    }
    [[nodiscard]] Endpoint remote() const override {
        return place_.holding.remote.value_or(Endpoint{});
    }
    [[nodiscard]] std::uint32_t mtu() const override { return place_.mtu; }
    [[nodiscard]] std::string target_text() const override { return place_.target_text; }
    [[nodiscard]] std::chrono::system_clock::time_point started_at() const override {
        return started_at_;
    }
    void run(const std::function<bool()>& /*finished*/,
             const std::function<void()>& interrupted) override {
        interrupted();
    }
    void narrow(const ConnectionId& /*id*/) override {}
    std::vector<Note> evidence() override { return {}; }
    [[nodiscard]] std::vector<std::string> plan() const override { return lines_; }
    void watch(int /*descriptor*/, std::function<void()> /*readable*/) override {}

private:
    Place place_;
    SimNetwork nowhere_{};
    std::chrono::system_clock::time_point started_at_{std::chrono::system_clock::now()};
    std::vector<std::string> lines_{};
};

}  // namespace

std::unique_ptr<World> open_plan(Place place, FirewallMode mode) {
    return std::make_unique<Plan>(std::move(place), mode);
}

}  // namespace tcpcraft::cli
