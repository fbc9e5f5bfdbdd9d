// What the guardian does with its rule, against an iptables that is a script of ours.
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include <libtcpcraft/guard/guardian.hpp>

namespace tcpcraft {
namespace {

namespace fs = std::filesystem;

class RuleKeeperTest : public ::testing::Test {
protected:
    void SetUp() override {
        std::string folder = (fs::temp_directory_path() / "tcpcraft-keeper-XXXXXX").string();
        ASSERT_NE(mkdtemp(folder.data()), nullptr);
        folder_ = folder;
        setenv("TCPCRAFT_IPTABLES", (folder_ / "iptables").c_str(), 1);
        write_script("iptables", ":");
    }
    void TearDown() override {
        unsetenv("TCPCRAFT_IPTABLES");
        fs::remove_all(folder_);
    }

    void write_script(const std::string& name, const std::string& text) {
        std::ofstream{folder_ / name} << "#!/bin/sh\n" << text << "\n";
        fs::permissions(folder_ / name, fs::perms::owner_all);
    }

    /// What iptables-save shows from now on: rules of that token with these counters.
    void show_rules(const std::string& token, const std::vector<int>& counts) {
        std::string saved = "*raw\n";
        for (const int count : counts) {
            saved += "[" + std::to_string(count) + ":0] -A OUTPUT -p tcp -m comment --comment \"" +
                     "tcpcraft:" + token + "\" -j DROP\n";
        }
        write_script("iptables-save", "cat <<'end'\n" + saved + "COMMIT\nend");
    }

    fs::path folder_{};
};

TEST_F(RuleKeeperTest, what_the_new_rule_counts_while_the_old_one_stands_is_counted_once) {
    std::optional<Liveness> liveness = Liveness::take_new();
    ASSERT_TRUE(liveness);
    RstRule rule;
    rule.local = Address::read("192.0.2.1").value();
    rule.first = rule.last = Port{40000};
    const std::string token = rule.token = liveness->token();
    RuleKeeper keeper{rule, std::move(*liveness)};
    ASSERT_TRUE(keeper.install());

    show_rules(token, {3, 5});
    ASSERT_TRUE(keeper.narrow(Endpoint::read("198.51.100.7:80").value()));
    show_rules(token, {4});
    EXPECT_EQ(keeper.packets().value(), 9U);

    show_rules(token, {1, 6});
    ASSERT_TRUE(keeper.narrow(Endpoint::read("198.51.100.7:81").value()));
    show_rules(token, {1});
    EXPECT_EQ(keeper.packets().value(), 12U);
}

}  // namespace
}  // namespace tcpcraft
