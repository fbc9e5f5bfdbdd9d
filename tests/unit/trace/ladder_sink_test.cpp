#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>
#include <tests/unit/trace/story.hpp>

#include <libtcpcraft/trace/ladder_sink.hpp>
#include <libtcpcraft/trace/style.hpp>

namespace tcpcraft::test {
namespace {

std::string ladder(const Story& story, const TextOptions& options) {
    std::ostringstream out;
    LadderSink sink{out, options};
    story.tell(sink);
    sink.finish();
    return out.str();
}

std::vector<std::string> lines_of(const std::string& text) {
    std::vector<std::string> lines;
    std::istringstream in{text};
    for (std::string line; std::getline(in, line);) {
        lines.push_back(line);
    }
    return lines;
}

struct Golden {
    const char* name;
    Story (*story)();
    TextOptions options;
};

std::ostream& operator<<(std::ostream& out, const Golden& golden) { return out << golden.name; }

class LadderGolden : public testing::TestWithParam<Golden> {};

// To accept a new look: run with TCPCRAFT_ACCEPT=1 and review the difference.
TEST_P(LadderGolden, looks_as_it_was_accepted) {
    const Golden& golden = GetParam();
    const std::string seen = ladder(golden.story(), golden.options);
    const std::filesystem::path file =
        std::filesystem::path{TCPCRAFT_GOLDEN} / (std::string{golden.name} + ".txt");
    if (std::getenv("TCPCRAFT_ACCEPT") != nullptr) {  // NOLINT(concurrency-mt-unsafe)
        std::ofstream{file} << seen;
    }
    std::ifstream in{file};
    ASSERT_TRUE(in) << file;
    std::ostringstream accepted;
    accepted << in.rdbuf();
    EXPECT_EQ(seen, accepted.str());
}

TEST_P(LadderGolden, stays_within_the_width) {
    const Golden& golden = GetParam();
    TextOptions plain = golden.options;
    plain.colour = false;
    for (const std::string& line : lines_of(ladder(golden.story(), plain))) {
        EXPECT_LE(columns(line), plain.width) << line;
    }
}

INSTANTIATE_TEST_SUITE_P(
    stories, LadderGolden,
    testing::Values(
        Golden{"handshake-80", normal_handshake, {.width = 80}},
        Golden{"handshake-140", normal_handshake, {.width = 140}},
        Golden{"handshake-80-ascii", normal_handshake, {.width = 80, .unicode = false}},
        Golden{"handshake-140-ascii", normal_handshake, {.width = 140, .unicode = false}},
        Golden{"handshake-80-colour", normal_handshake, {.width = 80, .colour = true}},
        Golden{"handshake-80-hex", normal_handshake, {.width = 80, .verbose = 2}},
        Golden{"handshake-80-explain", normal_handshake, {.width = 80, .explain = true}},
        Golden{"refused-80", refused, {.width = 80}},
        Golden{"refused-140", refused, {.width = 140}},
        Golden{"refused-80-ascii", refused, {.width = 80, .unicode = false}},
        Golden{"refused-140-ascii", refused, {.width = 140, .unicode = false}},
        Golden{"lost-syn-80", lost_syn, {.width = 80}},
        Golden{"lost-syn-140", lost_syn, {.width = 140}},
        Golden{"lost-syn-80-ascii", lost_syn, {.width = 80, .unicode = false}},
        Golden{"lost-syn-140-ascii", lost_syn, {.width = 140, .unicode = false}},
        Golden{"old-duplicate-80", old_duplicate_syn, {.width = 80}},
        Golden{"old-duplicate-140", old_duplicate_syn, {.width = 140, .symbols = true}},
        Golden{"old-duplicate-80-ascii", old_duplicate_syn, {.width = 80, .unicode = false}},
        Golden{"old-duplicate-140-ascii",
               old_duplicate_syn,
               {.width = 140, .unicode = false, .absolute = true}},
        Golden{"close-80", polite_close_over_ipv6, {.width = 80}},
        Golden{"close-80-symbols", polite_close_over_ipv6, {.width = 80, .symbols = true}},
        Golden{"close-72-absolute", polite_close_over_ipv6, {.width = 72, .absolute = true}}),
    [](const auto& test) {
        std::string name = test.param.name;
        std::replace(name.begin(), name.end(), '-', '_');
        return name;
    });

TEST(LadderSink, ascii_means_ascii) {
    const std::string seen =
        ladder(refused(), {.width = 80, .unicode = false, .verbose = 2, .explain = true});
    for (const char c : seen) {
        ASSERT_TRUE(c == '\n' || (c >= ' ' && c <= '~')) << static_cast<int>(c);
    }
}

TEST(LadderSink, a_dropped_segment_does_not_reach_the_other_lifeline) {
    const auto lines = lines_of(ladder(lost_syn(), {.width = 80, .unicode = false}));
    const auto first = std::find_if(lines.begin(), lines.end(), [](const std::string& line) {
        return line.find("SYN seq 0") != std::string::npos;
    });
    ASSERT_NE(first, lines.end());
    const std::size_t cross = first->find('X');
    ASSERT_NE(cross, std::string::npos) << *first;
    EXPECT_EQ(first->find('>'), std::string::npos);
    EXPECT_EQ(first->substr(cross + 1, 5), "     ");
    EXPECT_EQ(first->back(), '|');
}

TEST(LadderSink, an_arriving_segment_that_a_fault_drops_stops_before_us) {
    Story story{connection_v4()};
    story.out({Flag::syn}, 0, 0, {.state = State::syn_sent});
    story.in({Flag::syn, Flag::ack}, 0, 1, {.state = State::syn_sent, .fault = "drop"});
    const std::string seen = ladder(story, {.width = 80, .unicode = false});
    const std::size_t cross = seen.find("X-");
    ASSERT_NE(cross, std::string::npos) << seen;
    EXPECT_EQ(seen.substr(cross - 5, 5), "     ");
    EXPECT_EQ(seen.find("<-"), std::string::npos);
}

TEST(LadderSink, every_state_is_shown_whole) {
    for (std::size_t i = 0; i < state_count; ++i) {
        const auto state = static_cast<State>(i);
        Story story{connection_v4()};
        story.state(Who::us, state, State::closed, "");
        story.state(Who::peer, State::closed, state, "");
        const std::string seen = ladder(story, {.width = 72});
        EXPECT_NE(seen.find(std::string{text(state)} + " │"), std::string::npos) << seen;
    }
}

TEST(LadderSink, several_connections_can_be_told_apart) {
    Story one{connection_v4(), 1};
    one.out({Flag::syn}, 0, 0, {.state = State::syn_sent});
    Story two{connection_v6(), 2};
    two.out({Flag::syn}, 0, 0, {.state = State::syn_sent});
    std::ostringstream out;
    LadderSink sink{out, {.width = 80}};
    one.tell(sink);
    two.tell(sink);
    sink.write(one.records().front());
    EXPECT_NE(out.str().find("connection 2"), std::string::npos) << out.str();
    EXPECT_NE(out.str().find("connection 1 ─"), std::string::npos) << out.str();
}

TEST(LadderSink, known_ends_have_names_and_nothing_inferred) {
    Story story{connection_v4()};
    story.what(Lifelines{.us = "client", .peer = "server"});
    story.state(Who::peer, State::closed, State::listen, "OPEN");
    story.out({Flag::syn}, 0, 0, {.state = State::syn_sent});
    const std::string seen = ladder(story, {.width = 80});
    EXPECT_NE(seen.find("client"), std::string::npos) << seen;
    EXPECT_NE(seen.find("│ LISTEN"), std::string::npos) << seen;
    EXPECT_EQ(seen.find('~'), std::string::npos) << seen;
    EXPECT_EQ(seen.find("inferred"), std::string::npos) << seen;
}

TEST(LadderSink, offloaded_checksums_are_told_once) {
    const std::string seen = ladder(normal_handshake(), {.width = 80});
    EXPECT_NE(seen.find("1 arriving segment with offloaded"), std::string::npos) << seen;
    EXPECT_EQ(seen.find("offloaded"), seen.rfind("offloaded"));
}

TEST(LadderSink, control_characters_of_a_note_do_not_reach_the_terminal) {
    Story story{connection_v4()};
    story.note(
        "\033[2Jgone \xc2\x9b"
        "31m",
        Note::Kind::warning);
    const std::string seen = ladder(story, {.width = 80});
    EXPECT_EQ(seen.find('\033'), std::string::npos);
    EXPECT_EQ(seen.find("\xc2\x9b"), std::string::npos);
}

TEST(LadderSink, no_colour_means_no_escape) {
    EXPECT_EQ(ladder(lost_syn(), {.width = 80}).find('\033'), std::string::npos);
    EXPECT_NE(ladder(lost_syn(), {.width = 80, .colour = true}).find('\033'), std::string::npos);
}

TEST(MakeTextSink, gives_lines_where_the_terminal_is_too_narrow) {
    std::ostringstream out;
    normal_handshake().tell(*make_text_sink(out, {.width = 71}));
    EXPECT_NE(out.str().find("Flags [S.]"), std::string::npos) << out.str();
    std::ostringstream wide;
    normal_handshake().tell(*make_text_sink(wide, {.width = 72}));
    EXPECT_EQ(wide.str().find("Flags ["), std::string::npos) << wide.str();
}

}  // namespace
}  // namespace tcpcraft::test
