// The guard in a private network: what the host's own programs say about its rules before, during
// and after. RFC 9293 §3.10.7.1 is why it is needed: a CLOSED connection answers with RST.
#include <csignal>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <tests/kernel/guard/ways.hpp>
#include <unistd.h>

#include <libtcpcraft/guard/leftovers.hpp>
#include <libtcpcraft/guard/liveness.hpp>

namespace tcpcraft::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

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

}  // namespace
}  // namespace tcpcraft::testing
