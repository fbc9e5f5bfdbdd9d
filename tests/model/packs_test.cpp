#include <gtest/gtest.h>
#include <tests/model/starts.hpp>

#include <libtcpcraft/engine/packed_tcb.hpp>

// A TCB at rest comes back as it was, in every state that an exploration reaches.

namespace tcpcraft::model {
namespace {

struct Seen {
    std::array<std::size_t, 11> packed{};  ///< by state
    std::size_t refused{0};
    std::size_t wrong{0};
};

StepFunction packing(Seen& seen) {
    return [&seen](Tcb tcb, const Event& event, Instant now, const Policy& policy, Actions& out) {
        Tcb next = advance(std::move(tcb), event, now, policy, out);
        if (const auto packed = pack(next)) {
            ++seen.packed.at(static_cast<std::size_t>(next.state));
            seen.wrong += unpack(*packed, next.id) == next ? 0U : 1U;
        } else {
            ++seen.refused;
        }
        return next;
    };
}

TEST(Packs, EveryStateReached) {
    Seen seen;
    const UserCalls send_close{sends(1), closes()};
    Start start = client_server({send_close, {closes()}}, {1, 0, 0, 0});
    start.setting.step = packing(seen);
    for (Policy& policy : start.setting.policy) {
        policy.keep_alive = KeepAlive{};
        policy.fin_wait_2 = {};
    }
    const Exploration all = explore(start.world, start.setting, start.laws, start.bounds);
    EXPECT_TRUE(all.complete);
    EXPECT_EQ(seen.wrong, 0U);
    EXPECT_GT(seen.refused, 0U) << "what is queued cannot be packed";
    for (const State state : {State::listen, State::syn_sent, State::syn_received,
                              State::established, State::fin_wait_2, State::time_wait}) {
        EXPECT_GT(seen.packed.at(static_cast<std::size_t>(state)), 0U) << text(state);
    }
}

TEST(Packs, WhatRestsAndNothingElse) {
    Tcb tcb;
    EXPECT_TRUE(pack(tcb));
    tcb.timers.set(Timer::keep_alive, Instant{Duration{7}});
    ASSERT_TRUE(pack(tcb));
    EXPECT_EQ(unpack(*pack(tcb), tcb.id), tcb);
    EXPECT_EQ(unpack(*pack(tcb), tcb.id).timers.at(Timer::keep_alive), Instant{Duration{7}});
    (void)tcb.buffers.use();
    EXPECT_TRUE(pack(tcb)) << "empty buffers hold nothing";
    tcb.timers.set(Timer::user, Instant{Duration{9}});
    EXPECT_FALSE(pack(tcb)) << "two timers";
    tcb.timers.clear(Timer::keep_alive);
    EXPECT_TRUE(pack(tcb));
    tcb.buffers.use().send.resize(1);
    EXPECT_FALSE(pack(tcb)) << "an octet is queued";
}

}  // namespace
}  // namespace tcpcraft::model
