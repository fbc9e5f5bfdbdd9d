#include <utility>

#include <fmt/format.h>
#include <unistd.h>

#include <libtcpcraft/guard/privilege.hpp>
#include <libtcpcraft/host/raw_host.hpp>
#include <libtcpcraft/link/fault_link.hpp>
#include <libtcpcraft/link/raw/raw_link.hpp>
#include <libtcpcraft/link/raw/ring_link.hpp>
#include <libtcpcraft/link/raw/route.hpp>
#include <libtcpcraft/link/raw/runtime.hpp>

namespace tcpcraft {

namespace {

std::string plural(std::uint64_t count, std::string_view what) {
    return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
}

/// Where a hold for one peer, or for a server, leads to.
struct Place {
    Holding hold{};
    std::uint32_t mtu{1500};
};

Expected<Place> client_place(const RawHostRequest& request) {
    const Endpoint& local = request.local;
    std::optional<Address> source;
    if (!local.address.is_unspecified()) {
        source = local.address;
    }
    const auto route = find_route({request.remote->address, source, request.options.interface});
    if (!route) {
        return Unexpected<Error>{route.error()};
    }
    auto leases = take_ports({route->source, local.port}, request.ports);
    if (!leases) {
        return Unexpected<Error>{leases.error()};
    }
    Place place;
    place.hold.leases = std::move(*leases);
    place.hold.remote = request.remote;
    place.mtu = route->mtu;
    return place;
}

Expected<Place> server_place(const RawHostRequest& request) {
    if (request.local.port.value == 0) {
        return failure(std::make_error_code(std::errc::invalid_argument), "listen: no port");
    }
    auto lease = PortLease::take(request.local);
    if (!lease) {
        return Unexpected<Error>{lease.error()};
    }
    Place place;
    place.hold.leases.push_back(std::move(*lease));
    return place;
}

}  // namespace

// Members are destroyed from the last to the first: capture closed, guard lowered, ports released.
struct RawHost::State {
    Holding hold{};
    RawHostOptions options{};
    std::uint32_t mtu{0};
    std::vector<std::unique_ptr<RstGuard>> guards{};
    std::optional<Runtime> runtime{};
    std::unique_ptr<Link> link{};
    std::optional<FaultLink> faults{};
    std::chrono::system_clock::time_point started_at{};
    std::function<void()> on_interrupt{};
    int interrupts{0};

    Expected<void> open();
    Expected<void> start_loop();
    Expected<void> raise();
    Expected<void> start_link();
    [[nodiscard]] RawLinkOptions link_options();
    bool interrupted_already();
    void interrupt();
    void add_held_back(std::vector<Note>& notes) const;
    void add_fallen(std::vector<Note>& notes) const;
    void add_lost(std::vector<Note>& notes) const;
};

Expected<void> RawHost::State::open() {
    // Signals are ours before there is anything to undo.
    return start_loop()
        .and_then([this] { return raise(); })
        .and_then([this]() -> Expected<void> {
            if (interrupted_already()) {
                return failure(std::make_error_code(std::errc::operation_canceled),
                               "interrupted before anything was sent");
            }
            return start_link();
        })
        .and_then([this]() -> Expected<void> {
            return options.surrender ? surrender_privileges() : Expected<void>{};
        });
}

// No thread comes of this: the guardian may still be forked.
Expected<void> RawHost::State::start_loop() {
    auto made = Runtime::create();
    if (!made) {
        return Unexpected<Error>{made.error()};
    }
    started_at = std::chrono::system_clock::now();
    runtime.emplace(std::move(*made));
    return options.heed_signals ? runtime->on_signal([this](int) { interrupt(); })
                                : Expected<void>{};
}

Expected<void> RawHost::State::raise() {
    for (const GuardRequest& request : guard_requests(hold, options.guard)) {
        if (interrupted_already()) {
            break;
        }
        auto guard = RstGuard::raise(request);
        if (!guard) {
            return Unexpected<Error>{guard.error()};
        }
        guards.push_back(std::move(*guard));
    }
    return {};
}

bool RawHost::State::interrupted_already() {
    if (options.heed_signals) {
        runtime->run_for(std::chrono::milliseconds{1});
    }
    return interrupts > 0;
}

void RawHost::State::interrupt() {
    ++interrupts;
    if (interrupts == 1 && on_interrupt) {
        on_interrupt();
    }
}

RawLinkOptions RawHost::State::link_options() {
    RawLinkOptions where;
    where.interface = options.interface;
    where.wakeful = options.wakeful;
    where.foresees = options.surrender && ::geteuid() != 0;
    where.escaped_resets = side_of(hold, options.guard) == RuleSide::departures;
    for (const HeldPorts& range : ranges_of(hold)) {
        where.scopes.push_back({range.first, range.last, hold.remote});
    }
    return where;
}

Expected<void> RawHost::State::start_link() {
    const RawLinkOptions where = link_options();
    const auto keep = [this](auto opened) { link = std::move(opened); };
    auto opened = options.many ? RingLink::open(*runtime, where).map(keep)
                               : RawLink::open(*runtime, where).map(keep);
    if (opened) {
        faults.emplace(*link, runtime->alarm(), options.faults);
    }
    return opened;
}

void RawHost::State::add_held_back(std::vector<Note>& notes) const {
    std::uint64_t held_back{0};
    for (const auto& guard : guards) {
        held_back += guard->dropped().value_or(0);
    }
    if (held_back > 0) {
        const bool arrivals = side_of(hold, options.guard) == RuleSide::arrivals;
        notes.push_back({fmt::format("the guard {} this host's kernel",
                                     arrivals ? "kept " + plural(held_back, "segment") + " from"
                                              : "held back " + plural(held_back, "RST") + " of")});
    }
}

void RawHost::State::add_fallen(std::vector<Note>& notes) const {
    for (const auto& guard : guards) {
        if (const auto standing = guard->standing(); !standing) {
            notes.push_back({fmt::format("the guard went away during the run: {}; RSTs of this "
                                         "host's kernel may have reached the peer since",
                                         standing.error().message()),
                             Note::Kind::warning});
        }
    }
}

void RawHost::State::add_lost(std::vector<Note>& notes) const {
    const LinkCounters counted = faults->counters();
    if (counted.escaped_resets > 0) {
        notes.push_back({fmt::format("{} of this host's kernel went to the peer {}; what the "
                                     "peer did then may be the answer to that",
                                     plural(counted.escaped_resets, "RST"),
                                     options.guard == GuardBackend::none ? "(nothing holds it back)"
                                                                         : "in spite of the guard"),
                         Note::Kind::warning});
    }
    if (counted.lost > 0) {
        notes.push_back({fmt::format("the capture lost {}; something may be missing above",
                                     plural(counted.lost, "packet")),
                         Note::Kind::warning});
    }
}

RawHost::RawHost(std::unique_ptr<State> state) : state_{std::move(state)} {}
RawHost::~RawHost() = default;

Expected<std::unique_ptr<RawHost>> RawHost::open(const RawHostRequest& request) {
    // First of all: nothing has been done yet that would have to be undone.
    if (const auto may = check_privileges(request.options.guard); !may) {
        return Unexpected<Error>{may.error()};
    }
    auto place = request.remote ? client_place(request) : server_place(request);
    if (!place) {
        return Unexpected<Error>{place.error()};
    }
    return open(std::move(place->hold), request.options, place->mtu);
}

Expected<std::unique_ptr<RawHost>> RawHost::open(Holding hold, const RawHostOptions& options,
                                                 std::uint32_t mtu) {
    auto state = std::make_unique<State>();
    state->hold = std::move(hold);
    state->options = options;
    state->mtu = mtu;
    if (auto opened = state->open(); !opened) {
        return Unexpected<Error>{opened.error()};
    }
    return std::unique_ptr<RawHost>{new RawHost{std::move(state)}};
}

Link& RawHost::link() { return *state_->faults; }
Alarm& RawHost::alarm() { return state_->runtime->alarm(); }
Endpoint RawHost::local() const { return state_->hold.local(); }
std::optional<Endpoint> RawHost::remote() const { return state_->hold.remote; }
std::uint32_t RawHost::mtu() const { return state_->mtu; }
const Holding& RawHost::holding() const noexcept { return state_->hold; }
std::chrono::system_clock::time_point RawHost::started_at() const { return state_->started_at; }

bool RawHost::run(const std::function<bool()>& finished) {
    state_->runtime->run_until([&] { return state_->interrupts > 0 || finished(); });
    return finished();
}

bool RawHost::run(const std::function<bool()>& finished, const std::function<void()>& interrupted) {
    state_->on_interrupt = interrupted;
    if (state_->interrupts > 0) {
        interrupted();
    }
    state_->runtime->run_until([&] { return state_->interrupts > 1 || finished(); });
    state_->on_interrupt = nullptr;
    return finished();
}

int RawHost::descriptor() { return state_->runtime->descriptor(); }
bool RawHost::turn() { return state_->runtime->turn(); }

std::vector<Note> RawHost::evidence() {
    std::vector<Note> notes;
    state_->add_held_back(notes);
    state_->add_fallen(notes);
    state_->add_lost(notes);
    return notes;
}

Expected<void> RawHost::narrow(const ConnectionId& id) {
    if (!state_->hold.server()) {
        return {};  // it was never wider
    }
    Expected<void> result{};
    for (std::size_t i = 0; i < state_->guards.size() && result; ++i) {
        if (state_->hold.leases[i].local().address.family() == id.remote.address.family()) {
            result = state_->guards[i]->narrow(id.remote);
        }
    }
    return result;
}

std::vector<std::string> RawHost::guarded() const {
    std::vector<std::string> said;
    for (const auto& guard : state_->guards) {
        said.push_back(guard->description());
    }
    return said;
}

std::vector<std::string> RawHost::warnings() const {
    std::vector<std::string> said;
    for (const auto& guard : state_->guards) {
        if (std::string warning = guard->warning(); !warning.empty()) {
            said.push_back(std::move(warning));
        }
    }
    return said;
}

Expected<void> RawHost::watch(int descriptor, std::function<void()> readable) {
    return state_->runtime->watch_readable(descriptor, std::move(readable)).map([](WatchId) {});
}

}  // namespace tcpcraft
