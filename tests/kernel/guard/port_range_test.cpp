#include <cstdio>
#include <fstream>
#include <optional>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <tests/support/namespace.hpp>
#include <unistd.h>

#include <libtcpcraft/guard/port_lease.hpp>
#include <libtcpcraft/guard/port_range.hpp>
#include <libtcpcraft/guard/used_ports.hpp>

namespace tcpcraft {
namespace {

class PortRanges : public ::testing::Test {
protected:
    void SetUp() override {
        if (const auto why = testing::enter_private_network()) {
            GTEST_SKIP() << *why;
        }
        std::ofstream{"/proc/sys/net/ipv4/ip_local_port_range"} << "32768 60999";
    }
    static Endpoint here(std::uint16_t port, const char* address = "127.0.0.1") {
        return {Address::read(address).value(), Port{port}};
    }
};

TEST_F(PortRanges, LieOutsideOfWhatTheKernelGivesAway) {
    const auto range = PortRange::take({}, 20'000);
    ASSERT_TRUE(range) << range.error().message();
    EXPECT_EQ(range->last().value - range->first().value, 19'999);
    EXPECT_GE(range->first().value, 1024);
    EXPECT_LT(range->last().value, 32'768);
}

TEST_F(PortRanges, AreNeverShared) {
    const auto first = PortRange::take({}, 10'000);
    const auto second = PortRange::take({}, 10'000);
    ASSERT_TRUE(first && second);
    EXPECT_TRUE(first->last() < second->first() || second->last() < first->first());
    const auto same = PortRange::take(first->first(), 100);
    ASSERT_FALSE(same);
    EXPECT_THAT(same.error().message(), ::testing::HasSubstr("another run"));
}

bool before_linux(int major, int minor) {
    utsname names{};
    int is_major = 0;
    int is_minor = 0;
    ::uname(&names);
    std::sscanf(names.release, "%d.%d", &is_major, &is_minor);
    return is_major < major || (is_major == major && is_minor < minor);
}

TEST_F(PortRanges, KeepClearOfSocketsOfEitherFamily) {
    const auto v4 = PortLease::take(here(8000));  // bound, and nothing more
    const auto v6 = PortLease::take(here(16'000, "::1"));
    ASSERT_TRUE(v4 && v6);
    if (before_linux(6, 8)) {
        GTEST_SKIP() << "this kernel does not tell of sockets that are bound and nothing more";
    }
    const auto used = used_ports();
    ASSERT_TRUE(used) << used.error().message();
    EXPECT_EQ(used->count(), 2U);
    EXPECT_TRUE(used->test(8000) && used->test(16'000));
    for (const std::uint16_t port : {std::uint16_t{8000}, std::uint16_t{16'000}}) {
        const auto over_it = PortRange::take(Port{static_cast<std::uint16_t>(port - 10)}, 100);
        ASSERT_FALSE(over_it);
        EXPECT_THAT(over_it.error().message(), ::testing::HasSubstr(std::to_string(port)));
    }
    const auto beside = PortRange::take({}, 15'000);
    ASSERT_TRUE(beside);
    EXPECT_GT(beside->first().value, 16'000);
}

TEST_F(PortRanges, KeepSinglePortsAwayUntilTheyEnd) {
    auto range = std::optional{PortRange::take({}, 300).value()};
    const Port inside{static_cast<std::uint16_t>(range->first().value + 7)};
    const auto refused = PortLease::take(here(inside.value));
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().message(), ::testing::HasSubstr("another run"));
    range.reset();
    EXPECT_TRUE(PortLease::take(here(inside.value)));
}

TEST_F(PortRanges, EndWithTheirProcessHoweverItEnds) {
    const pid_t child = ::fork();
    if (child == 0) {
        const auto range = PortRange::take(Port{20'000}, 1000);
        ::kill(::getpid(), range ? SIGKILL : SIGTERM);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    ASSERT_EQ(WTERMSIG(status), SIGKILL);
    EXPECT_TRUE(PortRange::take(Port{20'000}, 1000));
}

TEST_F(PortRanges, TooManySayWhatIsInTheWay) {
    const auto too_many = PortRange::take({}, 40'000);
    ASSERT_FALSE(too_many);
    EXPECT_THAT(too_many.error().message(), ::testing::HasSubstr("32768 to 60999"));
    const auto chosen_by_the_kernel = PortRange::take(Port{40'000}, 100);
    ASSERT_FALSE(chosen_by_the_kernel);
    EXPECT_THAT(chosen_by_the_kernel.error().message(), ::testing::HasSubstr("to others"));
}

}  // namespace
}  // namespace tcpcraft
