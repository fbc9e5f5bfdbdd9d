#include <algorithm>
#include <array>
#include <iterator>
#include <map>
#include <optional>
#include <utility>

#include <linux/if_ether.h>
#include <net/if.h>

#include <libtcpcraft/link/raw/arrival_check.hpp>
#include <libtcpcraft/link/raw/icmp_listener.hpp>
#include <libtcpcraft/link/raw/injector.hpp>
#include <libtcpcraft/link/raw/loop.hpp>
#include <libtcpcraft/link/raw/own_addresses.hpp>
#include <libtcpcraft/link/raw/packet_tap.hpp>
#include <libtcpcraft/link/raw/raw_link.hpp>
#include <libtcpcraft/link/raw/reset_watch.hpp>

namespace tcpcraft {

namespace {

using namespace std::chrono_literals;

/// How long the kernel may take to tell when a packet left.
constexpr Duration departure_patience = 200ms;

/// An open socket, and its place in the loop. The place goes first when it ends.
template <typename Socket>
struct Watched {
    explicit Watched(Socket opened) : socket{std::move(opened)} {}
    Socket socket;
    std::unique_ptr<Readiness> readiness{};
};

/// Everything of one family, but for the injectors.
struct Capture {
    Capture(const CaptureScope& wanted, IcmpListener i) : scope{wanted}, icmp{std::move(i)} {}
    CaptureScope scope;
    std::optional<Watched<PacketTap>> tap{};  ///< none where somebody else captures
    std::optional<Watched<ResetWatch>> resets{};
    Watched<IcmpListener> icmp;
};

Expected<std::unique_ptr<Capture>> open_capture(const CaptureScope& scope,
                                                const RawLinkOptions& options) {
    auto icmp = IcmpListener::open(scope.family());
    if (!icmp) {
        return Unexpected<Error>{icmp.error()};
    }
    auto made = std::make_unique<Capture>(scope, std::move(*icmp));
    if (options.escaped_resets) {
        auto resets = ResetWatch::open(scope, options.interface);
        if (!resets) {
            return Unexpected<Error>{resets.error()};
        }
        made->resets.emplace(std::move(*resets));
    }
    if (options.arrivals) {
        const std::uint16_t ethertype = scope.family() == Family::v4 ? ETH_P_IP : ETH_P_IPV6;
        auto tap = PacketTap::open({ethertype, options.interface}, arrivals_filter(scope));
        if (!tap) {
            return Unexpected<Error>{tap.error()};
        }
        made->tap.emplace(std::move(*tap));
    }
    return made;
}

bool may_be_link_local(const CaptureScope& scope) {
    const Address& local = scope.local.address;
    return local.is_v6() && (local.is_unspecified() || local.is_link_local());
}

}  // namespace

struct RawLink::State {
    using Exit = std::pair<Family, std::string>;  // family and interface, which may be empty
    using InjectorPlace = Watched<Injector>;

    State(Runtime& runtime, std::string name) : loop{runtime.loop()}, interface {
        std::move(name)
    } {
    }
    ~State() {
        loop.alarm.cancel(patience);
        loop.lookouts.erase(lookout);
    }
    State(const State&) = delete;
    State& operator=(const State&) = delete;

    Loop& loop;
    std::string interface;
    Duration wakeful{};
    ArrivalCheck check{};
    std::vector<std::unique_ptr<Capture>> captures{};
    std::map<Exit, std::unique_ptr<InjectorPlace>> injectors{};
    AlarmId patience{AlarmId::none};
    std::uint64_t lookout{loop.look_out([this] { return look(); })};
    Instant awake_until{};
    std::vector<Arrival> accepted{};
    std::function<void(std::span<const Arrival>)> on_arrivals{};
    std::function<void(const Sent&)> on_sent{};
    std::function<void(const IcmpError&)> on_icmp{};

    void watch(Capture& capture);
    Lookout look();
    bool arrived(Capture& capture);
    void reported(const Capture& capture, const IcmpError& error) const;
    Expected<InjectorPlace*> open_injector(Exit exit);
    Expected<InjectorPlace*> injector_for(const Address& destination);
    void open_link_local_injectors();
    Expected<void> send(const Outgoing& packet);
    void note_departures();
    void be_patient();
};

void RawLink::State::watch(Capture& capture) {
    const auto ready = [this](int fd, std::function<void()> call) {
        return std::make_unique<Readiness>(loop.context, fd, std::move(call));
    };
    if (capture.tap) {
        capture.tap->readiness =
            ready(capture.tap->socket.raw(), [this, &capture] { arrived(capture); });
    }
    if (capture.resets) {
        capture.resets->readiness = ready(capture.resets->socket.raw(), [this, &capture] {
            capture.resets->socket.drain(loop.alarm);
        });
    }
    capture.icmp.readiness = ready(capture.icmp.socket.raw(), [this, &capture] {
        capture.icmp.socket.drain(
            loop.alarm, [this, &capture](const IcmpError& error) { reported(capture, error); });
    });
}

Lookout RawLink::State::look() {
    if (awake_until == Instant{}) {
        return Lookout::nothing;
    }
    bool found = false;
    for (const auto& capture : captures) {
        found |= capture->tap && arrived(*capture);
    }
    if (!found && loop.alarm.now() >= awake_until) {
        awake_until = Instant{};
        return Lookout::nothing;
    }
    return found ? Lookout::found : Lookout::soon;
}

// Not all that there is: whoever sends faster than we read must not keep the timers waiting.
bool RawLink::State::arrived(Capture& capture) {
    constexpr unsigned most_batches = 8;
    for (unsigned turn = 0; turn < most_batches; ++turn) {
        const auto batch = capture.tap->socket.read(loop.alarm);
        if (batch.empty()) {
            return turn > 0;
        }
        accepted.clear();
        std::ranges::copy_if(batch, std::back_inserter(accepted), [&](const Arrival& arrival) {
            return check.accepts(capture.scope, arrival);
        });
        if (!accepted.empty() && on_arrivals) {
            on_arrivals(accepted);
        }
    }
    return true;
}

// Every listener hears of all of its family: only the one whose scope it is passes it on.
void RawLink::State::reported(const Capture& capture, const IcmpError& error) const {
    if (capture.scope.covers(error.id) && on_icmp) {
        on_icmp(error);
    }
}

Expected<RawLink::State::InjectorPlace*> RawLink::State::open_injector(Exit exit) {
    auto opened = Injector::open(exit.first, exit.second);
    if (!opened) {
        return Unexpected<Error>{opened.error()};
    }
    auto place = std::make_unique<InjectorPlace>(std::move(*opened));
    Injector& injector = place->socket;
    injector.on_sent([this](const Sent& sent) {
        if (on_sent) {
            on_sent(sent);
        }
    });
    place->readiness = std::make_unique<Readiness>(
        loop.context, injector.raw(), [this, &injector] { injector.drain(loop.alarm); });
    return (injectors[std::move(exit)] = std::move(place)).get();
}

Expected<RawLink::State::InjectorPlace*> RawLink::State::injector_for(const Address& destination) {
    std::string name = interface;
    if (name.empty() && destination.zone() != 0) {
        std::array<char, IF_NAMESIZE> found{};
        if (::if_indextoname(destination.zone(), found.data()) == nullptr) {
            return failure(last_system_error(), "send to " + destination.text());
        }
        name = found.data();
    }
    Exit exit{destination.family(), std::move(name)};
    const auto known = injectors.find(exit);
    return known != injectors.end() ? known->second.get() : open_injector(std::move(exit));
}

// A link-local peer is answered through its own interface. Those that come up later are left out.
void RawLink::State::open_link_local_injectors() {
    for (const std::string& name : names_of_interfaces()) {
        static_cast<void>(open_injector({Family::v6, name}));
    }
}

Expected<void> RawLink::State::send(const Outgoing& packet) {
    const auto place = injector_for(packet.destination);
    if (!place) {
        return Unexpected<Error>{place.error()};
    }
    return (*place)->socket.send(packet, loop.alarm.now()).map([&] {
        for (const auto& capture : captures) {
            if (capture->resets && capture->scope.family() == packet.destination.family()) {
                ResetWatch& resets = capture->resets->socket;
                resets.sent(packet.octets);
                if (resets.crowded()) {  // thousands are being reset
                    resets.drain(loop.alarm);
                }
            }
        }
    });
}

void RawLink::State::note_departures() {
    bool waiting = false;
    for (const auto& [exit, place] : injectors) {
        if (place->socket.waiting()) {
            place->socket.catch_up(loop.alarm);
            waiting |= place->socket.waiting();
        }
    }
    if (waiting) {
        be_patient();
    }
}

void RawLink::State::be_patient() {
    if (patience != AlarmId::none) {
        return;
    }
    patience = loop.alarm.call_at(loop.alarm.now() + departure_patience, [this] {
        patience = AlarmId::none;
        for (const auto& [exit, place] : injectors) {
            place->socket.drain(loop.alarm);
            place->socket.give_up(loop.alarm.now() - departure_patience);
        }
        note_departures();
    });
}

RawLink::RawLink(std::unique_ptr<State> state) : state_{std::move(state)} {}

RawLink::~RawLink() = default;

Expected<std::unique_ptr<RawLink>> RawLink::open(Runtime& runtime, const RawLinkOptions& options) {
    if (options.scopes.empty()) {
        return failure({}, "open the raw link: no local endpoint was named");
    }
    auto state = std::make_unique<State>(runtime, options.interface);
    state->wakeful = options.wakeful;
    for (const CaptureScope& scope : options.scopes) {
        auto capture = open_capture(scope, options);
        if (!capture) {
            return Unexpected<Error>{capture.error()};
        }
        state->watch(**capture);
        state->captures.push_back(std::move(*capture));
        // Opened before the first packet needs it, and so that a missing privilege shows here.
        const State::Exit exit{scope.family(), options.interface};
        if (state->injectors.contains(exit)) {
            continue;
        }
        if (auto injector = state->open_injector(exit); !injector) {
            return Unexpected<Error>{injector.error()};
        }
    }
    if (options.foresees && options.interface.empty() &&
        std::ranges::any_of(options.scopes, may_be_link_local)) {
        state->open_link_local_injectors();
    }
    state->accepted.reserve(64);
    return std::unique_ptr<RawLink>{new RawLink{std::move(state)}};
}

Expected<void> RawLink::transmit(std::span<const Outgoing> packets) {
    Expected<void> result{};
    for (const Outgoing& packet : packets) {
        result = state_->send(packet);
        if (!result) {
            break;
        }
    }
    state_->note_departures();
    if (state_->wakeful > Duration{}) {
        state_->awake_until = state_->loop.alarm.now() + state_->wakeful;
    }
    return result;
}

void RawLink::on_arrivals(std::function<void(std::span<const Arrival>)> handler) {
    state_->on_arrivals = std::move(handler);
}

void RawLink::on_sent(std::function<void(const Sent&)> handler) {
    state_->on_sent = std::move(handler);
}

void RawLink::on_icmp(std::function<void(const IcmpError&)> handler) {
    state_->on_icmp = std::move(handler);
}

LinkCounters RawLink::counters() const {
    LinkCounters sum;
    for (const auto& capture : state_->captures) {
        sum.lost += capture->tap ? capture->tap->socket.lost() : 0;
        if (capture->resets) {
            capture->resets->socket.drain(state_->loop.alarm);
            sum.escaped_resets += capture->resets->socket.escaped();
        }
    }
    return sum;
}

RawLinkTimestamps RawLink::timestamps() const noexcept {
    RawLinkTimestamps all{true, true};
    for (const auto& capture : state_->captures) {
        all.arrivals = all.arrivals && capture->tap && capture->tap->socket.stamped();
    }
    for (const auto& [exit, place] : state_->injectors) {
        all.departures = all.departures && place->socket.stamped();
    }
    return all;
}

}  // namespace tcpcraft
