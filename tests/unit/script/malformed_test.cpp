// No text but a script is taken for one: hand-made mistakes, each with the place that is named, and
// generated ones by the hundred.
#include <gtest/gtest.h>

#include <libtcpcraft/script/script.hpp>

namespace tcpcraft {

namespace {

struct Mistake {
    std::string_view text{};
    ScriptPlace at{};
    std::string_view says{};  ///< a part of the sentence
};

// Lines and columns from 1.
constexpr Mistake mistakes[]{
    {"", {1, 1}, "no event"},
    {"// nothing\n", {2, 1}, "no event"},
    {"`only a command`", {1, 17}, "no event"},
    {"/* no end", {1, 1}, "no end"},
    {"--nonsense=1\n+0 > S 0:0(0)", {1, 1}, "no option --nonsense"},
    {"--so_filename=x.so\n+0 > S 0:0(0)", {1, 1}, "no option"},
    {"--ip_version=ipv5\n+0 > S 0:0(0)", {1, 14}, "ipv4, ipv6"},
    {"--ip_version\n+0 > S 0:0(0)", {1, 13}, "a value behind"},
    {"--tolerance_usecs=4ms\n+0 > S 0:0(0)", {1, 19}, "a number"},
    {"--tolerance_usecs=\n+0 > S 0:0(0)", {1, 19}, "a value behind"},
    {"--mtu=10\n+0 > S 0:0(0)", {1, 7}, "68 to 65535"},
    {"--local_ip=here\n+0 > S 0:0(0)", {1, 12}, "an address"},
    {"--bind_port=0\n+0 > S 0:0(0)", {1, 13}, "1 to 65535"},
    {"--define=X\n+0 > S 0:0(0)", {1, 10}, "NAME=VALUE"},
    {"--define =5\n+0 > S 0:0(0)", {1, 11}, "NAME=VALUE"},
    {"+0 > S 0:0(0)\n--mtu=1400", {2, 1}, "before the first event"},
    {"> S 0:0(0)", {1, 1}, "a time"},
    {"-1 > S 0:0(0)", {1, 1}, "not negative"},
    {"+ > S 0:0(0)", {1, 3}, "a time"},
    {"+0", {1, 3}, "got the end of the script"},
    {"+0\n", {1, 3}, "got the end of the line"},
    {"+1000000000 > S 0:0(0)", {1, 2}, "too long"},
    {"0.2~0.1 > S 0:0(0)", {1, 1}, "ends before"},
    {"+0.2~0.3 > S 0:0(0)", {1, 6}, "both ends"},
    {"0.2~+0.3 > S 0:0(0)", {1, 5}, "both ends"},
    {"+0~+1 < S 0:0(0) win 1", {1, 1}, "for what is expected"},
    {"* < S 0:0(0) win 1", {1, 1}, "for what is expected"},
    {"* close(3) = 0", {1, 1}, "for what is expected"},
    {"* ~> R", {1, 1}, "need a time"},
    {"+0...1 > S 0:0(0)", {1, 1}, "calls that block"},
    {"+1...0.5 accept(3, ..., ...) = 4", {1, 1}, "ends before"},
    {"+0 ^", {1, 4}, "a packet, a call"},
    {"+0 ~< S 0:0(0) win 1", {1, 4}, "~> or ?> is wanted"},
    {"+0 ?< S 0:0(0) win 1", {1, 4}, "~> or ?> is wanted"},
    {"+0 ? close(3) = 0", {1, 6}, "'>'"},
    {"* ?> . 1:1(0)", {1, 1}, "need a time"},
    {"+0 > Q 0:0(0)", {1, 6}, "'Q' are no control bits"},
    {"+0 > syn,ack 0:0(0)", {1, 6}, "control bits"},
    {"+0 > S9 0:0(0)", {1, 6}, "control bits"},
    {"+0 >", {1, 5}, "control bits"},
    {"+0 > S", {1, 7}, "got the end of the script"},
    {"+0 > S\n+0 > R 0:0(0)", {1, 7}, "got the end of the line"},
    {"+0 > S 0", {1, 9}, "':'"},
    {"+0 > S 0:0", {1, 11}, "'('"},
    {"+0 > S 0:0(0", {1, 13}, "')'"},
    {"+0 > S 0:5(0)", {1, 8}, "does not add up: 0 + 0 is 0"},
    {"+0 > S -1:0(1)", {1, 8}, "0 to 4294967295"},
    {"+0 > S 4294967296:0(0)", {1, 8}, "4294967295"},
    {"+0 > S 0:0(x)", {1, 12}, "a number"},
    {"+0 > S *:5(5)", {1, 10}, "'*'"},
    {"+0 > S 0:*(5)", {1, 8}, "both *"},
    {"+0 > S 0:5(*)", {1, 8}, "both *"},
    {"+0 < S 0:*(*) win 1", {1, 12}, "needs a length"},
    {"+0 < S 0:0(0)", {1, 14}, "win and a number"},
    {"+0 < S 0:0(0) ack win 5", {1, 19}, "a number"},
    {"+0 < S 0:0(0) win", {1, 18}, "a number"},
    {"+0 < S 0:0(0) win 65536", {1, 19}, "0 to 65535"},
    {"+0 < S 0:0(0) win -1", {1, 19}, "0 to 65535"},
    {"+0 < . 1:1(0) win 1 ack 1", {1, 21}, "a time"},
    {"+0 < U 0:0(0) win 1 urg 65536", {1, 25}, "0 to 65535"},
    {"+0 < . 0:70000(70000) win 1", {1, 16}, "65495"},
    {"+0 < S 0:0(0) win 1 <...>", {1, 21}, "do not matter"},
    {"+0 > S 0:0(0) <>", {1, 16}, "an option"},
    {"+0 > S 0:0(0) <mss 1460", {1, 24}, "'>'"},
    {"+0 > S 0:0(0) <mss 1460,>", {1, 25}, "an option"},
    {"+0 > S 0:0(0) <mss>", {1, 19}, "a number"},
    {"+0 > S 0:0(0) <mss 70000>", {1, 20}, "65535"},
    {"+0 > S 0:0(0) <wscale 256>", {1, 23}, "255"},
    {"+0 > S 0:0(0) <bogus 1>", {1, 16}, "no option"},
    {"+0 > S 0:0(0) <TS val 1>", {1, 24}, "ecr"},
    {"+0 > S 0:0(0) <sack>", {1, 16}, "blocks"},
    {"+0 > S 0:0(0) <sack 1>", {1, 22}, "':'"},
    {"+0 > S 0:0(0) <md5 aabb>", {1, 16}, "16 octets"},
    {"+0 > S 0:0(0) <FO abc>", {1, 21}, "pairs"},
    {"+0 > S 0:0(0) <nop nop>", {1, 20}, "','"},
    {"+0 > S 0:0(0) <sack 1:2 1:2 1:2 1:2,mss 1,mss 1>", {1, 43}, "40 octets"},
    {"+0 < P. 1:4(3) ack 1 win 9 \"four\"", {1, 28}, "has 4 octets"},
    {"+0 < P. 1:4(3) ack 1 win 9 \"abc", {1, 28}, "no end"},
    {"+0 < P. 1:4(3) ack 1 win 9 \"a\\qc\"", {1, 31}, "behind \\"},
    {"+0 < P. 1:2(1) ack 1 win 9 \"\\x4\"", {1, 30}, "two hexadecimal digits"},
    {"+0 > P. 1:*(*) ack 1 \"abc\"", {1, 22}, "length is *"},
    {"+0 > [ect2] . 1:1(0)", {1, 7}, "noecn"},
    {"+0 > [ect0 . 1:1(0)", {1, 12}, "']'"},
    {"+0 > (ect0] . 1:1(0)", {1, 11}, "')'"},
    {"+0 > (ttl 256) . 1:1(0)", {1, 11}, "255"},
    {"+0 > (tos 16) . 1:1(0)", {1, 11}, "hexadecimal"},
    {"+0 > (tos 0x100) . 1:1(0)", {1, 11}, "0xff"},
    {"+0 > (flowlabel 0x100000) . 1:1(0)", {1, 17}, "0xfffff"},
    {"+0 < [ect01] . 1:1(0) win 1", {1, 7}, "what may come"},
    {"+0 > 0 > 80 S 0:0(0)", {1, 6}, "1 to 65535"},
    {"+0 > 80 > 65536 S 0:0(0)", {1, 11}, "1 to 65535"},
    {"+0 > udp (5)", {1, 6}, "'udp' is not supported"},
    {"+0 > gre: S 0:0(0)", {1, 6}, "not supported"},
    {"+0 < icmp", {1, 10}, "type of ICMP"},
    {"+0 < icmp unreachable frag_needed mtu", {1, 38}, "a number"},
    {"+0 < icmp unreachable [1:5(5)]", {1, 24}, "does not add up"},
    {"+0 < icmp unreachable [udp(5)]", {1, 24}, "not supported"},
    {"+0 ~> icmp unreachable", {1, 4}, "TCP segments"},
    {"+0 close", {1, 9}, "'('"},
    {"+0 close(", {1, 10}, "a value"},
    {"+0 close(3", {1, 11}, "','"},
    {"+0 close(3)", {1, 12}, "'='"},
    {"+0 close(3) =", {1, 14}, "a value"},
    {"+0 close(3) = 0\n)", {2, 1}, "a time"},
    {"+0 close(3,) = 0", {1, 12}, "a value"},
    {"+0 close(3 4) = 0", {1, 12}, "','"},
    {"+0 close(3) = 0 EBADF", {1, 17}, "result of -1"},
    {"+0 close(3) = -1 EBADF (no end", {1, 24}, "no end"},
    {"+0 close(3) = -1 EBADF (no\nend)", {1, 24}, "no end"},
    {"+0 f([1, 2) = 0", {1, 11}, "']'"},
    {"+0 f({a=1) = 0", {1, 10}, "'}'"},
    {"+0 f({a=}) = 0", {1, 9}, "a value"},
    {"+0 f(1|) = 0", {1, 8}, "a value"},
    {"+0 f(0x) = 0", {1, 6}, "hexadecimal"},
    {"+0 f(0x1ffffffff) = 0", {1, 6}, "hexadecimal"},
    {"+0 f(99999999999999999999) = 0", {1, 6}, "a number from"},
    {"+0 f(\"x) = 0", {1, 6}, "no end"},
    {"+0 3 socket() = 3", {1, 6}, "'='"},
    {"+0 3 = 4()", {1, 8}, "name of a call"},
    {"+0 `no end", {1, 4}, "no end"},
    {"+0 %{ no end", {1, 4}, "no end"},
    {"+0 > S 0:0(0)\n`end`\n+0 > R 0:0(0)", {3, 1}, "end of the script"},
    {"--define X=a-b\n+0 f(X) = 0", {2, 7}, "defined as"},
    {"--define X=abc\n+0 > S X:0(0)", {2, 8}, "a number"},
    {"--define X=`\n`\n+0 f(X) = 0", {3, 7}, "defined as '`?`'"},
};

TEST(Malformed, EachHasOneSentenceAndItsPlace) {
    for (const Mistake& mistake : mistakes) {
        const auto read = read_script(mistake.text);
        ASSERT_FALSE(read.has_value()) << mistake.text;
        EXPECT_EQ(read.error().at.line, mistake.at.line) << mistake.text << "\n"
                                                         << read.error().text("");
        EXPECT_EQ(read.error().at.column, mistake.at.column) << mistake.text << "\n"
                                                             << read.error().text("");
        EXPECT_NE(read.error().sentence.find(mistake.says), std::string::npos)
            << mistake.text << "\n"
            << read.error().text("");
        EXPECT_EQ(read.error().sentence.find('\n'), std::string::npos) << mistake.text;
    }
}

TEST(Malformed, NestingHasAnEnd) {
    const std::string deep(100'000, '[');
    const auto read = read_script("+0 f(" + deep);
    ASSERT_FALSE(read.has_value());
    EXPECT_NE(read.error().sentence.find("nested"), std::string::npos);
}

// Lines in which @ has no place, whatever it stands before.
constexpr std::string_view good_lines[]{
    "0.1~0.2 > S. 0:0(0) ack 1 win 5 <mss 1460,nop,sackOK,TS val 1 ecr 2>",
    "+0 < [ect0] 80 > 8080 P. 1:1001(1000) ack 1 win 257 urg 1 <nop,nop,sack 1:2 3:4>",
    "+.1 ~> R. 1:1(0) ack 1",
    "+0 > (tos 0x2, flowlabel 0x1) FP. 1:*(*) ack * <...>",
    "+0 < icmp unreachable frag_needed mtu 1200 [1:1001(1000)]",
    "+0...0.2 accept(3, ..., ...) = 4",
    "+0 connect(3, {sa_family=AF_INET, sin_port=htons(80)}, 16) = -1 EINPROGRESS",
    "+0 setsockopt(3, SOL_SOCKET, SO_LINGER, {onoff=1, linger=0}, 8) = 0",
    "+0 poll([{fd=3, events=POLLIN|POLLOUT}], 1, 0x10) = 0",
    "+0 < R 5:5(0)! win 0 <md5 00112233445566778899aabbccddeeff,34:aabb>",
};

/// Where the word before the one at `at` begins.
std::size_t word_before(std::string_view line, std::size_t at) {
    const std::size_t word = line.substr(0, at).rfind(' ');
    return word == std::string_view::npos || word == 0 ? 0 : line.rfind(' ', word - 1) + 1;
}

TEST(Malformed, AStrangeSignIsFoundWhereverItStands) {
    std::size_t tried = 0;
    for (const std::string_view line : good_lines) {
        ASSERT_TRUE(read_script(line).has_value()) << line;
        for (std::size_t at = 0; at <= line.size(); ++at) {
            std::string text = "+0 > S 0:0(0)\n";
            text.append(line.substr(0, at)).append("@").append(line.substr(at));
            const auto read = read_script(text + "\n+0 > . 1:1(0)");
            ASSERT_FALSE(read.has_value()) << text;
            EXPECT_EQ(read.error().at.line, 2U) << text;
            EXPECT_LE(read.error().at.column, at + 1) << text << "\n" << read.error().sentence;
            // Not before the word it stands in, or the one before that (`md5 0011@`, `80 @> 81`).
            EXPECT_GT(read.error().at.column, word_before(line, at)) << text;
            EXPECT_FALSE(read.error().sentence.empty());
            ++tried;
        }
    }
    EXPECT_GT(tried, 200U);
}

TEST(Malformed, AHalfLineIsFoundOnItsLine) {
    std::size_t refused = 0;
    for (const std::string_view line : good_lines) {
        for (std::size_t at = 1; at < line.size(); ++at) {
            const std::string text = std::string{line.substr(0, at)} + "\n+0 > R 1:1(0)";
            const auto read = read_script(text);
            if (read) {
                EXPECT_EQ(read->events.size(), 2U) << text;
                continue;
            }
            EXPECT_EQ(read.error().at.line, 1U) << text << "\n" << read.error().text("");
            ++refused;
        }
    }
    EXPECT_GT(refused, 200U);
}

}  // namespace

}  // namespace tcpcraft
