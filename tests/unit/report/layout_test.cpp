// Where ladders and timelines stand: RFC 9293 figures as pictures, product.md 2.3.
#include <chrono>
#include <sstream>

#include <gtest/gtest.h>
#include <tests/unit/trace/story.hpp>

#include <libtcpcraft/report/assets.hpp>
#include <libtcpcraft/report/book.hpp>
#include <libtcpcraft/report/ladder_layout.hpp>
#include <libtcpcraft/report/ladder_svg.hpp>
#include <libtcpcraft/report/timeline_layout.hpp>

namespace tcpcraft {

namespace {

using namespace std::chrono_literals;

struct Drawn {
    RunBook book{TextOptions{}};
    explicit Drawn(const test::Story& story) { story.tell(book); }
    [[nodiscard]] const Ladder& ladder() const { return *book.ladders().front(); }
};

TEST(LadderLayout, RowsStandBelowEachOther) {
    const Drawn drawn{test::normal_handshake()};
    for (const LadderGeometry* geometry : {&wide_ladder(), &narrow_ladder()}) {
        const LadderLayout layout = lay_out(drawn.ladder(), *geometry, 0);
        double y = 0;
        ASSERT_GE(layout.rows.size(), 3U);
        for (const PlacedRow& row : layout.rows) {
            EXPECT_GE(row.y, y);
            EXPECT_GT(row.height, 0);
            y = row.y + row.height;
        }
        EXPECT_GE(layout.height, y);
    }
}

// Time goes down: a segment's head is lower than its tail, and points to whom it is for.
TEST(LadderLayout, ArrowsLeadFromSenderToReceiver) {
    const Drawn drawn{test::normal_handshake()};
    const LadderLayout layout = lay_out(drawn.ladder(), wide_ladder(), 0);
    std::size_t arrows = 0;
    for (const PlacedRow& row : layout.rows) {
        if (!row.arrow) {
            continue;
        }
        ++arrows;
        EXPECT_GT(row.arrow->head_y, row.arrow->tail_y);
        const bool out = row.row->arrow->direction == Direction::out;
        EXPECT_EQ(row.arrow->head_x > row.arrow->tail_x, out);
    }
    EXPECT_GE(arrows, 3U);
}

TEST(LadderLayout, ALostSegmentDoesNotArrive) {
    const Drawn drawn{test::lost_syn()};
    const LadderLayout layout = lay_out(drawn.ladder(), wide_ladder(), 0);
    const PlacedArrow* lost = nullptr;
    for (const PlacedRow& row : layout.rows) {
        if (row.arrow && row.arrow->lost) {
            lost = &*row.arrow;
        }
    }
    ASSERT_NE(lost, nullptr);
    EXPECT_LT(lost->head_x, wide_ladder().peer_line - 50);
}

TEST(LadderLayout, LifelinesHaveNoHolesAndEndAtTheBottom) {
    const Drawn drawn{test::normal_handshake()};
    const LadderLayout layout = lay_out(drawn.ladder(), wide_ladder(), 0);
    for (const bool us : {true, false}) {
        double y = -1;
        State last = State::listen;
        for (const PlacedState& state : layout.states) {
            if (state.us != us) {
                continue;
            }
            EXPECT_TRUE(y < 0 || y == state.y);
            y = state.end;
            last = state.state;
        }
        EXPECT_EQ(y, layout.height);
        EXPECT_EQ(last, State::established);
    }
}

TEST(LadderLayout, TimersEndWhereTheyFire) {
    test::Story story{test::connection_v4()};
    story.out(Flags{Flag::syn}, 0, 0, {.state = State::syn_sent})
        .timer(Timer::retransmission, TimerChange::set, 1)
        .at(1)
        .timer(Timer::retransmission, TimerChange::fired, 1)
        .out(Flags{Flag::syn}, 0, 0, {.state = State::syn_sent, .retransmission = true})
        .timer(Timer::retransmission, TimerChange::set, 3);
    const Drawn drawn{story};
    const LadderLayout layout = lay_out(drawn.ladder(), wide_ladder(), 0);
    ASSERT_EQ(layout.timers.size(), 2U);
    EXPECT_TRUE(layout.timers[0].timer->fired);
    EXPECT_GT(layout.timers[0].end, layout.timers[0].y);
    EXPECT_FALSE(layout.timers[1].timer->to.has_value());
    EXPECT_EQ(layout.timers[1].end, layout.height);
}

TEST(LadderLayout, SheetsFollowEachOtherAndHoldEveryRowOnce) {
    test::Story story{test::connection_v4()};
    for (unsigned i = 0; i < 200; ++i) {
        story.at(i).out(Flags{Flag::ack}, i, 0, {.state = State::established});
    }
    const Drawn drawn{story};
    const LadderLayout layout = lay_out(drawn.ladder(), wide_ladder(), 0);
    ASSERT_GT(layout.cuts.size(), 4U);
    EXPECT_EQ(layout.cuts.front(), 0);
    EXPECT_EQ(layout.cuts.back(), layout.height);
    std::size_t segments = 0;
    for (std::size_t i = 0; i + 1 < layout.cuts.size(); ++i) {
        EXPECT_LT(layout.cuts[i], layout.cuts[i + 1]);
        EXPECT_LT(layout.cuts[i + 1] - layout.cuts[i], 1000);
        std::string slice;
        draw_slice(slice, {drawn.ladder(), layout, wide_ladder()}, layout.cuts[i],
                   layout.cuts[i + 1]);
        for (auto at = slice.find("class=\"seg"); at != std::string::npos;
             at = slice.find("class=\"seg", at + 1)) {
            ++segments;
        }
    }
    EXPECT_EQ(segments, 200U);
}

TEST(LadderLayout, WhatWasLeftOutIsSaid) {
    RunBook book{TextOptions{}, {.head = 10, .tail = 5}};
    test::Story story{test::connection_v4()};
    for (unsigned i = 0; i < 100; ++i) {
        story.at(i).out(Flags{Flag::ack}, i, 0, {.state = State::established});
    }
    story.tell(book);
    const Ladder& ladder = *book.ladders().front();
    EXPECT_EQ(ladder.shown(), 15U);
    EXPECT_EQ(ladder.left_out(), 85U);
    EXPECT_EQ(ladder.row(14).arrow->number, 99U);
    const LadderLayout layout = lay_out(ladder, wide_ladder(), 0);
    ASSERT_EQ(layout.rows.size(), 16U);
    EXPECT_EQ(layout.rows[10].row, nullptr);
    EXPECT_NE(layout.rows[10].texts.front().text.find("85 rows left out"), std::string::npos);
}

TEST(TimelineLayout, BarsAreAsLongAsWhatTheyShow) {
    Timeline timeline;
    timeline.rows.push_back({"1 s", {{Instant{0s}, Instant{1s}, TimelineEnd::alive, ""}}, {}});
    timeline.rows.push_back({"4 s", {{Instant{0s}, Instant{4s}, TimelineEnd::silent, ""}}, {}});
    const TimelineLayout layout = lay_out(timeline, wide_timeline());
    ASSERT_EQ(layout.bars.size(), 2U);
    EXPECT_NEAR(layout.bars[1].width, 4 * layout.bars[0].width, 0.01);
    EXPECT_GT(layout.bars[1].y, layout.bars[0].y + layout.bars[0].height);
}

TEST(TimelineLayout, VeryManyRowsStayOnAPage) {
    Timeline timeline;
    for (int i = 1; i <= static_cast<int>(most_timeline_rows); ++i) {
        timeline.rows.push_back({"x", {{Instant{}, Instant{i * 1s}, TimelineEnd::alive, ""}}, {}});
    }
    timeline.left_out = 7;
    const TimelineLayout layout = lay_out(timeline, narrow_timeline());
    EXPECT_LT(layout.height, 2500);
    EXPECT_NE(layout.texts.back().text.size() + layout.bars.size(), 0U);
}

TEST(TimelineLayout, NothingAtAllIsNoDivisionByZero) {
    const TimelineLayout layout = lay_out(Timeline{}, wide_timeline());
    EXPECT_GT(layout.height, 0);
}

TEST(TimelineLayout, LengthsAreShort) {
    EXPECT_EQ(short_length(0s), "0");
    EXPECT_EQ(short_length(200ms), "200 ms");
    EXPECT_EQ(short_length(45s), "45 s");
    EXPECT_EQ(short_length(350s), "350 s");
    EXPECT_EQ(short_length(120s), "2 min");
    EXPECT_EQ(short_length(130min), "2.17 h");
}

// The digest of no octets, in hexadecimal, is that of FIPS 180-4; its Base64 is what a browser
// compares.
TEST(PolicySource, IsBase64OfTheDigest) {
    EXPECT_EQ(
        assets::policy_source("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='");
}

}  // namespace

}  // namespace tcpcraft
