#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <libtcpcraft/guard/privilege.hpp>

namespace tcpcraft {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* program = "/usr/bin/tcp-handshake";

TEST(Privilege, both_suffice_for_everything) {
    for (const GuardBackend backend :
         {GuardBackend::iptables, GuardBackend::nft, GuardBackend::socket, GuardBackend::none}) {
        EXPECT_TRUE(suffices({true, true, false}, backend, program)) << name_of(backend);
    }
}

TEST(Privilege, without_any_every_way_out_is_named) {
    const auto result = suffices({}, GuardBackend::iptables, program);
    ASSERT_FALSE(result);
    const std::string text = result.error().message();
    EXPECT_THAT(text, HasSubstr("CAP_NET_RAW"));
    EXPECT_THAT(text, HasSubstr("CAP_NET_ADMIN"));
    EXPECT_THAT(text, HasSubstr("sudo tcp-handshake"));
    EXPECT_THAT(text, HasSubstr("setcap cap_net_raw,cap_net_admin=ep /usr/bin/tcp-handshake"));
    EXPECT_THAT(text, HasSubstr("unshare -Urn"));
    EXPECT_THAT(text, Not(HasSubstr("--firewall socket"))) << "that would need raw sockets too";
}

TEST(Privilege, raw_sockets_alone_suffice_for_the_mute_listener) {
    EXPECT_TRUE(suffices({true, false, false}, GuardBackend::socket, program));
    const auto result = suffices({true, false, false}, GuardBackend::nft, program);
    ASSERT_FALSE(result);
    EXPECT_THAT(result.error().message(), HasSubstr("--firewall socket"));
    EXPECT_THAT(result.error().message(), Not(HasSubstr("CAP_NET_RAW (raw")));
}

TEST(Privilege, capabilities_over_a_foreign_network_are_explained) {
    const auto result = suffices({false, false, true}, GuardBackend::iptables, program);
    ASSERT_FALSE(result);
    EXPECT_THAT(result.error().message(), HasSubstr("another user namespace"));
}

}  // namespace
}  // namespace tcpcraft
