#include <CLI/CLI.hpp>
#include <gtest/gtest.h>
#include <tools/cli/help.hpp>
#include <tools/cli/options.hpp>

namespace tcpcraft::cli {
namespace {

/// What a tool makes of its arguments.
struct Read {
    explicit Read(std::vector<const char*> words) {
        words.insert(words.begin(), "tool");
        CLI::App app{"Does something.", "tool"};
        add_common_options(app, options);
        ended = read_command_line(app, static_cast<int>(words.size()), words.data());
        if (!ended) {
            wrong = contradiction(options);
        }
    }
    CommonOptions options{};
    std::optional<ExitCode> ended{};
    std::optional<std::string> wrong{};

    [[nodiscard]] bool taken() const { return !ended && !wrong; }
    [[nodiscard]] bool refused() const { return ended == ExitCode::usage || wrong.has_value(); }
};

TEST(Options, LeaveTheirDefaults) {
    const Read read{{"192.0.2.1:80"}};
    ASSERT_TRUE(read.taken()) << read.wrong.value_or("");
    EXPECT_EQ(read.options.output.json, JsonMode::off);
    EXPECT_EQ(read.options.firewall, FirewallMode::iptables);
    EXPECT_EQ(read.options.timeout, Duration{std::chrono::seconds{10}});
    EXPECT_EQ(read.options.craft.ttl, 64);
    EXPECT_EQ(read.options.peer.accept, 1U);
}

TEST(Options, JsonDoesNotSwallowTheTarget) {
    const Read document{{"--json", "192.0.2.1:80"}};
    ASSERT_TRUE(document.taken());
    EXPECT_EQ(document.options.output.json, JsonMode::document);
    EXPECT_EQ(document.options.peer.target.size(), 1U);
    EXPECT_EQ(Read({"192.0.2.1:80", "--json=events"}).options.output.json, JsonMode::events);
}

TEST(Options, LandWhereTheyBelong) {
    const Read read{{"-6",
                     "-g",
                     "4000",
                     "-I",
                     "lo",
                     "-vv",
                     "-S",
                     "--timeout",
                     "200ms",
                     "--isn",
                     "0xffffffff",
                     "--no-sack",
                     "--wscale",
                     "none",
                     "--flags",
                     "syn,ece",
                     "--like",
                     "windows",
                     "--ecn-codepoint",
                     "ect0",
                     "--fault",
                     "drop out S",
                     "--fault",
                     "delay=1s in #2",
                     "--firewall",
                     "socket",
                     "--color",
                     "never",
                     "[::1]",
                     "80"}};
    ASSERT_TRUE(read.taken()) << read.wrong.value_or("");
    const CommonOptions& o = read.options;
    EXPECT_TRUE(o.peer.only_v6);
    EXPECT_EQ(o.peer.source_port, 4000);
    EXPECT_EQ(o.peer.interface, "lo");
    EXPECT_EQ(o.output.verbosity, 2);
    EXPECT_EQ(o.timeout, Duration{std::chrono::milliseconds{200}});
    EXPECT_EQ(o.craft.isn, 0xffffffffU);
    EXPECT_EQ(o.craft.sack, false);
    EXPECT_EQ(o.craft.wscale, -1);
    EXPECT_EQ(o.craft.flags, (Flags{Flag::syn, Flag::ece}));
    EXPECT_EQ(o.craft.ttl, 128);
    EXPECT_EQ(o.craft.ecn_codepoint, 2);
    EXPECT_EQ(o.faults.size(), 2U);
    EXPECT_EQ(o.firewall, FirewallMode::socket);
    EXPECT_EQ(o.output.color, ColorMode::never);
}

TEST(Options, RefuseWhatTheyCannotTake) {
    using Words = std::vector<const char*>;
    for (const Words& words : {Words{"--jsn", "h:1"}, Words{"h:1", "--timeout"},
                               Words{"h:1", "--timeout", "5x"}, Words{"h:1", "--ttl", "256"},
                               Words{"h:1", "--isn", "4294967296"}, Words{"h:1", "--flags", "Q"},
                               Words{"h:1", "--options", "0"}, Words{"h:1", "--like", "vms"},
                               Words{"h:1", "--fault", "explode"}, Words{"h:1", "-o", "a.jpeg"},
                               Words{"h:1", "--json=xml"}, Words{"h", "1", "2"}, Words{}}) {
        EXPECT_TRUE(Read{words}.refused()) << ::testing::PrintToString(words);
    }
}

TEST(Options, RefuseContradictions) {
    using Words = std::vector<const char*>;
    for (const Words& words :
         {Words{"-4", "-6", "h:1"}, Words{"--json", "-w", "-", "h:1"}, Words{"-l", "80", "h:1"},
          Words{"--accept", "2", "h:1"}, Words{"-l", "80", "-g", "81"}, Words{"-q", "-v", "h:1"},
          Words{"--json", "--lines", "h:1"}, Words{"-S", "--symbols", "h:1"},
          Words{"--options", "00", "--mss", "1", "h:1"}, Words{"-4", "[::1]:1"}}) {
        const Read read{words};
        EXPECT_FALSE(read.ended) << ::testing::PrintToString(words);
        EXPECT_TRUE(read.wrong) << ::testing::PrintToString(words);
    }
}

TEST(Options, ASimulationNeedsNoTarget) { EXPECT_TRUE(Read({"--simulate"}).taken()); }

}  // namespace
}  // namespace tcpcraft::cli
