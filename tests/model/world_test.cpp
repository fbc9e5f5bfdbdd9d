#include <algorithm>
#include <set>

#include <gtest/gtest.h>
#include <tests/model/starts.hpp>

#include <libtcpcraft/sim/world_code.hpp>

namespace tcpcraft {
namespace {

using model::client_server;
using model::closes;
using model::sends;

std::vector<std::byte> code_of(const World& world) {
    std::vector<std::byte> code;
    append_code(world, code);
    return code;
}

/// Worlds that a few moves lead to, all of them.
std::vector<World> worlds_after(const model::Start& start, int moves) {
    std::vector<World> worlds{start.world};
    std::size_t from = 0;
    for (int i = 0; i < moves; ++i) {
        const std::size_t to = worlds.size();
        for (; from < to; ++from) {
            std::vector<Move> possible;
            list_moves(worlds[from], start.setting, possible);
            for (const Move& move : possible) {
                World after;
                Actions did;
                apply(worlds[from], move, start.setting, after, did);
                worlds.push_back(std::move(after));
            }
        }
    }
    return worlds;
}

model::Start start_with_everything() {
    return client_server({{sends(2), closes()}, {sends(1), closes()}}, {1, 1, 1, 1});
}

TEST(WorldCode, GivesTheSameWorldBack) {
    const model::Start start = start_with_everything();
    for (const World& world : worlds_after(start, 6)) {
        World again;
        read_code(code_of(world), start.setting, again);
        ASSERT_EQ(again, world);  // a member of Tcb that the code leaves out would differ here
    }
}

TEST(WorldCode, ReusesAWorldWithoutTraces) {
    const model::Start start = start_with_everything();
    World again;
    for (const World& world : worlds_after(start, 5)) {
        read_code(code_of(world), start.setting, again);
        ASSERT_EQ(again, world);
    }
}

TEST(WorldCode, IsDifferentForDifferentWorlds) {
    const model::Start start = start_with_everything();
    const std::vector<World> worlds = worlds_after(start, 4);
    for (const World& one : worlds) {
        for (const World& two : worlds) {
            ASSERT_EQ(one == two, fingerprint(code_of(one)) == fingerprint(code_of(two)));
        }
    }
}

TEST(WorldCode, BudgetCountsOnlyWhereItShould) {
    const model::Start start = start_with_everything();
    World richer = start.world;
    ++richer.left.losses;
    EXPECT_NE(fingerprint(code_of(richer)), fingerprint(code_of(start.world)));
    EXPECT_EQ(fingerprint_without_budget(code_of(richer)),
              fingerprint_without_budget(code_of(start.world)));
}

TEST(Fingerprints, KeepsWhatWasInserted) {
    Fingerprints set;
    for (std::uint64_t i = 1; i <= 5000; ++i) {
        EXPECT_TRUE(set.insert({i * 1024, i}));
        EXPECT_FALSE(set.insert({i * 1024, i}));
    }
    EXPECT_EQ(set.size(), 5000U);
    EXPECT_TRUE(set.contains({1024, 1}));
    EXPECT_FALSE(set.contains({1024, 2}));
}

TEST(World, MoreThanTwoCopiesOfASegmentAreTwo) {
    World world;
    Segment syn;
    syn.flags = {Flag::syn};
    for (int i = 0; i < 3; ++i) {
        put_in_flight(world, Side::b, syn);
    }
    ASSERT_EQ(world.at(Side::b).arriving.size(), 1U);
    EXPECT_EQ(world.at(Side::b).arriving[0].copies, InFlight::most_copies);
}

TEST(World, TimeWaitOutlivesWhatIsUnderWay) {  // RFC 9293 §3.4.2, §3.6.1
    model::Start start = client_server({{closes()}, {closes()}}, {});
    start.world.at(Side::a).tcb.state = State::time_wait;
    start.world.at(Side::a).tcb.timers.set(Timer::time_wait, world_time());
    const auto may_end = [&] {
        std::vector<Move> possible;
        list_moves(start.world, start.setting, possible);
        const Move end{Move::Kind::timer, Side::a, static_cast<std::uint8_t>(Timer::time_wait)};
        return std::find(possible.begin(), possible.end(), end) != possible.end();
    };
    EXPECT_TRUE(may_end());
    put_in_flight(start.world, Side::b, Segment{});
    EXPECT_FALSE(may_end());
}

TEST(World, OctetsTellConnectionsApart) {
    std::set<std::byte> octets;
    for (std::uint8_t place = 0; place < InFlight::capacity; ++place) {
        octets.insert(octet_at(Seq{1000}, place));
        octets.insert(octet_at(Seq{1001}, place));
    }
    EXPECT_EQ(octets.size(), 2U * InFlight::capacity);
}

}  // namespace
}  // namespace tcpcraft
