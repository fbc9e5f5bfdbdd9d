// What is kept of a run for its reports.
#include <gtest/gtest.h>
#include <tests/unit/trace/story.hpp>

#include <libtcpcraft/report/book.hpp>
#include <libtcpcraft/report/ladder.hpp>

namespace tcpcraft {

namespace {

TEST(RunBook, KeepsALadderForEachConnection) {
    RunBook book{TextOptions{}};
    test::normal_handshake().tell(book);
    test::Story{test::connection_v6(), 2}
        .out(Flags{Flag::syn}, 0, 0, {.state = State::syn_sent})
        .tell(book);
    const auto ladders = book.ladders();
    ASSERT_EQ(ladders.size(), 2U);
    EXPECT_EQ(ladders[0]->connection, 1U);
    EXPECT_EQ(ladders[1]->id, test::connection_v6());
    EXPECT_EQ(ladders[1]->first_us, State::closed);
    EXPECT_EQ(ladders[1]->first_peer, State::listen);
}

TEST(RunBook, TellsEveryFieldOfASegment) {
    RunBook book{TextOptions{}};
    test::normal_handshake().tell(book);
    const LadderArrow& syn = book.ladders().front()->row(0).arrow.value();
    std::string all;
    for (const auto& [name, value] : syn.fields) {
        all += name + ": " + value + "\n";
    }
    for (const char* wanted : {"SEQ: 0 (305419896 on the wire)", "Flags: SYN",
                               "Checksum: ", "Options: mss", "Our state then: SYN-SENT", "TTL: "}) {
        EXPECT_NE(all.find(wanted), std::string::npos) << wanted << " is not in\n" << all;
    }
    EXPECT_EQ(syn.notation.rfind("< S 0:0(0) win", 0), 0U) << syn.notation;
}

TEST(RunBook, SaysHowOftenARetransmissionWasMade) {
    RunBook book{TextOptions{}};
    test::lost_syn().tell(book);
    bool lost = false;
    bool again = false;
    const Ladder& ladder = *book.ladders().front();
    for (std::size_t i = 0; i < ladder.shown(); ++i) {
        if (const auto& arrow = ladder.row(i).arrow) {
            lost |= arrow->lost;
            again |= arrow->retransmission;
        }
    }
    EXPECT_TRUE(lost);
    EXPECT_TRUE(again);
}

// product.md 3: an offloaded checksum is not called bad.
TEST(RunBook, OffloadedIsNotBad) {
    RunBook book{TextOptions{}};
    test::Story{test::connection_v4()}
        .in(Flags{Flag::syn, Flag::ack}, 0, 1,
            {.state = State::established, .checksum = Checksum::offloaded})
        .tell(book);
    const LadderArrow& arrow = book.ladders().front()->row(0).arrow.value();
    EXPECT_EQ(arrow.more.back(), "checksum offloaded");
    EXPECT_TRUE(arrow.remarks.empty());
}

TEST(RunBook, CountsConnectionsThatItHasNoRoomFor) {
    RunBook book{TextOptions{}, {.connections = 2}};
    for (std::size_t i = 1; i <= 5; ++i) {
        test::Story story{test::connection_v4(), i};
        story.out(Flags{Flag::syn}, 0, 0, {.state = State::syn_sent});
        story.out(Flags{Flag::syn}, 0, 0, {.state = State::syn_sent});
        story.tell(book);
    }
    EXPECT_EQ(book.ladders().size(), 2U);
    EXPECT_EQ(book.connections_left_out(), 3U);
}

TEST(RunBook, IsBoundedHoweverLongTheRunIs) {
    RunBook book{TextOptions{}, {.connections = 50, .head = 20, .tail = 5, .rows = 100}};
    for (std::size_t i = 1; i <= 50; ++i) {
        test::Story story{test::connection_v4(), i};
        for (unsigned segment = 0; segment < 40; ++segment) {
            story.out(Flags{Flag::ack}, segment, 0, {.state = State::established});
        }
        story.tell(book);
    }
    std::size_t rows = 0;
    for (const Ladder* ladder : book.ladders()) {
        rows += ladder->shown();
        EXPECT_EQ(ladder->rows, 40U);
        EXPECT_EQ(ladder->row(ladder->shown() - 1).arrow->number, 39U);  // the end is always there
    }
    EXPECT_LE(rows, 160U);
}

TEST(RunBook, NotesOfTheRunStandApart) {
    RunBook book{TextOptions{}};
    book.write(Record{.what = Note{"held back 3 RSTs", Note::Kind::plain}});
    book.write(Record{.what = Note{"active-close", Note::Kind::heading}});
    test::normal_handshake().tell(book);
    ASSERT_EQ(book.notes().size(), 1U);
    EXPECT_EQ(book.notes()[0].text, "held back 3 RSTs");
    EXPECT_EQ(book.ladders().front()->title, "active-close");
}

}  // namespace

}  // namespace tcpcraft
