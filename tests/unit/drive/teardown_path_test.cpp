// What the path does to segments (loses, delays, doubles, reorders, corrupts) is not blamed on the
// peer: each scenario against an honest host, with every single segment of the dialogue in turn.
#include <cstdlib>
#include <iostream>
#include <map>
#include <random>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <tests/support/simulated_run.hpp>

#include <libtcpcraft/drive/fleet.hpp>
#include <libtcpcraft/drive/teardown.hpp>
#include <libtcpcraft/engine/presets.hpp>
#include <libtcpcraft/link/fault_link.hpp>
#include <libtcpcraft/sim/sim_host.hpp>
#include <libtcpcraft/sim/sim_network.hpp>

namespace tcpcraft {
namespace {

using namespace std::chrono_literals;

struct Path {
    Duration latency{10ms};
    std::vector<FaultRule> faults{};
    std::uint64_t seed{0};  ///< of corruption
};

/// A scenario, and who closes first in it.
struct Played {
    Teardown scenario{};
    Closer first{};
};

std::vector<Played> all_played() {
    std::vector<Played> all;
    for (const TeardownAbout& about : all_teardowns()) {
        all.push_back({about.scenario, about.closer});
        if (about.either) {
            all.push_back({about.scenario, about.closer == Closer::us ? Closer::peer : Closer::us});
        }
    }
    return all;
}

/// The faults happen at the peer's end of the wire: we cannot know of them.
struct PathRun {
    PathRun(Played played, const Path& path)
        : network{SimNetworkOptions{.latency = path.latency, .most_events = 100'000}},
          far{network.far(), network, path.faults, path.seed} {
        request.scenario = played.scenario;
        request.first = played.first;
        if (closer(request) == Closer::peer || played.scenario == Teardown::half_close) {
            request.send.emplace(5, std::byte{'x'});
        }
        SimHostOptions peer;
        peer.address = *Address::read("192.0.2.2");
        peer.listening = {Port{80}};
        peer.iss = Seq{7000};
        peer.application = SimApplication::serve;
        peer.reply = "bye\n";
        peer.policy = linux_policy();
        const SimHost host{far, network, peer};
        Surroundings around{.link = network.near(), .alarm = network, .trace = seen};
        Fleet fleet{around};
        ConnectionSetup setup;
        setup.id = {{*Address::read("192.0.2.1"), Port{40000}}, {peer.address, Port{80}}};
        setup.iss = Seq{1000};
        setup.keep_sightings = true;
        setup.policy.syn_options = linux_policy().syn_options;
        adapt_policy(request, setup.policy);
        fleet.launch(std::move(setup), teardown_scenario(request));
        ended = network.run([&fleet] { return fleet.finished(); }, Instant{} + 10min);
        if (ended == SimEnding::finished) {
            result = judge_teardown(*fleet.sessions().front(), request);
            for (const Sighting& s : fleet.sessions().front()->connection().sightings()) {
                ++(s.direction == Direction::in ? in : out);
            }
        }
    }

    TeardownRequest request{};
    test::KeepingSink seen{};
    SimNetwork network;
    FaultLink far;
    SimEnding ended{};
    TeardownResult result{};
    std::uint32_t in{0};
    std::uint32_t out{0};
};

std::string told(const Played& played, const Path& path, const PathRun& run) {
    std::string text{tcpcraft::text(played.scenario)};
    text += played.first == Closer::us ? ", we first" : ", the peer first";
    for (const FaultRule& rule : path.faults) {
        text += "; " + rule.text();
    }
    text += "\n" + run.result.verdict.text + "\n";
    for (const test::SeenSegment& s : run.seen.segments) {
        text += std::to_string(seconds(s.at - Instant{})) +
                (s.direction == Direction::out ? " > " : "      < ") + s.text +
                (s.fault.empty() ? "" : " [" + s.fault + "]") + "\n";
    }
    return text;
}

class OnePath : public testing::TestWithParam<Played> {
protected:
    void each_segment(const std::string& kind, bool same_verdict) {
        const PathRun quiet{GetParam(), {}};
        ASSERT_EQ(quiet.ended, SimEnding::finished);
        for (const std::string direction : {"in", "out"}) {  // as the peer sees it
            const std::uint32_t count = (direction == "in" ? quiet.out : quiet.in) + 2;
            for (std::uint32_t which = 1; which <= std::min(count, most_segments); ++which) {
                const std::string rule = kind + " " + direction + " #" + std::to_string(which);
                check({.faults = {*read_fault_rule(rule)}}, same_verdict);
            }
        }
    }
    void check(const Path& path, bool same_verdict) {
        const PathRun run{GetParam(), path};
        ASSERT_EQ(run.ended, SimEnding::finished) << told(GetParam(), path, run);
        EXPECT_NE(run.result.verdict.verdict, Verdict::violates) << told(GetParam(), path, run);
        if (same_verdict) {
            EXPECT_EQ(run.result.verdict.verdict, Verdict::conforms) << told(GetParam(), path, run);
        }
    }
    static constexpr std::uint32_t most_segments = 16;  // unread-data sends a hundred
};

INSTANTIATE_TEST_SUITE_P(Scenarios, OnePath, testing::ValuesIn(all_played()),
                         [](const auto& named) {
                             std::string name{text(named.param.scenario)};
                             std::ranges::replace(name, '-', '_');
                             return name + (named.param.first == Closer::us ? "_us" : "_peer");
                         });

TEST_P(OnePath, LosesAnySegment) { each_segment("drop", true); }
TEST_P(OnePath, DoublesAnySegment) { each_segment("duplicate", true); }
TEST_P(OnePath, DamagesAnySegment) { each_segment("corrupt", true); }
TEST_P(OnePath, ReordersAnySegment) { each_segment("reorder", false); }
TEST_P(OnePath, DelaysAnySegment) {
    each_segment("delay=300ms", false);
    each_segment("delay=1s", false);
}

// Each question is repeated as often as the one before it.
TEST(OnePathTwice, LosesOneOfEachOfTwoQuestions) {
    const Played played{Teardown::syn_in_established, Closer::us};
    Path path;
    for (const char* rule : {"drop in S #2", "drop in S #4"}) {
        path.faults.push_back(*read_fault_rule(rule));
    }
    const PathRun run{played, path};
    EXPECT_EQ(text(run.result.verdict.verdict), "conforms") << told(played, path, run);
}

// 80 ms there and back, 2 % of the segments lost; also by hand, with more of all:
//     TCPCRAFT_PATH="1000 150 10" drive_tests --gtest_filter='*OnePath.IsLongAndLossy*'
// plays 1000 seeds each, at 150 ms one way and 10 % loss.
TEST_P(OnePath, IsLongAndLossy) {
    unsigned seeds = 10;
    unsigned latency = 40;
    unsigned loss = 2;
    const char* wanted = std::getenv("TCPCRAFT_PATH");
    if (wanted != nullptr) {
        std::istringstream{wanted} >> seeds >> latency >> loss;
    }
    std::map<std::string, unsigned> verdicts;
    for (unsigned seed = 1; seed <= seeds; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        std::mt19937 dice(seed);
        Path path{.latency = std::chrono::milliseconds{latency}, .seed = seed};
        for (const std::string direction : {"in", "out"}) {
            for (int which = 1; which <= 200; ++which) {
                if (dice() % 100 < loss) {
                    path.faults.push_back(
                        *read_fault_rule("drop " + direction + " #" + std::to_string(which)));
                }
            }
        }
        check(path, wanted == nullptr);
        if (wanted != nullptr) {
            const PathRun run{GetParam(), path};
            ++verdicts[std::string{text(run.result.verdict.verdict)}];
        }
    }
    for (const auto& [verdict, count] : verdicts) {
        std::cout << text(GetParam().scenario) << ": " << count << " " << verdict << "\n";
    }
}

}  // namespace
}  // namespace tcpcraft
