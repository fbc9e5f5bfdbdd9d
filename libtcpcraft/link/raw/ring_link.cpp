#include <iterator>
#include <utility>
#include <vector>

#include <linux/if_ether.h>

#include <libtcpcraft/link/raw/arrival_check.hpp>
#include <libtcpcraft/link/raw/frame_exit.hpp>
#include <libtcpcraft/link/raw/loop.hpp>
#include <libtcpcraft/link/raw/packet_ring.hpp>
#include <libtcpcraft/link/raw/ring_link.hpp>

namespace tcpcraft {

namespace {

/// An open ring, and its place in the loop, which goes first when it ends.
struct Entrance {
    CaptureScope scope{};
    bool filter_suffices{false};
    PacketRing ring;
    std::unique_ptr<Readiness> readiness{};
};

/// Whether whatever the filter lets through is for the scope.
bool filter_suffices(const CaptureScope& scope) noexcept {
    return scope.family() == Family::v4 && !scope.local.address.is_unspecified();
}

}  // namespace

struct RingLink::State {
    explicit State(Loop& l) : loop{l} {}

    Loop& loop;
    ArrivalCheck check{};
    std::unique_ptr<RawLink> kernel{};  ///< the other way out, and what else there is to be seen
    std::vector<std::unique_ptr<Entrance>> entrances{};
    std::unique_ptr<FrameExit> exit{};
    std::vector<Arrival> accepted{};
    std::function<void(std::span<const Arrival>)> on_arrivals{};
    std::function<void(const Sent&)> on_sent{};
    std::function<void(const IcmpError&)> on_icmp{};

    Expected<void> open_exit(const std::string& interface);
    Expected<void> open_entrance(const CaptureScope& scope, const std::string& interface);
    void arrived(Entrance& entrance);
    std::span<const Arrival> sorted_out(const Entrance& entrance, std::span<const Arrival> batch);
};

Expected<void> RingLink::State::open_exit(const std::string& interface) {
    FrameExit::Owner owner;
    owner.by_kernel = [this](const Outgoing& packet) {
        return kernel->transmit(std::span{&packet, 1});
    };
    owner.sent = [this](const Sent& sent) {
        if (on_sent) {
            on_sent(sent);
        }
    };
    owner.failed = [this](const IcmpError& error) {
        if (on_icmp) {
            on_icmp(error);
        }
    };
    kernel->on_sent(owner.sent);
    kernel->on_icmp(owner.failed);
    auto opened = FrameExit::open(loop, interface, std::move(owner));
    if (!opened) {
        return Unexpected<Error>{opened.error()};
    }
    exit = std::move(*opened);
    return {};
}

Expected<void> RingLink::State::open_entrance(const CaptureScope& scope,
                                              const std::string& interface) {
    const std::uint16_t ethertype = scope.family() == Family::v4 ? ETH_P_IP : ETH_P_IPV6;
    auto ring = PacketRing::open({ethertype, interface}, arrivals_filter(scope));
    if (!ring) {
        return Unexpected<Error>{ring.error()};
    }
    entrances.push_back(
        std::make_unique<Entrance>(Entrance{scope, filter_suffices(scope), std::move(*ring)}));
    Entrance& entrance = *entrances.back();
    entrance.readiness = std::make_unique<Readiness>(loop.context, entrance.ring.raw(),
                                                     [this, &entrance] { arrived(entrance); });
    return {};
}

std::span<const Arrival> RingLink::State::sorted_out(const Entrance& entrance,
                                                     std::span<const Arrival> batch) {
    if (entrance.filter_suffices) {
        return batch;
    }
    accepted.clear();
    std::ranges::copy_if(batch, std::back_inserter(accepted), [&](const Arrival& arrival) {
        return check.accepts(entrance.scope, arrival);
    });
    return accepted;
}

// Not all that there is: whoever sends faster than we read must not keep the timers waiting.
void RingLink::State::arrived(Entrance& entrance) {
    constexpr unsigned most_batches = 8;
    for (unsigned turn = 0; turn < most_batches; ++turn) {
        const auto batch = entrance.ring.read(loop.alarm);
        if (batch.empty()) {
            return;
        }
        const auto ours = sorted_out(entrance, batch);
        exit->cork();
        if (!ours.empty() && on_arrivals) {
            on_arrivals(ours);
        }
        exit->uncork();
    }
}

RingLink::RingLink(std::unique_ptr<State> state) : state_{std::move(state)} {}

RingLink::~RingLink() = default;

bool RingLink::carries(const std::string& interface) { return FrameSender::is_ethernet(interface); }

Expected<std::unique_ptr<RingLink>> RingLink::open(Runtime& runtime,
                                                   const RawLinkOptions& options) {
    auto state = std::make_unique<State>(runtime.loop());
    RawLinkOptions beside = options;
    beside.arrivals = false;
    auto kernel = RawLink::open(runtime, beside);
    if (!kernel) {
        return Unexpected<Error>{kernel.error()};
    }
    state->kernel = std::move(*kernel);
    if (const auto opened = state->open_exit(options.interface); !opened) {
        return Unexpected<Error>{opened.error()};
    }
    if (options.foresees) {
        state->exit->open_senders();
    }
    for (const CaptureScope& scope : options.scopes) {
        if (const auto opened = state->open_entrance(scope, options.interface); !opened) {
            return Unexpected<Error>{opened.error()};
        }
    }
    return std::unique_ptr<RingLink>{new RingLink{std::move(state)}};
}

Expected<void> RingLink::transmit(std::span<const Outgoing> packets) {
    return state_->exit->send(packets);
}

void RingLink::on_arrivals(std::function<void(std::span<const Arrival>)> handler) {
    state_->on_arrivals = std::move(handler);
}

void RingLink::on_sent(std::function<void(const Sent&)> handler) {
    state_->on_sent = std::move(handler);
}

void RingLink::on_icmp(std::function<void(const IcmpError&)> handler) {
    state_->on_icmp = std::move(handler);
}

LinkCounters RingLink::counters() const {
    LinkCounters sum = state_->kernel->counters();
    for (const auto& entrance : state_->entrances) {
        sum.lost += entrance->ring.lost();
    }
    return sum;
}

}  // namespace tcpcraft
