#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <libtcpcraft/guard/privilege.hpp>

namespace tcpcraft {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* program = "/built/tcp-handshake";

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
    EXPECT_THAT(text, HasSubstr("setcap cap_net_raw,cap_net_admin=ep /built/tcp-handshake"));
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

TEST(Privilege, a_file_tells_who_may_start_it) {
    const ProgramFile file = examine_program("/bin/sh");
    EXPECT_EQ(file.path, "/bin/sh");
    EXPECT_FALSE(file.capable);
    EXPECT_EQ(file.group, "") << "everybody";
    EXPECT_FALSE(examine_program("/nowhere/at/all").capable);
}

// In a child: what is given up is gone.
TEST(Privilege, what_is_surrendered_does_not_come_back) {
    EXPECT_EXIT(
        {
            prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0);
            const bool root = geteuid() == 0;
            if (root && setuid(65534) != 0) {
                _exit(2);
            }
            const bool done = surrender_privileges().has_value();
            const Privileges left = effective_privileges();
            const bool sealed = prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1 &&
                                prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == 0;
            _exit(done && !left.net_raw && !left.net_admin && (sealed || !root) ? 0 : 1);
        },
        ::testing::ExitedWithCode(0), "");
}

}  // namespace
}  // namespace tcpcraft
