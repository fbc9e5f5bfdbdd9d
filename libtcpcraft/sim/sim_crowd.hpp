#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include <libtcpcraft/base/address.hpp>
#include <libtcpcraft/base/time.hpp>
#include <libtcpcraft/engine/action.hpp>
#include <libtcpcraft/engine/event.hpp>
#include <libtcpcraft/engine/policy.hpp>
#include <libtcpcraft/engine/tcb.hpp>
#include <libtcpcraft/export.hpp>
#include <libtcpcraft/link/alarm.hpp>
#include <libtcpcraft/link/link.hpp>

namespace tcpcraft {

/// What becomes of a simulated client.
enum class SimFate : std::uint8_t {
    stays,
    closes,    ///< CLOSE
    aborts,    ///< ABORT
    vanishes,  ///< its host, or the way to it, is gone: nothing is heard or said any more
    restarts,  ///< its TCB is gone without a word; its host answers as from CLOSED
};

/// One client: when it comes, how often it says something, how it ends.
struct SimVisit {
    Endpoint from{};         ///< where it was before
    Instant comes{};         ///< when
    Duration talks_every{};  ///< zero: never
    SimFate fate{};          ///< what becomes of it
    Instant ends{};          ///< when its fate comes; unless it `stays`
};

/// Who is to come: clients of one family, drawn from a seed.
struct SimCrowdPlan {
    std::uint64_t seed{1};                        ///< equal plans give equal visits
    std::size_t clients{100};                     ///< so many
    Family family{};                              ///< IPv4 or IPv6
    Duration come_within{std::chrono::hours{1}};  ///< all have come by then
    Duration end_within{std::chrono::hours{6}};   ///< after that
};
/// Equal plans give equal visits. About a third stays, the others share the other fates.
[[nodiscard]] TCPCRAFT_API std::vector<SimVisit> drawn_visits(const SimCrowdPlan& plan);

/// Many hosts at one end of a Link, a client on each, made of the same engine; their true state can
/// be looked at. Not thread-safe; link and alarm must outlive it, and it must not be destroyed from
/// inside a handler.
class TCPCRAFT_API SimCrowd {
public:
    /// Made of these.
    SimCrowd(Link& link, Alarm& alarm, Endpoint server, Policy policy,
             std::vector<SimVisit> visits);
    ~SimCrowd();
    SimCrowd(const SimCrowd&) = delete;
    SimCrowd& operator=(const SimCrowd&) = delete;

    /// One client, as it is.
    struct Guest {
        SimVisit visit{};                   ///< what it is to do
        Tcb tcb{};                          ///< its connection
        std::uint64_t said{0};              ///< octets
        std::uint64_t heard{0};             ///< octets that came back
        bool mistaken{false};               ///< one that came back was not what was said
        bool established{false};            ///< it once was
        std::optional<Instant> shut_out{};  ///< the server reset it, or closed on it
        AlarmId timer{};                    ///< which
        bool gone{false};                   ///< its fate has come
    };
    /// All of them, with their true states.
    [[nodiscard]] const std::vector<Guest>& guests() const noexcept { return guests_; }

private:
    void arrives(const Arrival& arrival);
    void step(std::size_t index, const Event& event);
    void carry_out(Guest& guest, const Action& action);
    void arm(std::size_t index);
    void talk(std::size_t index);
    void meet_fate(std::size_t index);

    Link& link_;
    Alarm& alarm_;
    Endpoint server_;
    Policy policy_;
    std::vector<Guest> guests_{};
    std::map<Endpoint, std::size_t> by_end_{};
    Actions actions_{};
};

}  // namespace tcpcraft
