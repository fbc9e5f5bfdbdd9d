#include <csignal>
#include <cstdlib>

#include <tests/kernel/guard/ways.hpp>
#include <tests/support/namespace.hpp>

#include <libtcpcraft/guard/liveness.hpp>

namespace tcpcraft::testing {

std::string name_of_way(const ::testing::TestParamInfo<Way>& each) { return each.param.name; }

GuardRequest request_for(const Way& way, std::uint16_t port) {
    GuardRequest request;
    request.backend = way.backend;
    request.local = Address::read(way.local).value();
    request.first = Port{port};
    return request;
}

double milliseconds_since(Clock::time_point start) {
    return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

void kill_with_guardian(Owner& owner) {
    const pid_t guardian = owner.child();
    ASSERT_TRUE(signal_one(guardian, SIGKILL));
    owner.kill_hard();
    ASSERT_TRUE(eventually([&] { return !lives(guardian); }));
}

void RstGuardTest::SetUp() {
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

void RstGuardTest::TearDown() { unsetenv("TCPCRAFT_IPTABLES"); }

}  // namespace tcpcraft::testing
