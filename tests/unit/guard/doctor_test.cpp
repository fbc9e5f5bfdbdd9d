#include <cstdlib>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <libtcpcraft/guard/doctor.hpp>

namespace tcpcraft {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

/// A /proc of its own, with just the settings that a test writes.
class DoctorTest : public ::testing::Test {
protected:
    DoctorTest() {
        std::string name = fs::temp_directory_path() / "tcpcraft-proc-XXXXXX";
        proc = mkdtemp(name.data());
    }
    ~DoctorTest() override { fs::remove_all(proc); }

    void write(const std::string& file, const std::string& text) const {
        fs::create_directories((proc / file).parent_path());
        std::ofstream{proc / file} << text << '\n';
    }
    void rp_filter(const std::string& interface, const std::string& value) const {
        write("sys/net/ipv4/conf/" + interface + "/rp_filter", value);
    }

    fs::path proc;
};

TEST_F(DoctorTest, strict_reverse_path_filter_matters_with_two_interfaces) {
    rp_filter("all", "0");
    rp_filter("lo", "1");
    rp_filter("eth0", "1");
    EXPECT_TRUE(check_rp_filter(proc).ok);
    rp_filter("eth1", "2");
    const Check check = check_rp_filter(proc);
    EXPECT_FALSE(check.ok);
    EXPECT_THAT(check.detail, HasSubstr("strict on eth0:"));
    EXPECT_EQ(check.fix, "sudo sysctl -w net.ipv4.conf.all.rp_filter=2");
}

TEST_F(DoctorTest, kernel_takes_the_higher_of_all_and_own) {
    rp_filter("all", "2");
    rp_filter("eth0", "0");
    rp_filter("eth1", "0");
    EXPECT_TRUE(check_rp_filter(proc).ok);
    rp_filter("all", "1");
    EXPECT_FALSE(check_rp_filter(proc).ok);
}

TEST_F(DoctorTest, conntrack_is_absent_strict_or_liberal) {
    EXPECT_THAT(check_conntrack(proc).detail, HasSubstr("not loaded"));
    write("sys/net/netfilter/nf_conntrack_count", "12");
    write("sys/net/netfilter/nf_conntrack_tcp_be_liberal", "0");
    EXPECT_THAT(check_conntrack(proc).fix, HasSubstr("nf_conntrack_tcp_be_liberal=1"));
    write("sys/net/netfilter/nf_conntrack_tcp_be_liberal", "1");
    EXPECT_EQ(check_conntrack(proc).fix, "");
}

TEST_F(DoctorTest, each_knob_that_forbids_namespaces_is_found) {
    EXPECT_FALSE(check_namespaces(proc).ok) << "a kernel without user namespaces";
    write("sys/user/max_user_namespaces", "0");
    EXPECT_THAT(check_namespaces(proc).fix, HasSubstr("user.max_user_namespaces"));
    write("sys/user/max_user_namespaces", "9000");
    EXPECT_TRUE(check_namespaces(proc).ok);
    write("sys/kernel/apparmor_restrict_unprivileged_userns", "1");
    EXPECT_THAT(check_namespaces(proc).fix, HasSubstr("apparmor"));
    write("sys/kernel/apparmor_restrict_unprivileged_userns", "0");
    write("sys/kernel/unprivileged_userns_clone", "0");
    EXPECT_THAT(check_namespaces(proc).fix, HasSubstr("unprivileged_userns_clone=1"));
}

TEST(Doctor, missing_capabilities_come_with_the_setcap_line) {
    EXPECT_TRUE(check_capabilities({true, true, false}, "/usr/bin/tcpcraft").ok);
    const Check check = check_capabilities({true, false, false}, "/built/tcpcraft");
    EXPECT_FALSE(check.ok);
    EXPECT_EQ(check.detail, "CAP_NET_RAW yes, CAP_NET_ADMIN no");
    EXPECT_THAT(check.fix, HasSubstr("setcap cap_net_raw,cap_net_admin=ep /built/tcpcraft"));
}

TEST(Doctor, says_who_may_use_the_tools) {
    constexpr Privileges all{true, true, false};
    ProgramFile file{.path = "/usr/bin/tcpcraft", .can_be_allowed = true};
    EXPECT_TRUE(check_users(all, file).ok);
    EXPECT_EQ(check_users(all, file).fix, "sudo tcpcraft-allow GROUP");
    EXPECT_FALSE(check_users({}, file).ok);

    file.capable = true;
    EXPECT_THAT(check_users(all, file).detail, HasSubstr("every user"));
    file.group = "netcraft";
    file.members = {"alice", "bob"};
    EXPECT_THAT(check_users(all, file).detail, HasSubstr("group netcraft"));
    EXPECT_THAT(check_users(all, file).detail, HasSubstr(": alice, bob"));
    EXPECT_THAT(check_users(all, file).fix, HasSubstr("adduser NAME netcraft"));
}

TEST(Doctor, says_what_keeps_capabilities_of_a_file_from_a_process) {
    ProgramFile file{.path = "/mnt/tcpcraft", .capable = true};
    EXPECT_FALSE(check_users({}, file).ok);
    EXPECT_THAT(check_users({}, file).detail, HasSubstr("container"));
    file.no_new_privileges = true;
    EXPECT_THAT(check_users({}, file).detail, HasSubstr("no_new_privs"));
    file.nosuid = true;
    EXPECT_THAT(check_users({}, file).detail, HasSubstr("nosuid"));
    EXPECT_THAT(check_users({}, file).fix, HasSubstr("findmnt -T /mnt/tcpcraft"));
}

}  // namespace
}  // namespace tcpcraft
