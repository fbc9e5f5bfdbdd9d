#include <gtest/gtest.h>

#include <libtcpcraft/trace/symbols.hpp>

namespace tcpcraft {
namespace {

constexpr Direction out = Direction::out;
constexpr Direction in = Direction::in;

Segment segment(Flags flags, std::uint32_t seq, std::uint32_t ack = 0) {
    return {.seq = Seq{seq}, .ack = Seq{ack}, .flags = flags};
}

/// x = 1000 (ours), y = 2000.
Symbols opened() {
    Symbols symbols;
    symbols.see(out, segment({Flag::syn}, 1000));
    symbols.see(in, segment({Flag::syn, Flag::ack}, 2000, 1001));
    return symbols;
}

TEST(Symbols, opener_is_x) {
    const Symbols symbols = opened();
    EXPECT_EQ(symbols.seq(out, Seq{1000}), "x");
    EXPECT_EQ(symbols.seq(out, Seq{1001}), "x+1");
    EXPECT_EQ(symbols.seq(in, Seq{2000}), "y");
    EXPECT_EQ(symbols.seq(in, Seq{1999}), "y-1");
}

TEST(Symbols, peer_that_opens_is_x) {
    Symbols symbols;
    symbols.see(in, segment({Flag::syn}, 2000));
    symbols.see(out, segment({Flag::syn, Flag::ack}, 1000, 2001));
    EXPECT_EQ(symbols.seq(in, Seq{2001}), "x+1");
    EXPECT_EQ(symbols.seq(out, Seq{1000}), "y");
}

TEST(Symbols, another_isn_gets_a_prime) {
    Symbols symbols;
    symbols.see(out, segment({Flag::syn}, 90));
    symbols.see(out, segment({Flag::syn}, 100));
    symbols.see(out, segment({Flag::syn}, 100));
    EXPECT_EQ(symbols.seq(out, Seq{91}), "x+1");
    EXPECT_EQ(symbols.seq(out, Seq{101}), "x'+1");
    EXPECT_EQ(symbols.take_learnt(), (std::vector<std::string>{"x = 90", "x' = 100"}));
    EXPECT_TRUE(symbols.take_learnt().empty());
}

TEST(Symbols, closing_with_data_between) {
    Symbols symbols = opened();
    symbols.see(out, segment({Flag::fin, Flag::ack}, 1100, 2050));
    EXPECT_EQ(symbols.seq(out, Seq{1100}), "u");
    EXPECT_EQ(symbols.seq(out, Seq{1101}), "u+1");
    EXPECT_EQ(symbols.seq(in, Seq{2050}), "v");
    EXPECT_EQ(symbols.seq(in, Seq{2060}), "v+10");
    symbols.see(in, segment({Flag::fin, Flag::ack}, 2060, 1101));
    EXPECT_EQ(symbols.seq(in, Seq{2060}), "w");
    EXPECT_EQ(symbols.seq(in, Seq{2061}), "w+1");
}

TEST(Symbols, an_old_isn_that_is_known_to_be_one_is_x0) {
    Symbols symbols{KnownSymbols{.old_iss = Seq{90}}};
    symbols.see(out, segment({Flag::syn}, 90));
    symbols.see(out, segment({Flag::syn}, 100));
    EXPECT_EQ(symbols.seq(out, Seq{91}), "x0+1");
    EXPECT_EQ(symbols.seq(out, Seq{101}), "x+1");
}

// RFC 9293 §3.5, figure 7; §3.6, figure 13: each end sees its own segment first.
TEST(Symbols, both_ends_of_a_crossing_agree_when_they_know_who_is_who) {
    Symbols client{KnownSymbols{.opener = out, .first_closer = out}};
    Symbols server{KnownSymbols{.opener = in, .first_closer = in}};
    client.see(out, segment({Flag::syn}, 100));
    client.see(in, segment({Flag::syn}, 300));
    server.see(out, segment({Flag::syn}, 300));
    server.see(in, segment({Flag::syn}, 100));
    client.see(out, segment({Flag::fin, Flag::ack}, 101, 301));
    client.see(in, segment({Flag::fin, Flag::ack}, 301, 101));
    server.see(out, segment({Flag::fin, Flag::ack}, 301, 101));
    server.see(in, segment({Flag::fin, Flag::ack}, 101, 301));
    for (const std::uint32_t number : {100U, 101U, 102U}) {
        EXPECT_EQ(client.seq(out, Seq{number}), server.seq(in, Seq{number}));
    }
    for (const std::uint32_t number : {300U, 302U}) {
        EXPECT_EQ(client.seq(in, Seq{number}), server.seq(out, Seq{number}));
    }
    EXPECT_EQ(server.seq(out, Seq{301}), "w");
    EXPECT_EQ(server.seq(in, Seq{101}), "u");
}

TEST(Symbols, far_numbers_stay_numbers) {
    EXPECT_EQ(opened().seq(out, Seq{0x90000000}), "2415919104");
    EXPECT_EQ(Symbols{}.seq(out, Seq{5}), "5");
}

}  // namespace
}  // namespace tcpcraft
