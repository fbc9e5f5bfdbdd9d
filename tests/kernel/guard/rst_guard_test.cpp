// The guard in a private network: what the host's own programs say about its rules before, during
// and after. RFC 9293 §3.10.7.1 is why it is needed: a CLOSED connection answers with RST.
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <random>
#include <thread>

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/capability.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <tests/kernel/guard/firewall.hpp>
#include <tests/support/namespace.hpp>
#include <unistd.h>

#include <libtcpcraft/guard/leftovers.hpp>
#include <libtcpcraft/guard/liveness.hpp>

namespace tcpcraft::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using Clock = std::chrono::steady_clock;

struct Way {
    const char* name;
    GuardBackend backend;
    const char* iptables;
    const char* local;
    const char* peer;
};

constexpr Way nf_tables_v4{"nf_tables_v4", GuardBackend::iptables, "iptables-nft", "127.0.0.1",
                           "127.0.0.1:80"};
constexpr Way nf_tables_v6{"nf_tables_v6", GuardBackend::iptables, "iptables-nft", "::1",
                           "[::1]:80"};
constexpr Way legacy_v4{"legacy_v4", GuardBackend::iptables, "iptables-legacy", "127.0.0.1",
                        "127.0.0.1:80"};
constexpr Way legacy_v6{"legacy_v6", GuardBackend::iptables, "iptables-legacy", "::1", "[::1]:80"};
constexpr Way nft_v4{"nft_v4", GuardBackend::nft, "iptables", "127.0.0.1", "127.0.0.1:80"};
constexpr Way nft_v6{"nft_v6", GuardBackend::nft, "iptables", "::1", "[::1]:80"};

std::string name_of_way(const ::testing::TestParamInfo<Way>& each) { return each.param.name; }

GuardRequest request_for(const Way& way, std::uint16_t port = 40000) {
    GuardRequest request;
    request.backend = way.backend;
    request.local = Address::read(way.local).value();
    request.first = Port{port};
    return request;
}

double milliseconds_since(Clock::time_point start) {
    return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

class RstGuardTest : public ::testing::TestWithParam<Way> {
protected:
    void SetUp() override {
        if (const auto why = enter_private_network()) {
            GTEST_SKIP() << *why;
        }
        setenv("TCPCRAFT_IPTABLES", GetParam().iptables, 1);
        // Somebody else's rules: they must be there afterwards as they were before.
        must_run({"iptables-nft", "-t", "raw", "-A", "OUTPUT", "-p", "udp", "-j", "ACCEPT"});
        must_run({"ip6tables-nft", "-A", "INPUT", "-p", "udp", "-j", "ACCEPT"});
        must_run({"nft", "add table inet theirs"});
        before_ = firewall_rules();
    }
    void TearDown() override { unsetenv("TCPCRAFT_IPTABLES"); }

    std::string before_;
};

INSTANTIATE_TEST_SUITE_P(Way, RstGuardTest,
                         ::testing::Values(nf_tables_v4, nf_tables_v6, legacy_v4, legacy_v6, nft_v4,
                                           nft_v6),
                         name_of_way);

TEST_P(RstGuardTest, rule_is_there_while_raised_and_nothing_is_left_after_lower) {
    const auto start = Clock::now();
    auto guard = RstGuard::raise(request_for(GetParam()));
    RecordProperty("raise_ms", std::to_string(milliseconds_since(start)));
    ASSERT_TRUE(guard) << guard.error().message();
    EXPECT_EQ(our_rules(), 1U) << firewall_rules();
    EXPECT_EQ((*guard)->dropped(), 0U);
    EXPECT_EQ((*guard)->warning(), "");

    const auto lowering = Clock::now();
    const auto lowered = (*guard)->lower();
    RecordProperty("lower_ms", std::to_string(milliseconds_since(lowering)));
    EXPECT_TRUE(lowered) << lowered.error().message();
    EXPECT_EQ(firewall_rules(), before_);
    EXPECT_TRUE((*guard)->lower()) << "lowering twice does nothing";
}

TEST_P(RstGuardTest, stands_until_somebody_takes_it_away) {
    auto guard = RstGuard::raise(request_for(GetParam()));
    ASSERT_TRUE(guard) << guard.error().message();
    const auto standing = (*guard)->standing();
    EXPECT_TRUE(standing) << standing.error().message();
    if (GetParam().backend == GuardBackend::nft) {
        ASSERT_TRUE(signal_one(child_of(getpid()), SIGKILL));
        ASSERT_TRUE(eventually([] { return our_rules() == 0; }));
    } else {
        ASSERT_TRUE(clear_guard_rules(Clear::all));
    }
    const auto fallen = (*guard)->standing();
    ASSERT_FALSE(fallen);
    EXPECT_THAT(fallen.error().message(), HasSubstr("tcpcraft"));
    EXPECT_TRUE((*guard)->lower());
    EXPECT_EQ(firewall_rules(), before_);
}

TEST_P(RstGuardTest, destroying_it_lowers_it) {
    ASSERT_TRUE(RstGuard::raise(request_for(GetParam())));
    EXPECT_EQ(firewall_rules(), before_);
}

TEST_P(RstGuardTest, narrowed_to_the_peer_it_is_still_one_rule) {
    auto guard = RstGuard::raise(request_for(GetParam()));
    ASSERT_TRUE(guard) << guard.error().message();
    const auto narrowed = (*guard)->narrow(Endpoint::read(GetParam().peer).value());
    ASSERT_TRUE(narrowed) << narrowed.error().message();
    const std::string rules = firewall_rules();
    EXPECT_EQ(our_rules(), 1U) << rules;
    EXPECT_THAT(rules, HasSubstr("dport 80"));
    ASSERT_TRUE((*guard)->lower());
    EXPECT_EQ(firewall_rules(), before_);
}

TEST_P(RstGuardTest, killed_owner_leaves_nothing) {
    Owner owner{request_for(GetParam())};
    ASSERT_EQ(owner.raised(), "");
    ASSERT_EQ(our_rules(), 1U);
    const pid_t child = owner.child();
    ASSERT_GT(child, 0);
    const auto start = Clock::now();
    owner.kill_hard();
    EXPECT_TRUE(eventually([] { return our_rules() == 0; }));
    RecordProperty("gone_after_ms", std::to_string(milliseconds_since(start)));
    EXPECT_TRUE(eventually([&] { return !lives(child); })) << "the guardian outlived its work";
    EXPECT_EQ(firewall_rules(), before_);
}

TEST_P(RstGuardTest, rules_of_the_living_are_listed_as_owned) {
    Owner owner{request_for(GetParam())};
    ASSERT_EQ(owner.raised(), "");
    const auto rules = list_guard_rules();
    ASSERT_TRUE(rules) << rules.error().message();
    ASSERT_THAT(*rules, SizeIs(1));
    EXPECT_TRUE(rules->front().owned);
    const auto cleared = clear_guard_rules(Clear::stale);
    ASSERT_TRUE(cleared);
    EXPECT_THAT(*cleared, IsEmpty()) << "only stale rules go by default";
    EXPECT_EQ(our_rules(), 1U);
}

// What concerns the guardian, which only the iptables backend has.
class GuardianTest : public RstGuardTest {};

INSTANTIATE_TEST_SUITE_P(Way, GuardianTest,
                         ::testing::Values(nf_tables_v4, nf_tables_v6, legacy_v4, legacy_v6),
                         name_of_way);

void kill_with_guardian(Owner& owner) {
    const pid_t guardian = owner.child();
    ASSERT_TRUE(signal_one(guardian, SIGKILL));
    owner.kill_hard();
    ASSERT_TRUE(eventually([&] { return !lives(guardian); }));
}

TEST_P(GuardianTest, power_loss_leaves_a_rule_that_the_next_run_sweeps) {
    Owner lost{request_for(GetParam(), 40001)};
    ASSERT_EQ(lost.raised(), "");
    kill_with_guardian(lost);
    ASSERT_EQ(our_rules(), 1U) << "nobody was left to remove it";
    Owner alive{request_for(GetParam(), 40002)};
    ASSERT_EQ(alive.raised(), "");
    EXPECT_EQ(our_rules(), 1U) << firewall_rules();
    EXPECT_THAT(firewall_rules(), HasSubstr("40002"));
    alive.tell_to_lower();
    EXPECT_TRUE(alive.ended_well());
    EXPECT_EQ(firewall_rules(), before_);
}

TEST_P(GuardianTest, stale_rules_are_listed_and_cleared) {
    Owner lost{request_for(GetParam())};
    ASSERT_EQ(lost.raised(), "");
    kill_with_guardian(lost);
    const auto rules = list_guard_rules();
    ASSERT_TRUE(rules);
    ASSERT_THAT(*rules, SizeIs(1));
    EXPECT_FALSE(rules->front().owned);
    const auto cleared = clear_guard_rules(Clear::stale);
    ASSERT_TRUE(cleared) << cleared.error().message();
    EXPECT_THAT(*cleared, SizeIs(1));
    EXPECT_EQ(firewall_rules(), before_);
}

TEST_P(GuardianTest, clearing_all_takes_the_living_too_and_they_end_well) {
    Owner owner{request_for(GetParam())};
    ASSERT_EQ(owner.raised(), "");
    ASSERT_TRUE(clear_guard_rules(Clear::all));
    EXPECT_EQ(our_rules(), 0U);
    owner.tell_to_lower();
    EXPECT_TRUE(owner.ended_well());
    EXPECT_EQ(firewall_rules(), before_);
}

TEST_P(GuardianTest, signals_to_it_and_its_terminal_do_not_end_it) {
    Owner owner{request_for(GetParam())};
    ASSERT_EQ(owner.raised(), "");
    const pid_t guardian = owner.child();
    EXPECT_EQ(getsid(guardian), guardian);
    for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE}) {
        ASSERT_TRUE(signal_one(guardian, signal));
    }
    owner.kill_hard();
    EXPECT_TRUE(eventually([] { return our_rules() == 0; }));
}

TEST_P(GuardianTest, killed_guardian_is_replaced_by_its_owner) {
    Owner owner{request_for(GetParam())};
    ASSERT_EQ(owner.raised(), "");
    ASSERT_TRUE(signal_one(owner.child(), SIGKILL));
    owner.tell_to_lower();
    EXPECT_TRUE(owner.ended_well());
    EXPECT_EQ(firewall_rules(), before_);
}

TEST_P(GuardianTest, hundred_owners_killed_at_random_moments_leave_nothing) {
    constexpr int owners = 100;
    const auto seed = std::random_device{}();
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::minstd_rand random{seed};
    std::uniform_int_distribution<int> up_to{0, 40};
    for (int i = 0; i < owners; ++i) {
        Owner owner{request_for(GetParam(), static_cast<std::uint16_t>(41000 + i))};
        // The moment is what is tested: from before the fork of the guardian to after the install.
        std::this_thread::sleep_for(std::chrono::milliseconds{up_to(random)});
        owner.kill_hard();
    }
    const auto start = Clock::now();
    EXPECT_TRUE(eventually([] { return our_rules() == 0; })) << firewall_rules();
    RecordProperty("gone_after_ms", std::to_string(milliseconds_since(start)));
    EXPECT_EQ(firewall_rules(), before_);
}

std::vector<Owner> start_owners(const Way& way, int count) {
    std::vector<Owner> owners;
    for (int i = 0; i < count; ++i) {
        owners.emplace_back(request_for(way, static_cast<std::uint16_t>(42000 + i)));
    }
    return owners;
}

TEST_P(GuardianTest, two_hundred_at_once_do_not_disturb_each_other) {
    constexpr std::size_t count = 200;
    const auto start = Clock::now();
    std::vector<Owner> owners = start_owners(GetParam(), count);
    for (Owner& owner : owners) {
        ASSERT_EQ(owner.raised(), "");
    }
    RecordProperty("raised_ms", std::to_string(milliseconds_since(start)));
    EXPECT_EQ(our_rules(), count);
    const auto lowering = Clock::now();
    for (Owner& owner : owners) {
        owner.tell_to_lower();
    }
    for (Owner& owner : owners) {
        EXPECT_TRUE(owner.ended_well());
    }
    RecordProperty("lowered_ms", std::to_string(milliseconds_since(lowering)));
    EXPECT_EQ(firewall_rules(), before_);
}

TEST_P(GuardianTest, two_hundred_killed_at_once_leave_nothing) {
    std::vector<Owner> owners = start_owners(GetParam(), 200);
    for (Owner& owner : owners) {
        ASSERT_EQ(owner.raised(), "");
    }
    const auto start = Clock::now();
    owners.clear();
    EXPECT_TRUE(eventually([] { return our_rules() == 0; }));
    RecordProperty("gone_after_ms", std::to_string(milliseconds_since(start)));
    EXPECT_EQ(firewall_rules(), before_);
}

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
