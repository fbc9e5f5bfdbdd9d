// The guardian, which takes the rule away when its owner cannot.
#include <chrono>
#include <csignal>
#include <random>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <tests/kernel/guard/ways.hpp>
#include <unistd.h>

#include <libtcpcraft/guard/leftovers.hpp>
#include <libtcpcraft/guard/liveness.hpp>

namespace tcpcraft::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

// What concerns the guardian, which only the iptables backend has.
class GuardianTest : public RstGuardTest {};

INSTANTIATE_TEST_SUITE_P(Way, GuardianTest,
                         ::testing::Values(nf_tables_v4, nf_tables_v6, legacy_v4, legacy_v6),
                         name_of_way);

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
    adopt_orphans();
    for (int i = 0; i < owners; ++i) {
        Owner owner{request_for(GetParam(), static_cast<std::uint16_t>(41000 + i))};
        // The moment is what is tested: from before the fork of the guardian to after the install.
        std::this_thread::sleep_for(std::chrono::milliseconds{up_to(random)});
        owner.kill_hard();
    }
    const auto start = Clock::now();
    // No rule to be seen is not enough: the last guardian may be just about to install its own.
    ASSERT_TRUE(children_ended());
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

}  // namespace
}  // namespace tcpcraft::testing
