#include <array>
#include <regex>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <tests/unit/drive/teardown_cases.hpp>

namespace tcpcraft {
namespace {

using test::all_teardown_cases;
using test::Role;
using test::TeardownCase;
using test::TeardownPlay;
using testing::HasSubstr;

class TeardownVerdict : public testing::TestWithParam<TeardownCase> {
protected:
    /// Plays the case, and looks for what decides it.
    static void judge(Role role, Family family) {
        const TeardownCase& it = GetParam();
        TeardownPlay play{it.scenario, it.first, role, family};
        if (it.asked != nullptr) {
            it.asked(play.request);
        }
        const TeardownResult result = play.against(it.peer);
        const auto story = testing::PrintToString(play.seen().dialogue());
        EXPECT_EQ(text(result.verdict.verdict), text(it.verdict)) << result.verdict.text << story;
        EXPECT_FALSE(result.verdict.rule.empty());
        EXPECT_THAT(result.verdict.rule, HasSubstr(it.measured));
        EXPECT_FALSE(result.verdict.segments.empty());
        const Verdict wanted = it.measured.empty() ? it.verdict : Verdict::conforms;
        EXPECT_EQ(std::ranges::any_of(result.findings,
                                      [&](const Finding& finding) {
                                          return finding.judged.id == it.row &&
                                                 finding.judged.verdict == wanted;
                                      }),
                  !it.row.empty())
            << story;
        for (const Finding& finding : result.findings) {
            EXPECT_FALSE(finding.judged.segments.empty()) << finding.judged.id;
        }
    }
};

INSTANTIATE_TEST_SUITE_P(Peers, TeardownVerdict, testing::ValuesIn(all_teardown_cases()),
                         [](const auto& named) { return named.param.name; });

// The catalogue of verdicts: what each row allows, and what it does not.
TEST_P(TeardownVerdict, IsWhatThePeerDeserves) { judge(Role::client, Family::v4); }

TEST_P(TeardownVerdict, IsTheSameOverIpv6) { judge(Role::client, Family::v6); }

TEST_P(TeardownVerdict, IsTheSameWhenThePeerHasOpened) {
    if (GetParam().client_only) {
        GTEST_SKIP() << "has no counterpart there";
    }
    judge(Role::server, Family::v4);
}

constexpr std::array verdicts{Verdict::permitted_deviation, Verdict::violates, Verdict::no_answer,
                              Verdict::inconclusive};

// Each scenario with each verdict: there is a peer that brings it out, or a reason why none can.
TEST(TeardownMatrix, IsCompleteOrSaysWhyNot) {
    const auto concerns = [](Teardown scenario, Verdict verdict) {
        return [=](const auto& it) { return it.scenario == scenario && it.verdict == verdict; };
    };
    for (const TeardownAbout& about : all_teardowns()) {
        for (const Verdict verdict : verdicts) {
            const bool met =
                std::ranges::any_of(all_teardown_cases(), concerns(about.scenario, verdict));
            const bool explained =
                std::ranges::any_of(test::unheard_verdicts(), concerns(about.scenario, verdict));
            EXPECT_NE(met, explained) << about.name << ' ' << text(verdict);
        }
        EXPECT_TRUE(
            std::ranges::any_of(all_teardown_cases(), concerns(about.scenario, Verdict::conforms)))
            << about.name;
    }
}

// Beyond what keeps it from beginning, every scenario can tell a deviating peer from an honest one.
TEST(TeardownMatrix, EveryScenarioFindsFaultWithSomebody) {
    for (const TeardownAbout& about : all_teardowns()) {
        for (const bool blamed : {true, false}) {
            EXPECT_TRUE(std::ranges::any_of(all_teardown_cases(), [&](const TeardownCase& it) {
                const bool blames =
                    it.verdict != Verdict::conforms && it.verdict != Verdict::inconclusive;
                return it.scenario == about.scenario && !it.row.empty() && blames == blamed;
            })) << about.name;
        }
    }
}

// What this host has missed or meddled with is not blamed on anybody, whatever was seen.
TEST(TeardownMatrix, NobodyIsBlamedForWhatThisHostHasDone) {
    std::size_t silences = 0;
    for (const TeardownCase& it : all_teardown_cases()) {
        for (const LinkCounters counters :
             {LinkCounters{.lost = 1}, LinkCounters{.escaped_resets = 1}}) {
            TeardownPlay play{it.scenario, it.first};
            if (it.asked != nullptr) {
                it.asked(play.request);
            }
            play.counters = counters;
            const TeardownResult result = play.against(it.peer);
            const bool blames = it.verdict == Verdict::violates || it.verdict == Verdict::no_answer;
            // What was not seen may have been lost by us: nothing good rests on silence either.
            const bool rests_on_silence = result.verdict.text.starts_with("the capture lost");
            const bool doubted = blames || counters.escaped_resets != 0 || rests_on_silence;
            EXPECT_EQ(text(result.verdict.verdict),
                      text(doubted ? Verdict::inconclusive : it.verdict))
                << it.name;
            silences += !blames && rests_on_silence ? 1U : 0U;
        }
    }
    EXPECT_GT(silences, 0U) << "dropped in silence (R-03), to begin with";
}

}  // namespace
}  // namespace tcpcraft
