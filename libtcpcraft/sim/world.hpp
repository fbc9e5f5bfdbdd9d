#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include <libtcpcraft/base/time.hpp>
#include <libtcpcraft/engine/action.hpp>
#include <libtcpcraft/engine/advance.hpp>
#include <libtcpcraft/engine/policy.hpp>
#include <libtcpcraft/engine/tcb.hpp>
#include <libtcpcraft/engine/timers.hpp>
#include <libtcpcraft/export.hpp>
#include <libtcpcraft/seq/seq.hpp>
#include <libtcpcraft/wire/segment.hpp>

namespace tcpcraft {

// Two machines and what lies between them as one value, in which time is only an order: any running
// timer may be the next to fire. docs/testing.md says what this abstraction keeps.

/// Which end.
enum class Side : std::uint8_t { a, b };
/// The other end.
[[nodiscard]] constexpr Side other(Side side) noexcept {
    return side == Side::a ? Side::b : Side::a;
}
/// 0 or 1, for arrays.
[[nodiscard]] constexpr std::size_t index(Side side) noexcept {
    return static_cast<std::size_t>(side);
}
/// For loops.
inline constexpr std::array<Side, 2> both_sides{Side::a, Side::b};

/// A segment under way. Ports follow from the side; options and the urgent pointer are not
/// modelled.
struct TCPCRAFT_API InFlight {
    static constexpr std::size_t capacity =
        8;  ///< octets; a script sends no more in one connection
    static constexpr std::uint8_t most_copies = 2;  ///< that are told apart

    Seq seq{};                                 ///< SEG.SEQ
    Seq ack{};                                 ///< SEG.ACK
    Flags flags{};                             ///< the control bits
    std::uint16_t wnd{0};                      ///< SEG.WND as on the wire, not scaled
    std::uint8_t size{0};                      ///< octets of payload
    std::uint8_t copies{1};                    ///< of it in flight
    std::array<std::byte, capacity> octets{};  ///< as on the wire

    /// Its octets of data.
    [[nodiscard]] std::span<const std::byte> payload() const noexcept {
        return std::span{octets}.first(size);
    }
    /// Towards `to`; the payload is a view of this.
    [[nodiscard]] Segment segment(Side to) const noexcept;
    /// A total order without meaning, copies left out.
    [[nodiscard]] std::strong_ordering order(const InFlight& than) const noexcept;
    friend bool operator==(const InFlight&, const InFlight&) = default;
};

/// One call of a side's user. SEND and CLOSE wait until there is a connection and are left out once
/// it is gone; an OPEN waits for CLOSED.
struct UserCall {
    /// Which of them.
    enum class Kind : std::uint8_t { open_actively, open_passively, send, close, abort };
    Kind kind{};             ///< which of them
    std::uint8_t octets{0};  ///< of SEND
    Seq iss{};               ///< of OPEN

    /// Whether it is an OPEN.
    [[nodiscard]] bool opens() const noexcept {
        return kind == Kind::open_actively || kind == Kind::open_passively;
    }
};
/// What one side is to do, in order.
using UserCalls = std::vector<UserCall>;

/// What may still go wrong, at either side and in either direction.
struct Budget {
    std::uint8_t losses{0};      ///< segments that may still be lost
    std::uint8_t duplicates{0};  ///< segments that may still be doubled
    std::uint8_t timeouts{0};    ///< timers that fire; delayed ACK and TIME-WAIT cost nothing
    std::uint8_t aborts{0};      ///< ABORT beside the script
    friend bool operator==(const Budget&, const Budget&) = default;
};

/// One end, what is on its way there, and what the laws have to remember of it.
struct WorldSide {
    Tcb tcb{};                         ///< its connection
    std::vector<InFlight> arriving{};  ///< in order(), each once, with its copies counted
    std::uint8_t calls{0};             ///< of the script, made or left out
    std::uint8_t submitted{0};         ///< octets that SEND took on this connection
    std::uint8_t delivered{0};         ///< octets handed to the user on this connection
    bool last_word{false};  ///< it acknowledged the last FIN, and that ACK may have been lost

    /// Whether it has a connection, in whatever state.
    [[nodiscard]] bool connected() const noexcept {
        return tcb.state != State::closed && tcb.state != State::listen;
    }
    friend bool operator==(const WorldSide&, const WorldSide&) = default;
};

/// Two ends, what is in flight, and what may still go wrong.
struct World {
    std::array<WorldSide, 2> side{};  ///< both ends
    Budget left{};                    ///< what may still go wrong

    /// This side.
    [[nodiscard]] WorldSide& at(Side which) noexcept { return side[index(which)]; }
    /// This side.
    [[nodiscard]] const WorldSide& at(Side which) const noexcept { return side[index(which)]; }
    friend bool operator==(const World&, const World&) = default;
};

/// The state machine, or what is tried in its place.
using StepFunction = std::function<Tcb(Tcb tcb, const Event& event, Instant now,
                                       const Policy& policy, Actions& out)>;

/// What stays the same from world to world.
struct Setting {
    std::array<Policy, 2> policy{};     ///< its numbers and choices
    std::array<UserCalls, 2> script{};  ///< the calls of both sides
    StepFunction step{advance};         ///< a test may give another one
    /// The counts of retransmissions and probes are kept: R2 lies within the budget. Otherwise they
    /// would only multiply worlds that behave alike.
    bool counts_retransmissions{false};

    /// Of this side.
    [[nodiscard]] const Policy& policy_of(Side which) const noexcept {
        return policy[index(which)];
    }
    /// Of this side.
    [[nodiscard]] const UserCalls& script_of(Side which) const noexcept {
        return script[index(which)];
    }
};

/// What may happen next.
struct Move {
    /// Which of them.
    enum class Kind : std::uint8_t {
        deliver,      ///< `which` of what is arriving there
        lose,         ///< one copy of it
        duplicate,    ///< one copy more
        timer,        ///< `which` is the Timer
        call,         ///< the next of the script
        abort,        ///< ABORT beside the script
        close,        ///< CLOSE beside the script: only after everything else (see explore())
        time_passes,  ///< nothing fires, but ACKs may be sent again that were held back
    };
    Kind kind{};            ///< which of them
    Side side{};            ///< which of the two
    std::uint8_t which{0};  ///< index among those in flight
    friend bool operator==(const Move&, const Move&) = default;
};

/// The constant "now" of every world.
[[nodiscard]] TCPCRAFT_API Instant world_time() noexcept;
/// The name of the connection as a side sees it.
[[nodiscard]] TCPCRAFT_API const ConnectionId& connection_of(Side side) noexcept;
/// The octet at a place of the stream that began with this ISS: tells places apart, and
/// connections whose ISS differ modulo 32.
[[nodiscard]] TCPCRAFT_API std::byte octet_at(Seq iss, std::uint8_t place) noexcept;

/// Puts a segment under way to `to`, as one copy of what is there already if it is.
TCPCRAFT_API void put_in_flight(World& world, Side to, const Segment& segment);
/// Takes out of `side` all that its behaviour does not depend on. apply() leaves worlds so.
TCPCRAFT_API void normalise(WorldSide& side, Side which, const Setting& setting);

/// All moves that are possible, in a fixed order; `out` is replaced.
TCPCRAFT_API void list_moves(const World& world, const Setting& setting, std::vector<Move>& out);
/// `after` becomes the world after `move`; `did` what the machine decided. Its views hold as long
/// as both worlds.
TCPCRAFT_API void apply(const World& before, Move move, const Setting& setting, World& after,
                        Actions& did);

}  // namespace tcpcraft
