#include <set>

#include <fmt/core.h>
#include <gtest/gtest.h>
#include <tests/engine/cells/transcript.hpp>

// State × event (RFC 9293 §3.10): every cell as a dialogue, from both origins; and none is missing.

namespace tcpcraft::cells {
namespace {

const Origins at_zero{Seq{0}, Seq{0}};
const Origins below_the_wrap{Seq{0xffffffff}, Seq{0xfffffffe}};

struct Param {
    Place place{};
    const Cell* cell{};
    std::size_t nth{};
    Origins origins{};
};

std::string identifier(std::string_view title) {
    std::string name;
    for (const char c : title) {
        const bool plain =
            (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (plain) {
            name += c;
        } else if (!name.empty() && name.back() != '_') {
            name += '_';
        }
    }
    return name;
}

std::string name_of(const ::testing::TestParamInfo<Param>& info) {
    const Param& p = info.param;
    return identifier(fmt::format("{}_{}_{}_{}", title(p.place), title(p.cell->when), p.nth,
                                  p.origins.iss == at_zero.iss ? "zero" : "wrap"));
}

std::vector<Param> all_cells() {
    std::vector<Param> all;
    for (std::size_t i = 0; i < place_count; ++i) {
        const auto place = static_cast<Place>(i);
        std::array<std::size_t, happening_count> seen{};
        for (const Cell& cell : cells_of(place)) {
            const std::size_t nth = ++seen[static_cast<std::size_t>(cell.when)];
            all.push_back({place, &cell, nth, at_zero});
            all.push_back({place, &cell, nth, below_the_wrap});
        }
    }
    return all;
}

class Cells : public ::testing::TestWithParam<Param> {};
INSTANTIATE_TEST_SUITE_P(All, Cells, ::testing::ValuesIn(all_cells()), name_of);

TEST_P(Cells, Hold) {  // RFC 9293 §3.10: the section is in each cell
    const Cell& cell = *GetParam().cell;
    Player player{GetParam().origins};
    player.play(GetParam().place, cell);
    for (const std::string& fault : player.faults()) {
        ADD_FAILURE() << fault << "\n(" << cell.cites << ")\n" << player.told();
    }
    ASSERT_TRUE(!player.story().empty() || is_never(cell));
    if (!is_never(cell)) {
        EXPECT_EQ(text(player.story().back().from), text(state_of(GetParam().place)))
            << "the last event belongs to another state\n"
            << player.told();
    }
}

// No cell without its section; what cannot happen says why.
TEST_P(Cells, SayWhere) {
    const Cell& cell = *GetParam().cell;
    EXPECT_NE(cell.cites.find("§"), std::string_view::npos);
    EXPECT_EQ(cell.cites.find("RFC "), 0U);
    EXPECT_TRUE(!is_never(cell) || !cell.note.empty());
}

TEST(StateTimesEvent, HasEveryCell) {  // RFC 9293 §3.3.2, §3.10
    for (std::size_t i = 0; i < place_count; ++i) {
        const auto place = static_cast<Place>(i);
        std::set<Happening> has;
        for (const Cell& cell : cells_of(place)) {
            has.insert(cell.when);
        }
        for (std::size_t j = 0; j < happening_count; ++j) {
            const auto happening = static_cast<Happening>(j);
            EXPECT_EQ(has.count(happening), 1U)
                << title(place) << " has no cell for: " << title(happening);
        }
    }
}

using StateAndTimer = std::pair<State, std::string_view>;

std::set<StateAndTimer> timers_that_never_run() {
    std::set<StateAndTimer> never;
    for (const Played& played : all_played()) {
        if (is_never(*played.cell)) {
            never.emplace(state_of(played.place), played.cell->lines.back().substr(6));
        }
    }
    return never;
}

void add_timers(const Happened& happened, std::set<StateAndTimer>& ran) {
    for (const std::string_view timer : happened.timers) {
        ran.emplace(happened.to, timer);
    }
}

std::set<StateAndTimer> timers_that_ran() {
    std::set<StateAndTimer> ran;
    for (const Played& played : all_played()) {
        for (const Happened& happened : played.story) {
            add_timers(happened, ran);
        }
    }
    return ran;
}

// A timer that a cell says can never run in a state runs after no event of any cell that ends
// there; any other does.
TEST(StateTimesEvent, RunsNoTimerWhereItCannot) {  // RFC 9293 §3.8, §3.10.8
    const auto never = timers_that_never_run();
    const auto ran = timers_that_ran();
    EXPECT_EQ(never.size() + ran.size(), state_count * timer_count);
    for (const auto& [state, timer] : ran) {
        EXPECT_EQ(never.count({state, timer}), 0U) << timer << " in " << text(state);
    }
}

// The table that is drawn from one origin is that of the other.
TEST(StateTimesEvent, IsTheSameFromBothOrigins) {  // RFC 9293 §3.4
    const auto wrapping = play_all(below_the_wrap);
    ASSERT_EQ(wrapping.size(), all_played().size());
    for (std::size_t i = 0; i < wrapping.size(); ++i) {
        ASSERT_EQ(wrapping[i].story.size(), all_played()[i].story.size());
        for (std::size_t j = 0; j < wrapping[i].story.size(); ++j) {
            EXPECT_EQ(wrapping[i].story[j].actions, all_played()[i].story[j].actions);
            EXPECT_EQ(wrapping[i].story[j].rules, all_played()[i].story[j].rules);
        }
    }
}

// Each of the states is entered in some cell, and each transition of the RFC's figure is among
// them.
TEST(StateTimesEvent, HasTheTransitionsOfFigure5) {  // RFC 9293 §3.3.2 Fig. 5
    using enum State;
    const std::vector<std::pair<State, State>> figure{
        {closed, listen},           {closed, syn_sent},       {listen, syn_received},
        {listen, syn_sent},         {listen, closed},         {syn_sent, syn_received},
        {syn_sent, established},    {syn_sent, closed},       {syn_received, established},
        {syn_received, fin_wait_1}, {syn_received, listen},   {established, fin_wait_1},
        {established, close_wait},  {fin_wait_1, fin_wait_2}, {fin_wait_1, closing},
        {fin_wait_2, time_wait},    {closing, time_wait},     {close_wait, last_ack},
        {last_ack, closed},         {time_wait, closed},
    };
    std::set<std::pair<State, State>> seen;
    for (const Transition& t : all_transitions()) {
        seen.emplace(t.from, t.to);
    }
    for (const auto& [from, to] : figure) {
        EXPECT_EQ(seen.count({from, to}), 1U) << text(from) << " -> " << text(to);
    }
}

}  // namespace
}  // namespace tcpcraft::cells
