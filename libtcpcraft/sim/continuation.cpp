#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include <libtcpcraft/sim/continuation.hpp>
#include <libtcpcraft/sim/world_code.hpp>

namespace tcpcraft {
namespace {

using Kind = Move::Kind;

/// What waits least comes first; what gives up comes last.
constexpr std::array<Timer, 6> patience{Timer::delayed_ack, Timer::retransmission,
                                        Timer::zero_window, Timer::fin_wait_2,
                                        Timer::keep_alive,  Timer::user};

bool over(const World& world) noexcept {
    return std::all_of(world.side.begin(), world.side.end(), [](const WorldSide& side) {
        const State state = side.tcb.state;
        return side.arriving.empty() && (state == State::closed || state == State::time_wait);
    });
}

std::optional<Move> arrival(const World& world) noexcept {
    for (const Side side : {Side::b, Side::a}) {
        if (!world.at(side).arriving.empty()) {
            return Move{Kind::deliver, side, 0};
        }
    }
    return std::nullopt;
}

std::optional<Move> user_call(const World& world, const std::vector<Move>& possible) noexcept {
    const auto call = std::find_if(possible.begin(), possible.end(),
                                   [](const Move& move) { return move.kind == Kind::call; });
    if (call != possible.end()) {
        return *call;
    }
    for (const Side side : both_sides) {
        const Tcb& tcb = world.at(side).tcb;
        if (tcb.state != State::closed && !tcb.close_called) {
            return Move{Kind::close, side, 0};
        }
    }
    return std::nullopt;
}

std::optional<Move> timer(const World& world) noexcept {
    for (const Timer timer : patience) {
        for (const Side side : both_sides) {
            if (world.at(side).tcb.timers.at(timer)) {
                return Move{Kind::timer, side, static_cast<std::uint8_t>(timer)};
            }
        }
    }
    return std::nullopt;
}

std::string states_text(const World& world) {
    return fmt::format("A is {}, B is {}", text(world.at(Side::a).tcb.state),
                       text(world.at(Side::b).tcb.state));
}

}  // namespace

std::optional<std::string> first_broken(const std::vector<Law>& laws, const Passage& passage) {
    for (const Law& law : laws) {
        if (auto broken = law(passage)) {
            return broken;
        }
    }
    return std::nullopt;
}

std::optional<Move> Continuation::next(const World& world) const {
    if (auto move = arrival(world)) {
        return move;
    }
    std::vector<Move> possible;
    list_moves(world, setting_, possible);
    if (auto move = user_call(world, possible)) {
        return move;
    }
    return timer(world);
}

std::optional<std::string> Continuation::repetition(Fingerprint seen) const {
    const auto first = std::find(way_.begin(), way_.end(), seen);
    if (first == way_.end()) {
        return std::nullopt;
    }
    const auto since = moves_.begin() + (first - way_.begin());
    const bool waited =
        std::any_of(since, moves_.end(), [](const Move& move) { return move.kind == Kind::timer; });
    const auto steps = moves_.end() - since;
    if (waited) {
        return fmt::format(
            "nothing goes wrong any more, and yet after {} more moves all is as it was: "
            "neither CLOSED nor TIME-WAIT is ever reached",
            steps);
    }
    return fmt::format(
        "no timer fires, and yet the exchange of segments never ends: after {} more "
        "moves all is as it was",
        steps);
}

void Continuation::remember_all() {
    for (const Fingerprint& seen : way_) {
        known_.insert(seen);
    }
}

std::optional<std::string> Continuation::follow(World& world) {
    while (!over(world)) {
        const auto move = next(world);
        if (!move) {
            return fmt::format("nothing is left that could happen: {}", states_text(world));
        }
        moves_.push_back(*move);
        apply(world, *move, setting_, after_, did_);
        ++steps_;
        if (auto broken = first_broken(laws_, {world, *move, did_.all(), after_, setting_})) {
            return broken;
        }
        std::swap(world, after_);
        code_.clear();
        append_code(world, code_);
        const Fingerprint seen = fingerprint_without_budget(code_);
        if (known_.contains(seen)) {
            break;
        }
        if (auto again = repetition(seen)) {
            return again;
        }
        way_.push_back(seen);
    }
    remember_all();
    return std::nullopt;
}

std::optional<std::string> Continuation::broken(const World& world,
                                                std::span<const std::byte> code) {
    moves_.clear();
    way_.clear();
    way_.push_back(fingerprint_without_budget(code));
    if (known_.contains(way_.front())) {
        return std::nullopt;
    }
    World playing = world;
    return follow(playing);
}

}  // namespace tcpcraft
