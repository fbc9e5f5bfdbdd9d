// `TEXT|@FILE`, as --send takes it.
#include <fstream>
#include <string>

#include <gtest/gtest.h>
#include <tools/cli/payload.hpp>
#include <unistd.h>

namespace tcpcraft::cli {
namespace {

std::string as_text(const std::vector<std::byte>& octets) {
    std::string made;
    for (const std::byte octet : octets) {
        made += static_cast<char>(octet);
    }
    return made;
}

std::string refusal(const std::string& text) {
    const auto read = read_payload(text);
    return read ? "nothing is wrong" : read.error().attempt;
}

TEST(Payload, TextIsTakenAsItStands) {
    EXPECT_EQ(as_text(read_payload("GET / \r\n").value()), "GET / \r\n");
    EXPECT_EQ(as_text(read_payload("a@b").value()), "a@b");
}

TEST(Payload, AFileIsTakenOctetForOctet) {
    const std::string name = testing::TempDir() + "payload." + std::to_string(::getpid());
    const std::string content{"\0\xff\n@x", 5};
    std::ofstream{name, std::ios::binary} << content;
    const auto read = read_payload("@" + name);
    std::ofstream{name};
    const std::string of_nothing = refusal("@" + name);
    ::unlink(name.c_str());
    EXPECT_EQ(as_text(read.value()), content);
    EXPECT_EQ(of_nothing, "there is nothing to send in '@" + name + "'");
}

TEST(Payload, NothingToSendIsToldApartFromNoSuchFile) {
    EXPECT_EQ(refusal(""), "there is nothing to send in ''");
    EXPECT_EQ(refusal("@/no/such/file"), "cannot read '/no/such/file'");
}

}  // namespace
}  // namespace tcpcraft::cli
