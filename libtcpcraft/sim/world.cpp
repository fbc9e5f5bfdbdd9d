#include <algorithm>
#include <cassert>
#include <tuple>
#include <utility>

#include <libtcpcraft/sim/world.hpp>

namespace tcpcraft {
namespace {

constexpr Instant now_in_world{std::chrono::hours{1}};
constexpr Instant later_in_world{std::chrono::hours{1000}};
constexpr std::uint32_t just_challenged = 3'600'000;  // in milliseconds

using Kind = Move::Kind;
using Call = UserCall::Kind;

bool connected(State state) noexcept { return state != State::closed && state != State::listen; }

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
            return connected(state);
    }
}

bool opens(const UserCall& call) noexcept {
    return call.kind == Call::open_actively || call.kind == Call::open_passively;
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
        if (opens(call)) {
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

void list_own_moves(const World& world, Side which, const Script& script, std::vector<Move>& out) {
    const WorldSide& side = world.at(which);
    for (std::uint8_t timer = 0; timer < timer_count; ++timer) {
        if (may_fire(world, side, static_cast<Timer>(timer))) {
            out.push_back({Kind::timer, which, timer});
        }
    }
    if (side.calls < script.size() && call_is_possible(side, script[side.calls])) {
        out.push_back({Kind::call, which, 0});
    }
    if (world.left.aborts > 0 && connected(side.tcb.state)) {
        out.push_back({Kind::abort, which, 0});
    }
}

void normalise_times(Tcb& tcb, const Policy& policy) {
    for (std::size_t i = 0; i < timer_count; ++i) {
        if (tcb.timers.at(static_cast<Timer>(i))) {
            tcb.timers.set(static_cast<Timer>(i), later_in_world);
        }
    }
    tcb.rto = Rto{policy.rto};
    tcb.timing = false;
    tcb.timed_seq = {};
    tcb.timed_at = 0;
    tcb.syn_retransmitted = false;  // matters for the RTO only
    const bool throttles = policy.challenge_spacing > Duration{};
    tcb.challenged_at = throttles && tcb.challenged_at != 0 ? just_challenged : 0;
}

}  // namespace

Instant world_time() noexcept { return now_in_world; }

const ConnectionId& connection_of(Side side) noexcept {
    static const Endpoint a = Endpoint::read("192.0.2.1:40000").value();
    static const Endpoint b = Endpoint::read("192.0.2.2:80").value();
    static const std::array<ConnectionId, 2> ids{ConnectionId{a, b}, ConnectionId{b, a}};
    return ids[index(side)];
}

std::byte octet_at(Seq iss, std::uint8_t place) noexcept {
    static_assert(InFlight::capacity == 8);  // one to one for ISS modulo 32
    return static_cast<std::byte>((iss.raw() * 8 + place) * 0xb5U & 0xffU);
}

Segment InFlight::segment(Side to) const noexcept {
    Segment made;
    made.source = connection_of(to).remote.port;
    made.destination = connection_of(to).local.port;
    made.seq = seq;
    made.ack = ack;
    made.flags = flags;
    made.wnd = wnd;
    made.payload = payload();
    return made;
}

std::strong_ordering InFlight::order(const InFlight& than) const noexcept {
    const auto key = [](const InFlight& f) {
        return std::tuple{f.seq.raw(), f.ack.raw(), f.flags.bits(), f.wnd, f.size};
    };
    const auto first = key(*this) <=> key(than);
    return first != 0 ? first : octets <=> than.octets;
}

void put_in_flight(World& world, Side to, const Segment& segment) {
    assert(segment.options.empty() && segment.payload.size() <= InFlight::capacity);
    InFlight flight{.seq = segment.seq,
                    .ack = segment.ack,
                    .flags = segment.flags,
                    .wnd = segment.wnd,
                    .size = static_cast<std::uint8_t>(segment.payload.size())};
    std::copy(segment.payload.begin(), segment.payload.end(), flight.octets.begin());
    auto& arriving = world.at(to).arriving;
    const auto at = std::find_if(arriving.begin(), arriving.end(),
                                 [&](const InFlight& f) { return f.order(flight) >= 0; });
    if (at != arriving.end() && at->order(flight) == 0) {
        at->copies = std::min<std::uint8_t>(at->copies + 1, InFlight::most_copies);
    } else {
        arriving.insert(at, flight);
    }
}

void normalise(WorldSide& side, Side which, const Setting& setting) {
    Tcb& tcb = side.tcb;
    const State state = tcb.state;
    normalise_times(tcb, setting.policy_of(which));
    tcb.ts = {};  // no timestamps here
    tcb.snd.up = {};
    tcb.rcv.up = {};
    if (!setting.counts_retransmissions) {
        tcb.backoffs = 0;
        tcb.probes = 0;
    }
    if (tcb.buffers.peek() != nullptr) {
        tcb.buffers.use().newest = {};  // for SACK only
        if (tcb.buffers.peek()->empty()) {
            tcb.buffers.release();
        }
    }
    if (state == State::closed) {
        tcb = Tcb{};
        normalise_times(tcb, setting.policy_of(which));
    }
    tcb.id = connection_of(which);
    if (!connected(state)) {
        side.submitted = 0;
        side.delivered = 0;
        tcb.id.remote = {Address::unspecified(tcb.id.local.address.family()), Port{}};
    }
    const Script& script = setting.script_of(which);
    while (state == State::closed && side.calls > 0 && side.calls < script.size() &&
           !opens(script[side.calls])) {
        ++side.calls;
    }
}

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
