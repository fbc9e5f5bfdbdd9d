#include <algorithm>
#include <cassert>
#include <utility>

#include <libtcpcraft/sim/world.hpp>

namespace tcpcraft {
namespace {

constexpr Instant now_in_world{std::chrono::hours{1}};

using Kind = Move::Kind;
using Call = UserCall::Kind;

bool sends_reset(const Actions& did) {
    return std::any_of(did.begin(), did.end(), [](const Action& action) {
        const auto* transmit = std::get_if<Transmit>(&action);
        return transmit != nullptr && transmit->segment.has(Flag::rst);
    });
}

/// It has acknowledged the last FIN of the connection: TIME-WAIT, or where that should be.
bool has_last_word(const WorldSide& before, const InFlight& arrived, State to, const Actions& did) {
    if (arrived.flags.has(Flag::rst) || (to != State::time_wait && to != State::closed)) {
        return false;
    }
    const State from = before.tcb.state;
    const bool was_closing = from == State::fin_wait_1 || from == State::fin_wait_2 ||
                             from == State::closing || from == State::time_wait;
    return from == State::closed ? before.last_word : was_closing && !sends_reset(did);
}

bool call_is_possible(const WorldSide& side, const UserCall& call) noexcept {
    const State state = side.tcb.state;
    switch (call.kind) {
        case Call::open_actively:
        case Call::open_passively:
            return state == State::closed;
        case Call::send:
            return state == State::syn_sent || state == State::syn_received ||
                   state == State::established || state == State::close_wait;
        default:
            return side.connected();
    }
}

/// One step of the machine of one side, and what follows of it for the world.
struct Stage {
    World& after;
    Side side;
    const Setting& setting;
    Actions& did;

    void step(const Event& event) {
        WorldSide& here = after.at(side);
        here.tcb =
            setting.step(std::move(here.tcb), event, now_in_world, setting.policy_of(side), did);
        for (const Action& action : did) {
            if (const auto* transmit = std::get_if<Transmit>(&action)) {
                put_in_flight(after, other(side), transmit->segment);
            } else if (const auto* deliver = std::get_if<Deliver>(&action)) {
                here.delivered = static_cast<std::uint8_t>(here.delivered + deliver->data.size());
            }
        }
    }

    void arrive(const WorldSide& before, const InFlight& flight) {
        const ConnectionId& id = connection_of(side);
        step(SegmentArrives{flight.segment(side), id.remote.address, id.local.address});
        WorldSide& here = after.at(side);
        here.last_word = has_last_word(before, flight, here.tcb.state, did);
    }

    void fire(Timer timer) {
        WorldSide& here = after.at(side);
        here.tcb.timers.set(timer, now_in_world);
        here.last_word = here.last_word && timer != Timer::time_wait;
        step(TimePasses{});
    }

    void send(std::uint8_t octets) {
        WorldSide& here = after.at(side);
        std::array<std::byte, InFlight::capacity> data{};
        assert(here.submitted + octets <= data.size());
        for (std::uint8_t i = 0; i < octets; ++i) {
            data[i] = octet_at(here.tcb.snd.iss, static_cast<std::uint8_t>(here.submitted + i));
        }
        here.submitted = static_cast<std::uint8_t>(here.submitted + octets);
        step(Send{std::span{data}.first(octets)});
    }

    void call(const UserCall& call) {
        WorldSide& here = after.at(side);
        ++here.calls;
        if (call.opens()) {
            here.last_word = false;
        }
        switch (call.kind) {
            case Call::open_actively:
                return step(ActiveOpen{.id = connection_of(side), .iss = call.iss});
            case Call::open_passively:
                return step(PassiveOpen{.local = connection_of(side).local, .iss = call.iss});
            case Call::send:
                return send(call.octets);
            case Call::close:
                return step(Close{});
            case Call::abort:
                return abort();
        }
    }

    void abort() {
        after.at(side).last_word = false;
        step(Abort{});
    }
};

void remove_copy(std::vector<InFlight>& arriving, std::uint8_t which) {
    if (--arriving[which].copies == 0) {
        arriving.erase(arriving.begin() + which);
    }
}

// ACKs that were held back for having been sent too often may be sent again.
void let_time_pass(World& world) {
    for (WorldSide& side : world.side) {
        side.tcb.challenged_at = 0;
    }
}

bool fires_for_free(Timer timer) noexcept {
    return timer == Timer::time_wait || timer == Timer::delayed_ack;
}

// once faults have stopped timers cost nothing
void spend_on(Timer timer, Budget& left) noexcept {
    if (!fires_for_free(timer) && left.timeouts > 0) {
        --left.timeouts;
    }
}

/// Segments live for one MSL, TIME-WAIT lasts for two: it outlives what is under way.
bool may_fire(const World& world, const WorldSide& side, Timer timer) noexcept {
    if (!side.tcb.timers.at(timer)) {
        return false;
    }
    if (timer == Timer::time_wait) {
        return world.side[0].arriving.empty() && world.side[1].arriving.empty();
    }
    return fires_for_free(timer) || world.left.timeouts > 0;
}

void list_network_moves(const World& world, Side side, std::vector<Move>& out) {
    const auto& arriving = world.at(side).arriving;
    for (std::uint8_t i = 0; i < arriving.size(); ++i) {
        out.push_back({Kind::deliver, side, i});
        if (world.left.losses > 0) {
            out.push_back({Kind::lose, side, i});
        }
        if (world.left.duplicates > 0 && arriving[i].copies < InFlight::most_copies) {
            out.push_back({Kind::duplicate, side, i});
        }
    }
}

void list_own_moves(const World& world, Side which, const UserCalls& script,
                    std::vector<Move>& out) {
    const WorldSide& side = world.at(which);
    for (std::uint8_t timer = 0; timer < timer_count; ++timer) {
        if (may_fire(world, side, static_cast<Timer>(timer))) {
            out.push_back({Kind::timer, which, timer});
        }
    }
    if (side.calls < script.size() && call_is_possible(side, script[side.calls])) {
        out.push_back({Kind::call, which, 0});
    }
    if (world.left.aborts > 0 && side.connected()) {
        out.push_back({Kind::abort, which, 0});
    }
}

}  // namespace

Instant world_time() noexcept { return now_in_world; }

void list_moves(const World& world, const Setting& setting, std::vector<Move>& out) {
    out.clear();
    for (const Side side : both_sides) {
        list_network_moves(world, side, out);
        list_own_moves(world, side, setting.script_of(side), out);
    }
    if (world.side[0].tcb.challenged_at != 0 || world.side[1].tcb.challenged_at != 0) {
        out.push_back({Kind::time_passes, Side::a, 0});
    }
}

void apply(const World& before, Move move, const Setting& setting, World& after, Actions& did) {
    did.clear();
    after = before;
    Stage stage{after, move.side, setting, did};
    const WorldSide& was = before.at(move.side);
    auto& arriving = after.at(move.side).arriving;
    switch (move.kind) {
        case Kind::deliver:
            remove_copy(arriving, move.which);
            stage.arrive(was, was.arriving[move.which]);
            break;
        case Kind::lose:
            remove_copy(arriving, move.which);
            --after.left.losses;
            break;
        case Kind::duplicate:
            ++arriving[move.which].copies;
            --after.left.duplicates;
            break;
        case Kind::timer:
            spend_on(static_cast<Timer>(move.which), after.left);
            let_time_pass(after);
            stage.fire(static_cast<Timer>(move.which));
            break;
        case Kind::call:
            stage.call(setting.script_of(move.side)[was.calls]);
            break;
        case Kind::abort:
            --after.left.aborts;
            stage.abort();
            break;
        case Kind::close:
            stage.step(Close{});
            break;
        case Kind::time_passes:
            let_time_pass(after);
            break;
    }
    normalise(after.at(move.side), move.side, setting);
}

}  // namespace tcpcraft
