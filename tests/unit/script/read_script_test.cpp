// Options, times, comments, shell and code of a script, and how its lines are told apart.
#include <gtest/gtest.h>

#include <libtcpcraft/script/script.hpp>

namespace tcpcraft {

namespace {

using namespace std::chrono_literals;
using Base = ScriptTime::Base;

Script read(std::string_view text, const std::map<std::string, std::string>& defines = {}) {
    auto made = read_script(text, defines);
    EXPECT_TRUE(made.has_value()) << (made ? "" : made.error().text("script"));
    return made.value_or(Script{});
}

ScriptTime time_of(const std::string& text) {
    const Script script = read(text + " > S 0:0(0)");
    return script.events.empty() ? ScriptTime{} : script.events.front().time;
}

TEST(ReadScript, TellsTheKindsOfEventsApart) {
    const Script script = read(R"(`setup`
0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3
+0 < S 0:0(0) win 1000
+0 > S. 0:0(0) ack 1 <...>
+0 ~> R
+0 < icmp unreachable host_unreachable
+0 `ls`
+0 %{ print(1) }%
`cleanup`
)");
    ASSERT_EQ(script.events.size(), 7U);
    EXPECT_EQ(script.setup->command, "setup");
    EXPECT_EQ(script.cleanup->command, "cleanup");
    EXPECT_TRUE(std::holds_alternative<ScriptCall>(script.events[0].what));
    EXPECT_TRUE(std::holds_alternative<ScriptSegment>(script.events[1].what));
    EXPECT_TRUE(std::get<ScriptSegment>(script.events[3].what).unwanted);
    EXPECT_TRUE(std::holds_alternative<ScriptIcmp>(script.events[4].what));
    EXPECT_EQ(std::get<ScriptShell>(script.events[5].what).command, "ls");
    EXPECT_EQ(std::get<ScriptCode>(script.events[6].what).text, " print(1) ");
    EXPECT_EQ(script.first_segment()->direction, ScriptDirection::inbound);
}

TEST(ReadScript, KnowsWhereAnEventStands) {
    const Script script = read("// one\n/* two\n three */ +0 > S 0:0(0)\n  +.1 > R 0:0(0)");
    ASSERT_EQ(script.events.size(), 2U);
    EXPECT_EQ(script.events[0].at.line, 3U);
    EXPECT_EQ(script.events[0].at.column, 11U);
    EXPECT_EQ(script.events[1].at.line, 4U);
}

TEST(ReadScript, ReadsEveryFormOfTime) {
    EXPECT_EQ(time_of("1.5").base, Base::start);
    EXPECT_EQ(time_of("1.5").from, 1500ms);
    EXPECT_EQ(time_of("+.1").base, Base::previous);
    EXPECT_EQ(time_of("+.1").from, 100ms);
    EXPECT_EQ(time_of("+0.0000019").from, 1us) << "what is finer than a microsecond is left out";
    EXPECT_EQ(time_of("*").base, Base::any);
    EXPECT_EQ(time_of("0.1~0.2").until, 200ms);
    EXPECT_EQ(time_of("0.1 ~ 0.2").base, Base::start);
    EXPECT_EQ(time_of("+0~+0.1").until, 100ms);
    EXPECT_EQ(time_of("+0~+0.1").base, Base::previous);
}

TEST(ReadScript, ReadsWhenABlockingCallReturns) {
    const Script script =
        read("+.1...0.200 connect(3, ..., ...) = 0\n0...1 accept(3, ..., ...) = 4");
    ASSERT_EQ(script.events.size(), 2U);
    EXPECT_EQ(script.events[0].time.from, 100ms);
    EXPECT_EQ(script.events[0].time.returns, 200ms);
    EXPECT_EQ(script.events[1].time.base, Base::start);
}

TEST(ReadScript, TakesOptions) {
    const ScriptOptions options = read(R"(--ip_version=ipv6
--tolerance_usecs=10000
--tolerance_percent=5
--tcp_ts_tick_usecs=1000
--local_ip=2001:db8::1
--remote_ip=2001:db8::2
--bind_port=8080
--connect_port=8081
--mtu=1400
--strict_segments
--verbose
+0 > S 0:0(0)
)")
                                      .options;
    EXPECT_EQ(options.ip_version, ScriptOptions::Version::ipv6);
    EXPECT_EQ(options.tolerance, 10ms);
    EXPECT_EQ(options.tolerance_percent, 5.0);
    EXPECT_EQ(options.timestamp_tick, 1ms);
    EXPECT_EQ(options.local->text(), "2001:db8::1");
    EXPECT_EQ(options.bind_port->value, 8080);
    EXPECT_EQ(options.connect_port->value, 8081);
    EXPECT_EQ(options.mtu, 1400U);
    EXPECT_TRUE(options.strict_segments);
    EXPECT_EQ(options.without_effect, std::vector<std::string>{"verbose"});
}

TEST(ReadScript, PutsDefinedSymbolsInTheirPlaces) {
    const Script script = read(R"(--define LEN=1000
--define=TEXT="a b"
+0 write(3, TEXT, LEN) = LEN
+0 > P. 1:1001(LEN) ack 1
)");
    ASSERT_EQ(script.events.size(), 2U);
    EXPECT_EQ(script_text(script.events[0]), "write(3, \"a b\", 1000) = 1000");
    EXPECT_EQ(std::get<ScriptSegment>(script.events[1].what).length, 1000U);
}

TEST(ReadScript, PrefersSymbolsOfTheCommandLine) {
    const Script script = read("--define FD=3\n+0 close(FD) = 0", {{"FD", "7"}});
    EXPECT_EQ(script_text(script.events.at(0)), "close(7) = 0");
}

TEST(ReadScript, SkipsCommentsOfEveryKind) {
    const Script script =
        read("# a\n+0 > S 0:0(0) // b\n/* c\n c */ +0 > R 0:0(0) # d\n+0 /* e */ close(3) = 0");
    EXPECT_EQ(script.events.size(), 3U);
}

TEST(ReadScript, SaysTheFileBeforeTheLine) {
    const auto read = read_script("+0 > S 0:0(0)\n+0 > Q 0:0(0)");
    ASSERT_FALSE(read.has_value());
    EXPECT_EQ(read.error().text("a.pkt").substr(0, 28), "a.pkt:2:6: 'Q' are no contro");
}

}  // namespace

}  // namespace tcpcraft
