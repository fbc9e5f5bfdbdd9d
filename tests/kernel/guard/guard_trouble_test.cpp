// The guard where it meets missing privilege, a busy lock, a hanging program or an old kernel.
#include <csignal>
#include <cstdlib>
#include <fstream>

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/capability.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <tests/kernel/guard/ways.hpp>
#include <tests/support/namespace.hpp>
#include <unistd.h>

#include <libtcpcraft/guard/liveness.hpp>

namespace tcpcraft::testing {
namespace {

using ::testing::HasSubstr;

class ImpossibleGuardTest : public RstGuardTest {};

INSTANTIATE_TEST_SUITE_P(Way, ImpossibleGuardTest,
                         ::testing::Values(nf_tables_v4, legacy_v6, nft_v4), name_of_way);

void give_up_capabilities() {
    for (const int capability : {CAP_NET_ADMIN, CAP_NET_RAW}) {
        prctl(PR_CAPBSET_DROP, capability, 0, 0, 0);
    }
    __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
    std::array<__user_cap_data_struct, _LINUX_CAPABILITY_U32S_3> none{};
    syscall(SYS_capset, &header, none.data());
}

TEST_P(ImpossibleGuardTest, without_privilege_an_error_and_nothing_left) {
    const pid_t child = fork();
    if (child == 0) {
        give_up_capabilities();
        const auto guard = RstGuard::raise(request_for(GetParam()));
        const bool told =
            !guard && guard.error().message().find("CAP_NET_ADMIN") != std::string::npos;
        if (!told) {
            fprintf(stderr, "%s\n", guard ? "raised" : guard.error().message().c_str());
        }
        _exit(told ? 0 : 1);
    }
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0);
    EXPECT_EQ(firewall_rules(), before_);
}

std::string told_by_mute_listener() {
    auto lease = PortLease::take(Endpoint::read("127.0.0.1:0").value());
    GuardRequest request;
    request.backend = GuardBackend::socket;
    request.local = lease->local().address;
    request.first = lease->local().port;
    request.lease = &*lease;
    const auto guard = RstGuard::raise(request);
    return guard ? (*guard)->description() + "|" + (*guard)->warning() : guard.error().message();
}

TEST(MuteListener, says_what_gets_through_without_privilege_only) {
    if (const auto why = enter_private_network()) {
        GTEST_SKIP() << *why;
    }
    EXPECT_THAT(told_by_mute_listener(), ::testing::EndsWith("answers nothing on this port|"));
    const pid_t child = fork();
    if (child == 0) {
        give_up_capabilities();
        const std::string told = told_by_mute_listener();
        const bool filtered = told.ends_with("answers nothing on this port|");
        const auto end_of_description = told.find('|');
        const bool honest = told.substr(0, end_of_description).ends_with("with a TTL of 255") &&
                            told.find("CAP_NET_ADMIN", end_of_description) != std::string::npos;
        fprintf(stderr, "%s\n", told.c_str());
        // An older kernel asks no privilege for the filter.
        _exit(honest ? 0 : filtered ? 77 : 1);
    }
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 77) {
        GTEST_SKIP() << "this kernel lets anybody filter a TCP socket";
    }
    EXPECT_EQ(status, 0);
}

class NftGuardTest : public RstGuardTest {};

INSTANTIATE_TEST_SUITE_P(Way, NftGuardTest, ::testing::Values(nft_v4), name_of_way);

TEST_P(NftGuardTest, nft_that_does_not_end_is_killed) {
    auto guard = RstGuard::raise(request_for(GetParam()));
    ASSERT_TRUE(guard) << guard.error().message();
    const pid_t nft = child_of(getpid());
    ASSERT_TRUE(signal_one(nft, SIGSTOP));
    guard->reset();
    EXPECT_FALSE(lives(nft));
    EXPECT_EQ(firewall_rules(), before_);
}

class LegacyLockTest : public RstGuardTest {};

INSTANTIATE_TEST_SUITE_P(Way, LegacyLockTest, ::testing::Values(legacy_v4), name_of_way);

TEST_P(LegacyLockTest, lock_held_by_another_program_is_an_error_that_says_so) {
    const int lock = open("/run/xtables.lock", O_RDONLY | O_CREAT | O_CLOEXEC, 0600);
    ASSERT_EQ(flock(lock, LOCK_EX), 0);
    const auto guard = RstGuard::raise(request_for(GetParam()));
    ASSERT_FALSE(guard);
    EXPECT_THAT(guard.error().message(), HasSubstr("another program is changing the firewall"));
    close(lock);
    EXPECT_EQ(firewall_rules(), before_);
}

TEST_P(LegacyLockTest, lock_held_for_a_while_delays_the_removal_only) {
    Owner owner{request_for(GetParam())};
    ASSERT_EQ(owner.raised(), "");
    const int lock = open("/run/xtables.lock", O_RDONLY | O_CREAT | O_CLOEXEC, 0600);
    ASSERT_EQ(flock(lock, LOCK_EX), 0);
    owner.kill_hard();
    EXPECT_EQ(our_rules(), 1U);
    close(lock);
    EXPECT_TRUE(eventually([] { return our_rules() == 0; }));
}

// A kernel without table raw, played by a script that knows none.
class NoRawTableTest : public RstGuardTest {};

INSTANTIATE_TEST_SUITE_P(Way, NoRawTableTest, ::testing::Values(nf_tables_v4), name_of_way);

void write_script(const std::string& path, const std::string& text) {
    std::ofstream{path} << "#!/bin/sh\n" << text << "\n";
    chmod(path.c_str(), 0755);
}

void use_iptables_without_raw() {
    write_script("/run/iptables-old",
                 "case \"$*\" in *'-t raw'*) echo \"iptables v1.8.9: can't initialize iptables "
                 "table \\`raw': Table does not exist (do you need to insmod?)\" >&2; exit 3;; "
                 "esac; exec iptables-nft \"$@\"");
    write_script("/run/iptables-old-save", "exec iptables-nft-save \"$@\"");
    write_script("/run/iptables-old-restore", "exec iptables-nft-restore \"$@\"");
    setenv("TCPCRAFT_IPTABLES", "/run/iptables-old", 1);
}

TEST_P(NoRawTableTest, rule_goes_to_filter_with_a_warning) {
    use_iptables_without_raw();
    auto guard = RstGuard::raise(request_for(GetParam()));
    ASSERT_TRUE(guard) << guard.error().message();
    EXPECT_THAT((*guard)->warning(), HasSubstr("no table raw"));
    EXPECT_THAT(must_run({"iptables-nft-save", "-t", "filter"}), HasSubstr("tcpcraft:"));
    ASSERT_TRUE((*guard)->lower());
    EXPECT_EQ(our_rules(), 0U);
}

TEST_P(NoRawTableTest, rule_left_in_filter_is_swept_at_the_end_of_a_run_that_knows_raw) {
    use_iptables_without_raw();
    Owner lost{request_for(GetParam(), 40001)};
    ASSERT_EQ(lost.raised(), "");
    kill_with_guardian(lost);
    ASSERT_EQ(our_rules(), 1U) << "nobody was left to remove it";
    setenv("TCPCRAFT_IPTABLES", GetParam().iptables, 1);
    auto guard = RstGuard::raise(request_for(GetParam(), 40002));
    ASSERT_TRUE(guard) << guard.error().message();
    ASSERT_TRUE((*guard)->lower());
    EXPECT_EQ(our_rules(), 0U) << firewall_rules();
}

}  // namespace
}  // namespace tcpcraft::testing
