// The thread of the tested namespace, when a job of it blocks; and commands that do not end.
#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include <gtest/gtest.h>
#include <linux/capability.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <libtcpcraft/base/descriptor.hpp>
#include <libtcpcraft/sut/namespace_thread.hpp>
#include <libtcpcraft/sut/shell.hpp>

namespace tcpcraft {

namespace {

/// In the namespace where the test is.
class Thread : public ::testing::Test {
protected:
    void SetUp() override {
        auto entered = NamespaceThread::enter(std::to_string(::getpid()));
        if (!entered) {
            GTEST_SKIP() << entered.error().message();
        }
        thread = std::move(*entered);
    }
    std::unique_ptr<NamespaceThread> thread{};
};

TEST_F(Thread, AJobThatBlocksIsInterruptedAndTheNextOnesAreForgotten) {
    const Descriptor silent{::eventfd(0, EFD_CLOEXEC)};
    const Descriptor begins{::eventfd(0, EFD_CLOEXEC)};
    std::atomic<int> woken{0};
    std::atomic<int> forgotten{0};
    int told = 0;
    thread->post([&]() -> std::function<void()> {
        const std::uint64_t one = 1;
        EXPECT_EQ(::write(begins.raw(), &one, sizeof one), 8);
        std::uint64_t never = 0;
        woken += ::read(silent.raw(), &never, sizeof never) < 0 ? 1 : 0;
        return [&told] { ++told; };
    });
    thread->post([&]() -> std::function<void()> {
        ++forgotten;
        return [] {};
    });
    std::uint64_t count = 0;
    ASSERT_EQ(::read(begins.raw(), &count, sizeof count), 8);
    thread->interrupt();
    bool next = false;
    thread->run([&next] { next = true; });
    EXPECT_TRUE(next);
    thread->finish_jobs();
    EXPECT_EQ((std::array{woken.load(), told, forgotten.load()}), (std::array{1, 1, 0}));
    EXPECT_FALSE(thread->interrupted());
}

TEST_F(Thread, ACommandThatDoesNotEndIsKilledWithWhatItStarted) {
    int ends[2] = {};
    ASSERT_EQ(::pipe(ends), 0);
    std::atomic<int> status{0};
    thread->post([&, out = ends[1]]() -> std::function<void()> {
        const auto given_up = [this] { return thread->interrupted(); };
        status = run_shell("echo >&" + std::to_string(out) + "; sleep 1000 & sleep 1000; true",
                           given_up);
        return [] {};
    });
    char got = 0;
    ASSERT_EQ(::read(ends[0], &got, 1), 1);  // it has begun
    thread->interrupt();
    EXPECT_EQ(status, 128 + 9);
    ::close(ends[1]);
    EXPECT_EQ(::read(ends[0], &got, 1), 0);  // nobody holds the other end any more
    ::close(ends[0]);
}

TEST(Shell, GivesTheExitStatus) {
    const auto never = [] { return false; };
    EXPECT_EQ(run_shell("true", never), 0);
    EXPECT_EQ(run_shell("exit 7", never), 7);
    EXPECT_EQ(run_shell("kill -TERM $$", never), 128 + 15);
    EXPECT_EQ(run_shell("read line", never), 1);  // the end of /dev/null
}

/// An ordinary user whose programs inherit CAP_NET_ADMIN; false where only root could become one.
bool become_privileged_nobody() {
    prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0);
    __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
    const std::uint32_t admin = 1U << CAP_NET_ADMIN;
    const std::array<__user_cap_data_struct, 2> sets{{{admin, admin, admin}, {0, 0, 0}}};
    return setuid(65534) == 0 && syscall(SYS_capset, &header, sets.data()) == 0 &&
           prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_NET_ADMIN, 0, 0) == 0;
}

TEST(Shell, CommandsOfAnOrdinaryUserGetNoCapability) {
    if (geteuid() != 0) {
        GTEST_SKIP() << "only root can become an ordinary user with a capability";
    }
    EXPECT_EXIT(
        {
            const auto never = [] { return false; };
            if (!become_privileged_nobody()) {
                _exit(2);
            }
            const int none = run_shell("grep -q '^CapPrm:.0*$' /proc/self/status", never);
            const bool kept =
                prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, CAP_NET_ADMIN, 0, 0) == 1;
            _exit(none == 0 && kept ? 0 : 1);
        },
        ::testing::ExitedWithCode(0), "");
}

}  // namespace

}  // namespace tcpcraft
