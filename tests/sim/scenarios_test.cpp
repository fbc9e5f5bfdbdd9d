// RFC 9293 §3.5 (figures 6, 7, 8), §3.6 (figures 12, 13; MUST-13), §3.8.3, §3.8.4: the textbook's
// scenarios, segment for segment and state for state, in both families.
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <libtcpcraft/sim/scenario_run.hpp>
#include <libtcpcraft/trace/ladder_sink.hpp>

namespace tcpcraft {
namespace {

using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

ConnectionId ends(Family family) {
    return family == Family::v4 ? ConnectionId{Endpoint::read("192.0.2.1:40000").value(),
                                               Endpoint::read("192.0.2.2:80").value()}
                                : ConnectionId{Endpoint::read("[2001:db8::1]:40000").value(),
                                               Endpoint::read("[2001:db8::2]:80").value()};
}

std::string told(const SimScenario& scenario, const SimOutcome& outcome, TextOptions options) {
    std::ostringstream out;
    LadderSink sink{out, options};
    std::size_t segments = 0;
    tell(scenario, outcome, 1, segments, sink);
    sink.finish();
    return out.str();
}

std::string golden(const std::string& id) {
    std::ifstream in{std::filesystem::path{TCPCRAFT_GOLDEN} / (id + ".txt")};
    std::ostringstream accepted;
    accepted << in.rdbuf();
    return accepted.str();
}

std::string name_of(const SimScenario& scenario) {
    std::string name = scenario.name;
    std::replace(name.begin(), name.end(), '-', '_');
    return name;
}

class EachScenario : public testing::TestWithParam<std::string> {
protected:
    const SimScenario& scenario = *find_sim_scenario(GetParam());
};

std::vector<std::string> all_ids() {
    std::vector<std::string> ids;
    ids.reserve(sim_scenarios().size());
    for (const SimScenario& scenario : sim_scenarios()) {
        ids.push_back(scenario.id);
    }
    return ids;
}

TEST_P(EachScenario, goes_as_it_has_to_over_ipv4_and_ipv6) {
    for (const Family family : {Family::v4, Family::v6}) {
        EXPECT_THAT(run_sim_scenario(scenario, ends(family)).differences, IsEmpty());
    }
}

// To accept a new look: run with TCPCRAFT_ACCEPT=1 and review the difference.
TEST_P(EachScenario, looks_as_it_was_accepted) {
    const std::string seen = told(scenario, run_sim_scenario(scenario, ends(Family::v4)),
                                  {.width = 80, .symbols = true});
    if (std::getenv("TCPCRAFT_ACCEPT") != nullptr) {  // NOLINT(concurrency-mt-unsafe)
        std::ofstream{std::filesystem::path{TCPCRAFT_GOLDEN} / (scenario.id + ".txt")} << seen;
    }
    EXPECT_EQ(seen, golden(scenario.id));
}

// A table that is wrong in one place is found out: these tests can fail.
TEST_P(EachScenario, notices_another_order_and_another_state) {
    SimScenario wrong = scenario;
    std::swap(wrong.segments[0], wrong.segments[1]);
    wrong.server_states += " CLOSING";
    const SimOutcome outcome = run_sim_scenario(wrong, ends(Family::v4));
    EXPECT_GE(outcome.differences.size(), 2U);
    EXPECT_THAT(told(wrong, outcome, {}), HasSubstr("violates " + wrong.id));
}

INSTANTIATE_TEST_SUITE_P(scenarios, EachScenario, testing::ValuesIn(all_ids()),
                         [](const auto& named) {
                             return name_of(*find_sim_scenario(named.param));
                         });

TEST(Scenarios, cover_the_walk_through) {
    for (const char* id :
         {"SC-1", "SC-2a", "SC-2b", "SC-2c", "SC-3", "SC-4", "SC-5", "SC-6", "SC-7", "SC-8a",
          "SC-8b", "SC-8c", "SC-9a", "SC-9b", "SC-9c", "SC-10", "SC-11"}) {
        EXPECT_NE(find_sim_scenario(id), nullptr) << id;
    }
    EXPECT_EQ(find_sim_scenario("sc-2A"), find_sim_scenario("Two-Way"));
    EXPECT_EQ(find_sim_scenario("SC-12"), nullptr);
    std::set<std::string> names;
    for (const SimScenario& scenario : sim_scenarios()) {
        EXPECT_TRUE(names.insert(scenario.name).second) << scenario.name;
        EXPECT_TRUE(names.insert(scenario.id).second) << scenario.id;
        EXPECT_THAT(scenario.lesson, HasSubstr("RFC")) << scenario.id;
    }
}

// What breaks a rule says so, loudly, and is shown and not judged.
TEST(Scenarios, mark_their_deviations) {
    std::set<std::string> deviating;
    for (const SimScenario& scenario : sim_scenarios()) {
        const std::string text =
            told(scenario, run_sim_scenario(scenario, ends(Family::v4)), {.width = 80});
        const bool deviates = !deviations_of(scenario).empty();
        EXPECT_EQ(text.find("DEVIATION ON PURPOSE") != std::string::npos, deviates) << scenario.id;
        EXPECT_EQ(text.find("conforms " + scenario.id) != std::string::npos, is_judged(scenario))
            << scenario.id;
        if (deviates) {
            deviating.insert(scenario.id);
        }
    }
    EXPECT_THAT(deviating, ElementsAre("SC-2a", "SC-2a-rst", "SC-2b", "SC-8a", "SC-8b"));
}

// Without the deviation the mute server of SC-8a is no longer there to be seen.
TEST(Scenarios, differ_without_their_deviations) {
    for (const char* id : {"SC-2a", "SC-2a-rst", "SC-8a", "SC-8b"}) {
        SimScenario honest = *find_sim_scenario(id);
        honest.client.deviations = {};
        honest.server.deviations = {};
        EXPECT_FALSE(run_sim_scenario(honest, ends(Family::v4)).as_expected()) << id;
    }
}

class Kept final : public TraceSink {
public:
    void write(const Record& record) override {
        if (const auto* seen = std::get_if<SegmentSeen>(&record.what)) {
            sent.push_back({record.connection, record.at, seen->direction});
        }
    }
    struct Sent {
        std::size_t connection{0};
        Instant at{};
        Direction direction{};
    };
    std::vector<Sent> sent{};
};

// A capture has each segment once, in the order of time, at the end that sent it.
TEST_P(EachScenario, is_captured_once_and_in_order) {
    const SimOutcome outcome = run_sim_scenario(scenario, ends(Family::v4));
    Kept kept;
    capture(scenario, outcome, 7, kept);
    ASSERT_EQ(kept.sent.size(), scenario.segments.size());
    Instant before{};
    for (std::size_t i = 0; i < kept.sent.size(); ++i) {
        const bool client = scenario.segments[i].rfind("client", 0) == 0;
        EXPECT_EQ(kept.sent[i].connection, client ? 7U : 8U) << scenario.segments[i];
        EXPECT_EQ(kept.sent[i].direction, Direction::out);
        EXPECT_GE(kept.sent[i].at, before);
        before = kept.sent[i].at;
    }
}

// RFC 9293 §3.3.1
TEST(Scenarios, print_a_tcb_in_the_walk_throughs_items) {
    const SimScenario& scenario = *find_sim_scenario("SC-11");
    const SimOutcome outcome = run_sim_scenario(scenario, ends(Family::v4));
    ASSERT_EQ(outcome.dumps.size(), 7U);
    EXPECT_FALSE(outcome.dumps[0].tcb);  // the client before its SYN
    const std::string text = told(scenario, outcome, {.width = 80});
    for (const char* item :
         {"connection: 192.0.2.1:40000 to 192.0.2.2:80", "send buffer: 5 octets",
          "receive buffer: ", "retransmission queue: 100 (SYN)",
          "SND.UNA 100, SND.NXT 101, SND.WND –", "RCV.NXT 101", "SND.WL1 –, SND.WL2 –, ISS –"}) {
        EXPECT_THAT(text, HasSubstr(item));
    }
}

}  // namespace
}  // namespace tcpcraft
