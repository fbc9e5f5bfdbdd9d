#include <chrono>
#include <cstdlib>
#include <filesystem>

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <libtcpcraft/guard/command.hpp>

namespace tcpcraft {
namespace {

using std::chrono::milliseconds;
using ::testing::HasSubstr;

Command shell(const std::string& script, const std::string& input = {}) {
    return {{"sh", "-c", script}, input};
}

TEST(Command, status_and_both_streams_come_back) {
    const auto result = run(shell("echo out; echo err >&2; exit 3"));
    ASSERT_TRUE(result);
    EXPECT_EQ(result->exit_status, 3);
    EXPECT_EQ(result->output, "out\n");
    EXPECT_EQ(result->errors, "err\n");
}

TEST(Command, input_of_any_size_is_fed_and_output_of_any_size_comes_back) {
    const std::string megabyte(1U << 20U, 'x');
    const auto result = run({{"cat"}, megabyte});
    ASSERT_TRUE(result);
    EXPECT_EQ(result->output, megabyte);
}

TEST(Command, program_that_reads_nothing_does_no_harm) {
    const auto result = run({{"true"}, std::string(1U << 20U, 'x')});
    ASSERT_TRUE(result);
    EXPECT_EQ(result->exit_status, 0);
}

TEST(Command, no_shell_touches_the_arguments) {
    const auto result = run({{"printf", "%s|", "$HOME; *", "a  b"}});
    ASSERT_TRUE(result);
    EXPECT_EQ(result->output, "$HOME; *|a  b|");
}

TEST(Command, deadline_kills_it) {
    Command command{{"sleep", "3600"}};
    command.deadline = milliseconds{50};
    const auto result = run(command);
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, std::errc::timed_out);
    EXPECT_THAT(result.error().attempt, HasSubstr("sleep 3600: killed, not finished after 50 ms"));
}

TEST(Command, grandchild_that_keeps_the_streams_open_delays_nobody) {
    const auto result = run(shell("sleep 20 & echo $!"));
    ASSERT_TRUE(result) << "waited for the grandchild until the deadline";
    kill(static_cast<pid_t>(std::stol(result->output)), SIGKILL);
}

TEST(Command, death_by_signal_is_an_error) {
    const auto result = run(shell("kill -9 $$"));
    ASSERT_FALSE(result);
    EXPECT_THAT(result.error().attempt, HasSubstr("signal 9"));
}

TEST(Command, missing_program_says_what_to_install) {
    const auto result = run({{"iptables-of-nobody"}});
    ASSERT_FALSE(result);
    EXPECT_THAT(result.error().message(), HasSubstr("apt-get install iptables"));
}

TEST(Command, system_folders_are_searched_whatever_the_path) {
    const std::string before = std::getenv("PATH");
    setenv("PATH", "/nowhere", 1);
    const auto found = find_program("sh");
    setenv("PATH", before.c_str(), 1);
    ASSERT_TRUE(found);
    EXPECT_THAT(*found, ::testing::EndsWith("bin/sh"));
}

TEST(Command, child_gets_three_descriptors_only) {
    const int inheritable = open("/dev/null", O_RDONLY);
    // ls itself holds one more: the folder that it reads.
    const auto result = run({{"ls", "/proc/self/fd"}});
    close(inheritable);
    ASSERT_TRUE(result);
    EXPECT_EQ(result->output, "0\n1\n2\n3\n");
}

TEST(Command, environment_is_its_own) {
    setenv("LD_BIND_NOT", "1", 1);
    setenv("XTABLES_LOCKFILE", "/nowhere/lock", 1);
    const auto result = run({{"env"}});
    unsetenv("LD_BIND_NOT");
    unsetenv("XTABLES_LOCKFILE");
    ASSERT_TRUE(result);
    EXPECT_THAT(result->output, Not(HasSubstr("LD_BIND_NOT")));
    EXPECT_THAT(result->output, HasSubstr("XTABLES_LOCKFILE=/nowhere/lock\n"));
    EXPECT_THAT(result->output, HasSubstr("LC_ALL=C\n"));
}

TEST(Command, checked_run_tells_status_and_first_line_of_errors) {
    const auto result = run_checked(shell("echo first >&2; echo second >&2; exit 4"));
    ASSERT_FALSE(result);
    EXPECT_THAT(result.error().attempt, HasSubstr("exit status 4 (first)"));
}

TEST(Command, explanation_says_what_to_do) {
    const Command command{{"iptables", "-L"}};
    const auto says = [&](const char* errors) {
        return explain(command, {4, "", errors}).message();
    };
    EXPECT_THAT(says("Another app is currently holding the xtables lock; still 1s 0us time ahead"),
                HasSubstr("another program is changing the firewall"));
    EXPECT_THAT(
        says("Fatal: can't open lock file /run/xtables.lock: Permission denied (xtables lock)"),
        HasSubstr("XTABLES_LOCKFILE"));
    EXPECT_THAT(
        says("Could not fetch rule set generation id: Permission denied (you must be root)"),
        HasSubstr("CAP_NET_ADMIN"));
}

}  // namespace
}  // namespace tcpcraft
