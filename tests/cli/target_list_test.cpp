#include <algorithm>
#include <sstream>

#include <gtest/gtest.h>
#include <tools/cli/target_list.hpp>

namespace tcpcraft::cli {
namespace {

auto read(const std::string& text, std::optional<Shard> shard = {}, std::uint16_t port = 0) {
    std::istringstream in{text};
    PeerOptions peer;
    peer.port = port;
    return read_target_list(in, {.file = "list", .shard = shard}, peer);
}

std::vector<std::string> texts_of(const TargetList& list) {
    std::vector<std::string> texts;
    for (const ListedTarget& one : list.targets) {
        texts.push_back(one.text);
    }
    return texts;
}

TEST(TargetList, SkipsWhatIsNoTarget) {
    const auto list = read("# all\n\n 192.0.2.1:80 # first\r\n\t\n[2001:db8::1]:443\nhost 22\n");
    ASSERT_TRUE(list) << list.error().front();
    EXPECT_EQ(texts_of(*list),
              (std::vector<std::string>{"192.0.2.1:80", "[2001:db8::1]:443", "host 22"}));
    EXPECT_EQ(list->targets[0].line, 3U);
    EXPECT_EQ(list->targets[2].target.port.value, 22);
}

TEST(TargetList, TakesTheLastLineWithoutItsEnd) {
    const auto list = read("host:80\nhost:80");
    ASSERT_TRUE(list);
    EXPECT_EQ(list->whole, 2U) << "the same twice is two";
}

TEST(TargetList, TakesThePortOfTheCommandLineWhereNoneIsGiven) {
    const auto list = read("one\ntwo:81\n2001:db8::1\n", {}, 80);
    ASSERT_TRUE(list) << list.error().front();
    EXPECT_EQ(list->targets[0].target.port.value, 80);
    EXPECT_EQ(list->targets[1].target.port.value, 81);
    EXPECT_EQ(list->targets[2].target.port.value, 80);
}

TEST(TargetList, NamesEveryBadLine) {
    const auto list = read("host:80\nhost\nhost:0\n\na b c\n224.0.0.1:80\n\x01:80\n");
    ASSERT_FALSE(list);
    const auto& wrong = list.error();
    ASSERT_EQ(wrong.size(), 5U);
    EXPECT_EQ(wrong[0].substr(0, 15), "list:2: no port");
    EXPECT_EQ(wrong[1].substr(0, 7), "list:3:");
    EXPECT_NE(wrong[2].find("list:5: 3 words"), std::string::npos);
    EXPECT_NE(wrong[3].find("list:6: 224.0.0.1 is a multicast"), std::string::npos);
    EXPECT_NE(wrong[4].find("list:7: this is no text"), std::string::npos);
}

TEST(TargetList, WithoutATargetIsAMistake) {
    for (const char* text : {"", "# nobody\n", "\n\n"}) {
        const auto list = read(text);
        ASSERT_FALSE(list);
        EXPECT_EQ(list.error().front(), "list: there is no target in it");
    }
}

TEST(TargetList, ShardsCoverEveryTargetOnce) {
    std::string text;
    for (int i = 0; i < 23; ++i) {
        text += "h" + std::to_string(i) + ":80\n# between\n";
    }
    for (const std::size_t count : {1U, 2U, 7U, 23U, 30U}) {
        std::vector<std::size_t> lines;
        for (std::size_t index = 1; index <= count; ++index) {
            const auto list = read(text, Shard{index, count});
            ASSERT_TRUE(list);
            EXPECT_EQ(list->whole, 23U);
            for (const ListedTarget& one : list->targets) {
                lines.push_back(one.line);
            }
        }
        std::ranges::sort(lines);
        ASSERT_EQ(lines.size(), 23U);
        for (std::size_t i = 0; i < lines.size(); ++i) {
            EXPECT_EQ(lines[i], 2 * i + 1);
        }
    }
}

TEST(ReadShard, CountsFromOne) {
    EXPECT_EQ(read_shard("1/1")->count, 1U);
    EXPECT_EQ(read_shard("3/8")->index, 3U);
    for (const char* text : {"", "3", "0/8", "9/8", "/8", "3/", "a/b", "3/8/9", "-1/8"}) {
        EXPECT_FALSE(read_shard(text)) << text;
    }
}

TEST(ReadRate, IsPerSecondUnlessItSaysOtherwise) {
    EXPECT_DOUBLE_EQ(*read_rate("10"), 10);
    EXPECT_DOUBLE_EQ(*read_rate("0.5/s"), 0.5);
    EXPECT_DOUBLE_EQ(*read_rate("30/m"), 0.5);
    for (const char* text :
         {"", "0", "0/s", "fast", "10/h", "-1", "1e3", "1.2.3", ".", "2000000"}) {
        EXPECT_FALSE(read_rate(text)) << text;
    }
}

}  // namespace
}  // namespace tcpcraft::cli
