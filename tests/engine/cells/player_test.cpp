#include <gtest/gtest.h>
#include <tests/engine/cells/page.hpp>
#include <tests/engine/cells/player.hpp>

// What judges the machine is judged here: lines that do not hold are found out.

namespace tcpcraft::cells {
namespace {

std::vector<std::string> faults(Place place, std::vector<std::string_view> lines) {
    Player player{{Seq{0xffffffff}, Seq{0}}};
    player.play(place, {.when = Happening::syn, .cites = "", .lines = std::move(lines)});
    return player.faults();
}

TEST(Player, IsContentWhenAllHolds) {
    EXPECT_TRUE(faults(Place::established, {"< P. 1:6(5) ack 1", "delivers 5", "> . 1:1(0) ack 6"})
                    .empty());
}

TEST(Player, FindsWhatDidNotHappen) {
    EXPECT_EQ(faults(Place::established, {"< . 1:1(0) ack 1", "> . 1:1(0) ack 1"}).size(), 1U);
    EXPECT_EQ(faults(Place::established, {"< . 1:1(0) ack 1", "enters CLOSED"}).size(), 1U);
    EXPECT_EQ(faults(Place::established, {"runs retransmission"}).size(), 1U);
}

TEST(Player, FindsWhatNobodyAskedFor) {
    EXPECT_EQ(faults(Place::established, {"< P. 1:6(5) ack 1", "delivers 5"}).size(), 1U);
    EXPECT_EQ(faults(Place::established, {"< R 0:0(0)"}).size(), 1U);
    EXPECT_EQ(faults(Place::fin_wait_1, {"never retransmission"}).size(), 1U);
}

TEST(Player, FindsOtherNumbersFlagsReasonsAndNotices) {
    const std::string_view data = "< P. 1:6(5) ack 1";
    EXPECT_EQ(faults(Place::established, {data, "delivers 4", "> . 1:1(0) ack 6"}).size(), 1U);
    EXPECT_EQ(faults(Place::established, {data, "delivers 5", "> . 1:1(0) ack 5"}).size(), 1U);
    EXPECT_EQ(faults(Place::established, {data, "delivers 5", "> F. 1:1(0) ack 6"}).size(), 1U);
    EXPECT_EQ(faults(Place::established, {"< R 0:0(0)", "drops reset ignored"}).size(), 1U);
    EXPECT_EQ(faults(Place::closed, {"SEND 5", "tells connection closing"}).size(), 1U);
}

TEST(Player, FindsTimersThatGoOnOrStartAnew) {
    const std::string_view fin = "< F. 1:1(0) ack 2";
    EXPECT_EQ(faults(Place::time_wait, {"AFTER 60", fin, "> . 2:2(0) ack 2",
                                        "drops sequence not acceptable", "keeps time-wait"})
                  .size(),
              1U);
    EXPECT_EQ(faults(Place::time_wait, {"AFTER 60", "restarts time-wait"}).size(), 1U);
    EXPECT_EQ(faults(Place::established, {"TIMER zero-window"}).size(), 1U);
}

TEST(Player, RefusesLinesThatSayNothing) {
    EXPECT_EQ(faults(Place::closed, {"waits"}).size(), 1U);
    EXPECT_EQ(faults(Place::closed, {"with luck"}).size(), 1U);
    EXPECT_EQ(faults(Place::closed, {"< Q 0:0(0)"}).size(), 1U);
    EXPECT_EQ(faults(Place::closed, {"never egg"}).size(), 1U);
}

struct Altered {
    std::string_view what{};
    void (*alter)(Policy& policy){};
};

std::size_t cells_that_fail(const Policy& policy) {
    std::size_t failed = 0;
    for (std::size_t i = 0; i < place_count; ++i) {
        for (const Cell& cell : cells_of(static_cast<Place>(i))) {
            Player player{{}, policy};
            player.play(static_cast<Place>(i), cell);
            failed += player.faults().empty() ? 0U : 1U;
        }
    }
    return failed;
}

// A machine that is altered in one thing fails some cell.
TEST(StateTimesEvent, Bites) {
    const std::array<Altered, 9> altered{{
        {"no challenge ACK", [](Policy& p) { p.challenge_ack = false; }},
        {"a bare ACK for a repeated SYN", [](Policy& p) { p.repeat_syn_ack = false; }},
        {"no SYN ends TIME-WAIT", [](Policy& p) { p.rfc6191 = false; }},
        {"no RST ends TIME-WAIT", [](Policy& p) { p.rfc1337 = true; }},
        {"data after CLOSE is reset", [](Policy& p) { p.half_duplex_close = true; }},
        {"a window of another size", [](Policy& p) { p.rcv_wnd = window + 1; }},
        {"two-way handshake", [](Policy& p) { p.deviations.two_way_handshake = true; }},
        {"no TIME-WAIT", [](Policy& p) { p.deviations.no_time_wait = true; }},
        {"mute when closed", [](Policy& p) { p.deviations.mute_when_closed = true; }},
    }};
    const Policy honest{.rcv_wnd = window};
    EXPECT_EQ(cells_that_fail(honest), 0U);
    for (const Altered& one : altered) {
        Policy policy = honest;
        one.alter(policy);
        EXPECT_GT(cells_that_fail(policy), 0U) << one.what;
    }
}

TEST(Page, IsDrawnOnlyWhereEveryPartHasItsPlace) {
    std::string page = "text\n";
    for (const std::string_view part : {"state diagram", "abrupt ends", "overview", "tables"}) {
        EXPECT_FALSE(drawn_anew(page).has_value());
        page += "<!-- generated: " + std::string{part} + " -->\nout of date\n<!-- end -->\n";
    }
    const auto drawn = drawn_anew(page);
    ASSERT_TRUE(drawn.has_value());
    EXPECT_EQ(drawn->find("out of date"), std::string::npos);
    EXPECT_NE(drawn->find("SYN_SENT --> ESTABLISHED: syn_sent_establishes"), std::string::npos);
    EXPECT_EQ(drawn_anew(*drawn), drawn);  // what is up to date stays as it is
}

}  // namespace
}  // namespace tcpcraft::cells
