#include <gtest/gtest.h>

#include <libtcpcraft/link/raw/capture_scope.hpp>

namespace tcpcraft {
namespace {

ConnectionId id(const char* local, const char* remote) {
    return {Endpoint::read(local).value(), Endpoint::read(remote).value()};
}

TEST(CaptureScope, CoversExactlyItsPair) {
    const CaptureScope scope{
        Endpoint::read("192.0.2.1:5").value(), {}, Endpoint::read("192.0.2.2:80").value()};
    EXPECT_TRUE(scope.covers(id("192.0.2.1:5", "192.0.2.2:80")));
    EXPECT_FALSE(scope.covers(id("192.0.2.9:5", "192.0.2.2:80")));
    EXPECT_FALSE(scope.covers(id("192.0.2.1:6", "192.0.2.2:80")));
    EXPECT_FALSE(scope.covers(id("192.0.2.1:5", "192.0.2.9:80")));
    EXPECT_FALSE(scope.covers(id("192.0.2.1:5", "192.0.2.2:81")));
}

TEST(CaptureScope, UnspecifiedMeansAnyOfThatFamily) {
    const CaptureScope scope{Endpoint::read("0.0.0.0:5").value(), Port{7},
                             Endpoint::read("0.0.0.0:0").value()};
    EXPECT_TRUE(scope.covers(id("192.0.2.1:7", "192.0.2.2:80")));
    EXPECT_FALSE(scope.covers(id("192.0.2.1:8", "192.0.2.2:80")));
    EXPECT_FALSE(scope.covers(id("[::1]:5", "[::1]:80")));
}

TEST(CaptureScope, IgnoresZonesWhichPacketsDoNotCarry) {
    const CaptureScope scope{{Address::read("fe80::1").value().with_zone(3), Port{5}}, {}, {}};
    EXPECT_TRUE(scope.covers(id("[fe80::1]:5", "[fe80::2]:80")));
}

}  // namespace
}  // namespace tcpcraft
