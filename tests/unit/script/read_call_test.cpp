// Socket calls: every kind of argument and result.
#include <gtest/gtest.h>

#include <libtcpcraft/script/script.hpp>

namespace tcpcraft {

namespace {

using Kind = ScriptValue::Kind;

ScriptCall call(const std::string& line) {
    auto read = read_script("+0 " + line);
    EXPECT_TRUE(read.has_value()) << line << ": " << (read ? "" : read.error().text("script"));
    if (!read || read->events.size() != 1) {
        return {};
    }
    return std::get<ScriptCall>(read->events.front().what);
}

TEST(ReadCall, TakesNameArgumentsAndResult) {
    const auto made = call("accept(3, ..., ...) = 4");
    EXPECT_EQ(made.name, "accept");
    ASSERT_EQ(made.arguments.size(), 3U);
    EXPECT_EQ(made.arguments[0].number, 3);
    EXPECT_EQ(made.arguments[1].kind, Kind::ellipsis);
    EXPECT_EQ(made.result.number, 4);
    EXPECT_TRUE(made.error.empty());
}

TEST(ReadCall, TakesTheResultInFront) {
    const auto made = call("3 = socket(..., SOCK_STREAM, IPPROTO_TCP)");
    EXPECT_EQ(made.name, "socket");
    EXPECT_EQ(made.result.number, 3);
}

TEST(ReadCall, TakesErrors) {
    const auto made = call("connect(3, ..., ...) = -1 EINPROGRESS (Operation now in progress)");
    EXPECT_EQ(made.result.number, -1);
    EXPECT_EQ(made.error, "EINPROGRESS");
    EXPECT_EQ(made.note, "Operation now in progress");
}

TEST(ReadCall, TheNameOfAMemberStandsForItself) {
    const auto read = read_script("--define fd=7\n+0 f({fd=fd}) = 0");
    ASSERT_TRUE(read.has_value());
    EXPECT_EQ(script_text(read->events.front()), "f({fd=7}) = 0");
}

TEST(ReadCall, TakesAnyResult) {
    EXPECT_EQ(call("close(3) = ?").result.kind, Kind::ellipsis);
    EXPECT_EQ(call("close(3) = ...").result.kind, Kind::ellipsis);
}

TEST(ReadCall, TakesEveryKindOfValue) {
    const auto made = call(
        "f(-7, 0xff, A|B|0x1, \"x\" \"y\", \"z\"..., [1, [2]], {fd=3, events=POLLIN}, htons(80)) "
        "= [4]");
    ASSERT_EQ(made.arguments.size(), 8U);
    EXPECT_EQ(made.arguments[0].number, -7);
    EXPECT_EQ(made.arguments[1].number, 255);
    EXPECT_EQ(made.arguments[2].parts.size(), 3U);
    EXPECT_EQ(made.arguments[3].text, "xy");
    EXPECT_TRUE(made.arguments[4].continued);
    EXPECT_EQ(made.arguments[5].parts.at(1).kind, Kind::list);
    EXPECT_EQ(made.arguments[6].parts.at(0).kind, Kind::named);
    EXPECT_EQ(made.arguments[7].text, "htons");
    EXPECT_EQ(made.result.kind, Kind::list);
}

TEST(ReadCall, TakesStructuresOfMessages) {
    const auto made = call(
        "sendmsg(4, {msg_name(...)=..., msg_iov(1)=[{..., 1000}], msg_flags=0}, MSG_ZEROCOPY) "
        "= 1000");
    EXPECT_EQ(made.arguments.at(1).parts.at(0).parts.at(0).kind, Kind::call);
}

TEST(ReadCall, TakesAnAddress) {
    EXPECT_EQ(script_text(call("bind(3, {sa_family = AF_INET, sin_port = htons(8080), "
                               "sin_addr = inet_addr(\"192.0.2.1\")}, ...) = 0")),
              "bind(3, {sa_family=AF_INET, sin_port=htons(8080), "
              "sin_addr=inet_addr(\"192.0.2.1\")}, ...) = 0");
}

TEST(ReadCall, MayGoOnOnTheNextLine) {
    EXPECT_EQ(call("poll([{fd=3,\n   events=POLLIN}],\n 1, 100) = 0").arguments.size(), 3U);
}

}  // namespace

}  // namespace tcpcraft
