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
