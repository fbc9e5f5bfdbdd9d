#include <cstdio>

#include <fmt/format.h>
#include <tools/cli/world_place.hpp>

#include <libtcpcraft/host/raw_host.hpp>

namespace tcpcraft::cli {

namespace {

using namespace std::chrono_literals;

/// Answers from the next host on the wire have come by then.
constexpr Duration wakefulness = 200us;

void complain(const std::string& what) { fmt::print(stderr, "warning: {}\n", what); }

/// This host.
class RawWorld final : public World {
public:
    RawWorld(std::unique_ptr<RawHost> host, std::string target_text)
        : host_{std::move(host)}, target_text_{std::move(target_text)} {}

    Link& link() override { return host_->link(); }
    Alarm& alarm() override { return host_->alarm(); }
    [[nodiscard]] Endpoint local() const override { return host_->local(); }
    [[nodiscard]] std::vector<Endpoint> origins() const override {
        return origins_of(host_->holding());
    }
    [[nodiscard]] Endpoint remote() const override { return host_->remote().value_or(Endpoint{}); }
    [[nodiscard]] std::uint32_t mtu() const override { return host_->mtu(); }
    [[nodiscard]] std::string target_text() const override { return target_text_; }
    [[nodiscard]] std::chrono::system_clock::time_point started_at() const override {
        return host_->started_at();
    }

    void run(const std::function<bool()>& finished,
             const std::function<void()>& interrupted) override {
        host_->run(finished, interrupted);
    }

    void narrow(const ConnectionId& id) override { complain_of(host_->narrow(id)); }
    std::vector<Note> evidence() override { return host_->evidence(); }

    [[nodiscard]] std::vector<std::string> plan() const override {
        std::vector<std::string> said;
        for (const std::string& guard : host_->guarded()) {
            said.push_back("firewall: " + guard);
        }
        return said;
    }

    void watch(int descriptor, std::function<void()> readable) override {
        complain_of(host_->watch(descriptor, std::move(readable)));
    }

private:
    static void complain_of(const Expected<void>& result) {
        if (!result) {
            complain(result.error().message());
        }
    }

    std::unique_ptr<RawHost> host_;
    std::string target_text_;
};

RawHostOptions host_options(const WorldRequest& request, const Place& place) {
    RawHostOptions options;
    options.guard = backend_of(request.options.firewall);
    options.interface = request.options.peer.interface;
    options.many = request.many;
    options.wakeful = request.wakeful && place.holding.remote ? wakefulness : Duration{};
    options.faults = request.options.faults;
    options.surrender = true;
    return options;
}

}  // namespace

Opened<std::unique_ptr<World>> open_raw(const WorldRequest& request, Place place) {
    if (request.options.firewall == FirewallMode::none) {
        complain(
            "nothing holds back this host's kernel (--firewall none): it will answer the "
            "peer with RST, and most connections will die of it");
    }
    const RawHostOptions options = host_options(request, place);
    auto host = RawHost::open(std::move(place.holding), options, place.mtu);
    if (!host) {
        return host.error().code == std::errc::operation_canceled
                   ? interrupted_failure({{}, host.error().attempt})
                   : environment_failure(host.error());
    }
    for (const std::string& warning : (*host)->warnings()) {
        complain(warning);
    }
    return std::make_unique<RawWorld>(std::move(*host), std::move(place.target_text));
}

}  // namespace tcpcraft::cli
