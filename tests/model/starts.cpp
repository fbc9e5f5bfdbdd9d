#include <tests/model/starts.hpp>

namespace tcpcraft::model {
namespace {

using Kind = UserCall::Kind;
using namespace std::chrono_literals;

/// Small windows, so that they are met; challenge ACKs with a least time between them; no side
/// waits in FIN-WAIT-2 for a peer that is gone (the RFC has no limit there).
Policy model_policy() {
    Policy policy;
    policy.rcv_wnd = 4;
    policy.challenge_spacing = 500ms;
    policy.fin_wait_2 = 60s;
    return policy;
}

UserCalls opened_by(UserCall open, const UserCalls& then) {
    UserCalls all{open};
    all.insert(all.end(), then.begin(), then.end());
    return all;
}

Start begin(UserCall open_a, UserCall open_b, const Scripts& then, Budget budget) {
    Start start;
    start.setting.policy = {model_policy(), model_policy()};
    start.setting.script = {opened_by(open_a, then.a), opened_by(open_b, then.b)};
    start.world.left = budget;
    for (const Side side : both_sides) {
        normalise(start.world.at(side), side, start.setting);
    }
    return start;
}

void play(Start& start, Move move) {
    World after;
    Actions did;
    apply(start.world, move, start.setting, after, did);
    start.world = after;
}

void play_call(Start& start, Side side) { play(start, {Move::Kind::call, side, 0}); }
void play_arrival(Start& start, Side side) { play(start, {Move::Kind::deliver, side, 0}); }

}  // namespace

UserCall open_actively(Seq iss) { return {Kind::open_actively, 0, iss}; }
UserCall open_passively(Seq iss) { return {Kind::open_passively, 0, iss}; }
UserCall sends(std::uint8_t octets) { return {Kind::send, octets, {}}; }
UserCall closes() { return {Kind::close, 0, {}}; }
UserCall aborts() { return {Kind::abort, 0, {}}; }

Start client_server(const Scripts& then, Budget budget, Numbers numbers) {
    Start start = begin(open_actively(numbers.a), open_passively(numbers.b), then, budget);
    play_call(start, Side::b);
    return start;
}

Start simultaneous_open(const Scripts& then, Budget budget, Numbers numbers) {
    return begin(open_actively(numbers.a), open_actively(numbers.b), then, budget);
}

Start old_duplicate_syn(bool alone, Budget budget, Numbers numbers) {
    Start start = client_server({{closes()}, {closes()}}, budget, numbers);
    const Seq old = numbers.a - age_of_old_syn;
    if (alone) {
        start.setting.script[index(Side::a)].clear();
    }
    Segment syn;
    syn.seq = old;
    syn.flags = {Flag::syn};
    syn.wnd = 4;
    put_in_flight(start.world, Side::b, syn);
    start.laws.push_back(laws::never_synchronized_by(old));
    return start;
}

Start established(const Scripts& then, Budget budget, Numbers numbers) {
    Start start = client_server(then, budget, numbers);
    play_call(start, Side::a);
    play_arrival(start, Side::b);
    play_arrival(start, Side::a);
    play_arrival(start, Side::b);
    return start;
}

Start desynchronised(Budget budget, Numbers numbers) {
    Start start = established({{closes()}, {closes()}}, budget, numbers);
    Tcb& a = start.world.at(Side::a).tcb;
    a.rcv.nxt = a.rcv.nxt + 1;
    start.laws = {laws::invariants, laws::no_reset_for_a_reset};
    return start;
}

Start desynchronised_both_ways(Budget budget, Numbers numbers) {
    Start start = desynchronised(budget, numbers);
    for (WorldSide& side : start.world.side) {
        side.tcb.rcv.nxt = side.tcb.rcv.nxt + 3;
    }
    for (Policy& policy : start.setting.policy) {
        policy.retransmissions = 2;
    }
    start.setting.counts_retransmissions = true;
    return start;
}

}  // namespace tcpcraft::model
