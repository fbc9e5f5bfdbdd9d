// The engine against this kernel's TCP: RFC 9293 §3.10.7, and docs/differences-from-linux.md.

#include <algorithm>
#include <charconv>
#include <fstream>
#include <iostream>
#include <sstream>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/utsname.h>
#include <tests/kernel/differences/altered_engines.hpp>
#include <tests/kernel/differences/tally.hpp>

namespace tcpcraft::test {

/// From the command line; see main().
struct Chosen {
    std::size_t dialogues{2000};
    std::uint64_t seed{1};
    std::string page_file{};
};
Chosen& chosen() {
    static Chosen choice;
    return choice;
}

namespace {

constexpr std::size_t default_dialogues = 2000;
constexpr std::string_view measured_series = "6.18.";  // what the list of differences describes

std::string kernel_release() {
    utsname names{};
    return uname(&names) == 0 ? names.release : "unknown";
}

/// Does this kernel say in which state a socket is?
bool tells_states() {
    KernelEnd probe{
        {{PeerWire::kernel(Family::v4), Port{1}}, {PeerWire::peer(Family::v4), Port{1}}}};
    probe.listen();
    return probe.status().state == State::listen;
}

class AgainstLinux : public ::testing::Test {
protected:
    void SetUp() override {
        if (wire.missing()) {
            GTEST_SKIP() << *wire.missing();
        }
        if (!tells_states()) {
            GTEST_SKIP() << "this kernel does not tell the state of a socket (tcp_diag)";
        }
    }
    PeerWire wire{};
};

std::string missing_flags(const std::vector<bool>& seen) {
    std::string missing;
    for (std::size_t bits = 0; bits < seen.size(); ++bits) {
        missing += seen[bits] ? "" : fmt::format(" {:#x}", bits);
    }
    return missing;
}

TEST_F(AgainstLinux, LeavesNoDifferenceUnexplained) {
    const Tally tally = compare(wire, chosen().seed, chosen().dialogues, advance, 3);
    std::cout << fmt::format("seed {}: {} dialogues, {} segments, {} repeated by a timer, ",
                             tally.seed, tally.dialogues, tally.segments, tally.repetitions)
              << tally.stalled << " stalled\n";
    if (!chosen().page_file.empty()) {
        std::ofstream{chosen().page_file} << page(tally);
    }
    if (!kernel_release().starts_with(measured_series)) {
        GTEST_SKIP() << tally.unexplained.size() << " differences that are not on the list, which "
                     << "was made on Linux " << measured_series << "x; this is " << kernel_release()
                     << "\n"
                     << fmt::format("{}", fmt::join(tally.unexplained, "\n"));
    }
    for (const std::string& story : tally.unexplained) {
        ADD_FAILURE() << "unexplained:\n" << story;
    }
    if (HasFailure() || chosen().dialogues < default_dialogues) {
        return;
    }
    EXPECT_EQ(missing_flags(tally.flags_seen), "");
    EXPECT_EQ(tally.states.size(), state_count);
    for (std::size_t i = 0; i < tally.differences.size(); ++i) {
        const bool may_be_missing =
            known_differences()[i].rare && chosen().dialogues < 10 * default_dialogues;
        EXPECT_TRUE(tally.differences[i].times > 0 || may_be_missing)
            << "no longer seen: " << known_differences()[i].title << " (seed " << tally.seed << ")";
    }
}

class AlteredAgainstLinux : public AgainstLinux,
                            public ::testing::WithParamInterface<std::size_t> {};

TEST_P(AlteredAgainstLinux, IsFoundOut) {
    if (!kernel_release().starts_with(measured_series)) {
        GTEST_SKIP() << "on this kernel the honest engine may differ as well: " << kernel_release();
    }
    const AlteredEngine& altered = altered_engines()[GetParam()];
    const Tally tally = compare(wire, chosen().seed, 500, altered.step, 1);
    ASSERT_EQ(tally.unexplained.size(), 1U) << "seed " << tally.seed;
    std::cout << "found in dialogue " << tally.dialogues << ":\n" << tally.unexplained.front();
}

std::string altered_name(const ::testing::TestParamInfo<std::size_t>& which) {
    return std::string{altered_engines()[which.param].name};
}

INSTANTIATE_TEST_SUITE_P(Engine, AlteredAgainstLinux,
                         ::testing::Range(std::size_t{0}, altered_engines().size()), altered_name);

TEST(DifferencesFromLinux, StandOnThePage) {
    const std::string path = std::string{TCPCRAFT_DOCS} + "/differences-from-linux.md";
    std::ifstream file{path};
    std::stringstream stored;
    stored << file.rdbuf();
    EXPECT_EQ(without_figures(stored.str()), without_figures(page({})))
        << "write it anew: differences_kernel_tests --write-page " << path;
}

TEST(DifferencesFromLinux, EachSayWhy) {
    for (const KnownDifference& known : known_differences()) {
        const bool cited = known.why.find("RFC ") != std::string_view::npos ||
                           known.why.find("Policy::") != std::string_view::npos;
        EXPECT_TRUE(cited) << known.title;
    }
}

template <typename Number>
bool read_number(std::string_view text, Number& number) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc{} && end == text.data() + text.size();
}

bool read_argument(std::string_view name, std::string_view value) {
    if (name == "--dialogues") {
        return read_number(value, chosen().dialogues);
    }
    if (name == "--seed") {
        return read_number(value, chosen().seed);
    }
    chosen().page_file = value;
    return name == "--write-page";
}

}  // namespace
}  // namespace tcpcraft::test

/// differences_kernel_tests [--dialogues N] [--seed S] [--write-page FILE], and googletest's own
int main(int argc, char** argv) {
    ::testing::InitGoogleTest(&argc, argv);
    for (int i = 1; i < argc; i += 2) {
        if (i + 1 == argc || !tcpcraft::test::read_argument(argv[i], argv[i + 1])) {
            std::cerr << "usage: [--dialogues N] [--seed S] [--write-page FILE]\n";
            return 2;
        }
    }
    return RUN_ALL_TESTS();
}
