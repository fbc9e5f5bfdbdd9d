#include <cstdio>
#include <optional>

#include <fmt/format.h>
#include <tools/cli/world_place.hpp>
#include <unistd.h>

#include <libtcpcraft/guard/privilege.hpp>
#include <libtcpcraft/link/fault_link.hpp>
#include <libtcpcraft/link/raw/raw_link.hpp>
#include <libtcpcraft/link/raw/ring_link.hpp>
#include <libtcpcraft/link/raw/runtime.hpp>

namespace tcpcraft::cli {

namespace {

using namespace std::chrono_literals;

/// Answers from the next host on the wire have come by then.
constexpr Duration wakefulness = 200us;

std::string plural(std::uint64_t count, std::string_view what) {
    return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
}

/// This host. Members are destroyed from the last to the first: capture closed, guard lowered,
/// ports released.
class RawWorld final : public PlacedWorld {
public:
    RawWorld(Place where, FirewallMode mode)
        : PlacedWorld{std::move(where)}, mode_{mode}, guarded_{mode != FirewallMode::none} {}

    Opened<void> open(const WorldRequest& request) {
        const CommonOptions& options = request.options;
        // Signals are ours before there is anything to undo.
        if (auto heeded = heed_signals(); !heeded) {
            return environment_failure(heeded.error());
        }
        if (auto raised = raise(options.firewall); !raised) {
            return environment_failure(raised.error());
        }
        if (interrupted_already()) {
            return interrupted_failure({{}, "interrupted before anything was sent"});
        }
        if (auto opened = start(request).and_then(surrender_privileges); !opened) {
            return environment_failure(opened.error());
        }
        return {};
    }

    Link& link() override { return *faults_; }
    Alarm& alarm() override { return runtime_->alarm(); }
    [[nodiscard]] std::chrono::system_clock::time_point started_at() const override {
        return started_at_;
    }

    void run(const std::function<bool()>& finished,
             const std::function<void()>& interrupted) override {
        on_interrupt_ = interrupted;
        if (interrupts_ > 0) {
            on_interrupt_();
        }
        runtime_->run_until([this, &finished] { return interrupts_ > 1 || finished(); });
        on_interrupt_ = nullptr;
    }

    void narrow(const ConnectionId& id) override {
        for (std::size_t i = 0; i < guards_.size(); ++i) {
            if (place().leases[i].local().address.family() == id.remote.address.family()) {
                if (auto narrowed = guards_[i]->narrow(id.remote); !narrowed) {
                    complain(narrowed.error().message());
                }
            }
        }
    }

    std::vector<Note> evidence() override {
        std::vector<Note> notes;
        add_held_back(notes);
        add_fallen(notes);
        const LinkCounters counted = faults_->counters();
        if (counted.escaped_resets > 0) {
            notes.push_back({fmt::format("{} of this host's kernel went to the peer {}; what the "
                                         "peer did then may be the answer to that",
                                         plural(counted.escaped_resets, "RST"),
                                         guarded_ ? "in spite of the guard"
                                                  : "(--firewall none holds nothing back)"),
                             Note::Kind::warning});
        }
        if (counted.lost > 0) {
            notes.push_back({fmt::format("the capture lost {}; something may be missing above",
                                         plural(counted.lost, "packet")),
                             Note::Kind::warning});
        }
        return notes;
    }

    [[nodiscard]] std::vector<std::string> plan() const override {
        std::vector<std::string> said;
        for (const auto& guard : guards_) {
            said.push_back("firewall: " + guard->description());
        }
        return said;
    }

    void watch(int descriptor, std::function<void()> readable) override {
        if (auto watched = runtime_->watch_readable(descriptor, std::move(readable)); !watched) {
            complain(watched.error().message());
        }
    }

private:
    static void complain(const std::string& what) { fmt::print(stderr, "warning: {}\n", what); }

    Expected<void> raise(FirewallMode mode) {
        if (!guarded_) {
            complain(
                "nothing holds back this host's kernel (--firewall none): it will answer the "
                "peer with RST, and most connections will die of it");
        }
        for (const GuardRequest& request : guard_requests(place(), mode)) {
            if (interrupted_already()) {
                break;
            }
            auto guard = RstGuard::raise(request);
            if (!guard) {
                return Unexpected<Error>{guard.error()};
            }
            if (guarded_ && !(*guard)->warning().empty()) {
                complain((*guard)->warning());
            }
            guards_.push_back(std::move(*guard));
        }
        return {};
    }

    // No thread comes of this: the guardian may still be forked.
    Expected<void> heed_signals() {
        auto runtime = Runtime::create();
        if (!runtime) {
            return Unexpected<Error>{runtime.error()};
        }
        started_at_ = std::chrono::system_clock::now();
        runtime_.emplace(std::move(*runtime));
        return runtime_->on_signal([this](int) { interrupt(); });
    }

    bool interrupted_already() {
        runtime_->run_for(std::chrono::milliseconds{1});
        return interrupts_ > 0;
    }

    Expected<void> start(const WorldRequest& request) {
        RawLinkOptions where = link_options(request.options);
        where.wakeful = request.wakeful && place().remote ? wakefulness : Duration{};
        const auto keep = [this](auto link) { link_ = std::move(link); };
        const auto opened = request.many ? RingLink::open(*runtime_, where).map(keep)
                                         : RawLink::open(*runtime_, where).map(keep);
        if (!opened) {
            return opened;
        }
        faults_.emplace(*link_, runtime_->alarm(), request.options.faults);
        return {};
    }

    [[nodiscard]] RawLinkOptions link_options(const CommonOptions& common) {
        RawLinkOptions options;
        options.interface = common.peer.interface;
        options.foresees = ::geteuid() != 0;
        options.escaped_resets = side_of(place(), common.firewall) == RuleSide::departures;
        for (const HeldPorts& range : ranges_of(place())) {
            options.scopes.push_back({range.first, range.last, place().remote});
        }
        return options;
    }

    void interrupt() {
        ++interrupts_;
        if (interrupts_ == 1 && on_interrupt_) {
            on_interrupt_();
        }
    }

    void add_held_back(std::vector<Note>& notes) {
        std::uint64_t held_back{0};
        for (const auto& guard : guards_) {
            held_back += guard->dropped().value_or(0);
        }
        if (held_back > 0) {
            const bool arrivals = side_of(place(), mode_) == RuleSide::arrivals;
            notes.push_back(
                {fmt::format("the guard {} this host's kernel",
                             arrivals ? "kept " + plural(held_back, "segment") + " from"
                                      : "held back " + plural(held_back, "RST") + " of")});
        }
    }

    void add_fallen(std::vector<Note>& notes) {
        for (const auto& guard : guards_) {
            if (const auto standing = guard->standing(); !standing) {
                notes.push_back({fmt::format("the guard went away during the run: {}; RSTs of this "
                                             "host's kernel may have reached the peer since",
                                             standing.error().message()),
                                 Note::Kind::warning});
            }
        }
    }

    FirewallMode mode_;
    bool guarded_;
    std::vector<std::unique_ptr<RstGuard>> guards_{};
    std::optional<Runtime> runtime_{};
    std::unique_ptr<Link> link_{};
    std::optional<FaultLink> faults_{};
    std::chrono::system_clock::time_point started_at_{};
    std::function<void()> on_interrupt_{};
    int interrupts_{0};
};

}  // namespace

Opened<std::unique_ptr<World>> open_raw(const WorldRequest& request, Place place) {
    auto world = std::make_unique<RawWorld>(std::move(place), request.options.firewall);
    if (auto opened = world->open(request); !opened) {
        return tl::unexpected<World::Failure>{opened.error()};
    }
    return world;
}

}  // namespace tcpcraft::cli
