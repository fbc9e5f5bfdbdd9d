#include <gtest/gtest.h>
#include <tools/cli/target.hpp>

namespace tcpcraft::cli {
namespace {

PeerOptions typed(std::vector<std::string> words) {
    PeerOptions peer;
    peer.target = std::move(words);
    return peer;
}

std::string refusal(const PeerOptions& peer) {
    const auto read = read_target(peer);
    return read ? "taken: " + read->host : read.error().attempt;
}

void expect_target(const PeerOptions& peer, const std::string& host, std::uint16_t port) {
    const auto read = read_target(peer);
    ASSERT_TRUE(read) << read.error().attempt;
    EXPECT_EQ(read->host, host);
    EXPECT_EQ(read->port.value, port);
}

TEST(TypedTarget, IsWhatStoodOnTheCommandLine) {
    EXPECT_EQ(typed_target(typed({"example.org", "80"})), "example.org 80");
    EXPECT_EQ(typed_target(PeerOptions{.listen = "[::1]:80"}), "listen [::1]:80");
}

TEST(ReadTarget, TakesEveryFormOfTheDocumentation) {
    expect_target(typed({"example.org:80"}), "example.org", 80);
    expect_target(typed({"example.org", "80"}), "example.org", 80);
    expect_target(typed({"[2001:db8::1]:443"}), "2001:db8::1", 443);
    expect_target(typed({"[fe80::1%lo]:22"}), "fe80::1%lo", 22);
    expect_target(typed({"2001:db8::1", "443"}), "2001:db8::1", 443);
    PeerOptions with_port = typed({"192.0.2.1"});
    with_port.port = 8080;
    expect_target(with_port, "192.0.2.1", 8080);
}

TEST(HasPort, OfTheWordsThatATargetIsMadeOf) {
    for (const char* whole : {"example.org:80", "192.0.2.1:http", "[::1]:80", "[fe80::1%lo]:22"}) {
        EXPECT_TRUE(has_port(whole)) << whole;
    }
    for (const char* host : {"example.org", "192.0.2.1", "::1", "2001:db8::1", "[::1]"}) {
        EXPECT_FALSE(has_port(host)) << host;
    }
}

TEST(ReadTarget, SaysHowAUrlIsWritten) {
    EXPECT_NE(refusal(typed({"http://u@example.org:8080/a?b"})).find("write example.org:8080"),
              std::string::npos);
    EXPECT_NE(refusal(typed({"tcp://[::1]/"})).find("write [::1]:PORT"), std::string::npos);
}

TEST(ReadTarget, RefusesWhatIsAmbiguousOrIncomplete) {
    EXPECT_NE(refusal(typed({"example.org"})).find("example.org:PORT"), std::string::npos);
    EXPECT_NE(refusal(typed({"2001:db8::1"})).find("[2001:db8::1]:PORT"), std::string::npos);
    EXPECT_NE(refusal(typed({"a:1", "2"})).find("twice"), std::string::npos);
    EXPECT_NE(refusal(typed({"a:0"})).find("1 to 65535"), std::string::npos);
    EXPECT_NE(refusal(typed({"a:65536"})).find("1 to 65535"), std::string::npos);
    EXPECT_NE(refusal(typed({"[::1:80"})).find("bracket"), std::string::npos);
    EXPECT_NE(refusal(typed({":80"})).find("no host"), std::string::npos);
    PeerOptions v4 = typed({"[::1]:80"});
    v4.only_v4 = true;
    EXPECT_NE(refusal(v4).find("not an IPv4 address"), std::string::npos);
}

TEST(ReadListen, TakesAPortOrAnAddressWithIt) {
    PeerOptions peer;
    peer.listen = "8080";
    ASSERT_TRUE(read_listen(peer));
    EXPECT_FALSE(read_listen(peer)->address);
    peer.listen = "[::1]:8080";
    ASSERT_TRUE(read_listen(peer));
    EXPECT_EQ(read_listen(peer)->address->text(), "::1");
    EXPECT_EQ(read_listen(peer)->port.value, 8080);
    peer.listen = "example.org:80";
    EXPECT_FALSE(read_listen(peer));
    peer.listen = "";
    EXPECT_FALSE(read_listen(peer));
}

}  // namespace
}  // namespace tcpcraft::cli
