#include <gtest/gtest.h>
#include <tests/model/starts.hpp>

#include <libtcpcraft/sim/retell.hpp>

// RFC 9293 in every order of events within a budget: all laws of sim/laws.hpp, and that everything
// comes to an end. Initial sequence numbers lie just below the wrap unless a test says otherwise.

namespace tcpcraft::model {
namespace {

const UserCalls close_only{closes()};
const UserCalls send_close{sends(1), closes()};
const UserCalls send_only{sends(1)};
const UserCalls nothing{};

constexpr Budget one_of_each{.losses = 1, .duplicates = 1, .timeouts = 1};
constexpr Budget one_of_each_and_abort{.losses = 1, .duplicates = 1, .timeouts = 1, .aborts = 1};

Exploration keeps_the_laws(const Start& start) {
    Exploration seen = explore(start.world, start.setting, start.laws, start.bounds);
    EXPECT_TRUE(seen.complete || seen.found);
    EXPECT_FALSE(seen.found) << retell(start.world, start.setting, *seen.found);
    return seen;
}

TEST(Keeps, ClientServerEitherSideCloses) {  // RFC 9293 §3.5, §3.6
    keeps_the_laws(client_server({close_only, close_only}, one_of_each));
}

TEST(Keeps, ClientServerOnlyAClosesFirst) {  // RFC 9293 §3.6
    keeps_the_laws(client_server({close_only, nothing}, one_of_each));
}

TEST(Keeps, ClientServerOnlyBClosesFirst) {  // RFC 9293 §3.6
    keeps_the_laws(client_server({nothing, close_only}, one_of_each));
}

TEST(Keeps, ClientServerEitherSideMayAbort) {  // RFC 9293 §3.10.5
    keeps_the_laws(client_server({close_only, close_only}, one_of_each_and_abort));
}

TEST(Keeps, ClientSends) {  // RFC 9293 §3.8
    keeps_the_laws(client_server({send_close, close_only}, {1, 0, 1, 0}));
    keeps_the_laws(established({send_close, close_only}, one_of_each));
}

TEST(Keeps, ServerSends) {  // RFC 9293 §3.8
    keeps_the_laws(client_server({nothing, send_close}, one_of_each));
}

TEST(Keeps, BothSend) {  // RFC 9293 §3.8
    keeps_the_laws(client_server({send_close, send_close}, {1, 0, 0, 0}));
    keeps_the_laws(established({send_close, send_close}, {1, 0, 1, 0}));
    keeps_the_laws(established({send_close, send_close}, {0, 1, 0, 0}));
}

TEST(Keeps, BothSendAndMayAbort) {  // RFC 9293 §3.10.5
    keeps_the_laws(established({send_close, send_only}, {1, 0, 1, 1}));
}

TEST(Keeps, MoreThanTheWindow) {  // RFC 9293 §3.8.6
    keeps_the_laws(established({{sends(6), closes()}, close_only}, {1, 0, 1, 0}));
    keeps_the_laws(established({{sends(6), closes()}, close_only}, {0, 1, 0, 0}));
}

TEST(Keeps, SmallSegmentsOutOfOrder) {  // RFC 9293 §3.10.7.4, seventh (SHLD-31)
    Start start = established({{sends(3), closes()}, nothing}, {1, 1, 0, 0});
    for (Policy& policy : start.setting.policy) {
        policy.mms_s = 21;  // one octet in each
    }
    keeps_the_laws(start);
}

TEST(Keeps, DelayedAcks) {  // RFC 9293 §3.8.6.3
    Start start = established({send_close, send_close}, {1, 0, 1, 0});
    for (Policy& policy : start.setting.policy) {
        policy.delayed_ack = std::chrono::milliseconds{200};
    }
    keeps_the_laws(start);
}

TEST(Keeps, SimultaneousOpen) {  // RFC 9293 §3.5 (MUST-10)
    keeps_the_laws(simultaneous_open({close_only, close_only}, one_of_each));
}

TEST(Keeps, SimultaneousOpenBothSend) {  // RFC 9293 §3.5 (MUST-10)
    keeps_the_laws(simultaneous_open({send_close, send_only}, {1, 0, 0, 0}));
    keeps_the_laws(simultaneous_open({send_close, send_only}, {0, 1, 0, 0}));
    keeps_the_laws(simultaneous_open({send_only, send_close}, {0, 0, 1, 0}));
}

TEST(Keeps, SimultaneousOpenEitherSideMayAbort) {  // RFC 9293 §3.5, §3.10.5
    keeps_the_laws(simultaneous_open({nothing, close_only}, {1, 0, 1, 1}));
}

TEST(Keeps, OldDuplicateSynAlone) {  // RFC 9293 §3.5, Figure 8
    keeps_the_laws(old_duplicate_syn(true, {1, 1, 2, 0}));
}

TEST(Keeps, OldDuplicateSynBesideANewOne) {  // RFC 9293 §3.5, Figure 8
    keeps_the_laws(old_duplicate_syn(false, {0, 1, 1, 0}));
}

TEST(Keeps, RetransmissionsRunOut) {  // RFC 9293 §3.8.3 (MUST-20)
    Start start = client_server({close_only, close_only}, {2, 0, 2, 0});
    for (Policy& policy : start.setting.policy) {
        policy.syn_retransmissions = 1;
        policy.retransmissions = 1;
    }
    start.setting.counts_retransmissions = true;
    keeps_the_laws(start);
}

TEST(Keeps, WorldsDoNotDependOnTheNumbers) {  // RFC 9293 §3.4
    const Scripts scripts{send_close, close_only};
    const auto worlds = [&](Numbers numbers) {
        const Exploration seen = keeps_the_laws(client_server(scripts, {1, 0, 1, 0}, numbers));
        return std::pair{seen.worlds, seen.transitions};
    };
    EXPECT_EQ(worlds(below_the_wrap), worlds(far_from_the_wrap));
}

TEST(Keeps, ACompleteExplorationHasSeenMoreThanItsPaths) {
    const Exploration seen = keeps_the_laws(client_server({close_only, close_only}, {}));
    EXPECT_GT(seen.worlds, 100U);
    EXPECT_GT(seen.transitions, seen.worlds);
    EXPECT_GT(seen.endings, 0U);
}

TEST(Keeps, StopsAtItsBound) {
    const Start start = client_server({close_only, close_only}, one_of_each);
    const Exploration seen = explore(start.world, start.setting, start.laws, {.worlds = 50});
    EXPECT_FALSE(seen.complete);
    EXPECT_LT(seen.worlds, 100U);
}

}  // namespace
}  // namespace tcpcraft::model
