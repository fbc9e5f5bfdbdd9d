// RFC 9293 §3.8.4, §3.10.7.1, §3.10.7.4 (MUST-13, SHLD-12, MAY-6); RFC 7323 §3.2, §5.3: which
// answer to which probe is allowed in which situation, and what is found at peers that answer
// otherwise.
#include <set>

#include <gtest/gtest.h>
#include <tests/support/keep_alive_play.hpp>

namespace tcpcraft {
namespace {

using namespace std::chrono_literals;
using enum MatrixForm;
using enum MatrixSituation;
using test::KeepAlivePlay;
using test::Role;

TEST(MatrixTable, HasAWordOnEveryAnswerToEveryForm) {
    for (const MatrixSituation situation : all_matrix_situations) {
        for (const MatrixForm form : all_matrix_forms) {
            for (const auto answer :
                 {MatrixAnswer::ack, MatrixAnswer::reset, MatrixAnswer::silence}) {
                const MatrixRule& rule = rule_for(form, situation, answer);
                EXPECT_FALSE(rule.text.empty());
                EXPECT_NE(rule.rule.find("RFC "), std::string_view::npos);
            }
        }
    }
}

// No answer is never held against a peer.
TEST(MatrixTable, CallsNoSilenceAViolation) {
    for (const MatrixSituation situation : all_matrix_situations) {
        for (const MatrixForm form : all_matrix_forms) {
            EXPECT_NE(rule_for(form, situation, MatrixAnswer::silence).verdict, Verdict::violates);
        }
    }
}

struct Ruled {
    MatrixForm form{};
    MatrixSituation situation{};
    MatrixAnswer answer{};
    Verdict verdict{};
    std::string_view rule{};
};
class RuleOfTheTable : public testing::TestWithParam<Ruled> {};

TEST_P(RuleOfTheTable, IsWhatTheRfcSays) {
    const Ruled& asked = GetParam();
    const MatrixRule& found = rule_for(asked.form, asked.situation, asked.answer);
    EXPECT_EQ(found.verdict, asked.verdict) << found.text;
    EXPECT_NE(found.rule.find(asked.rule), std::string_view::npos) << found.rule;
}

INSTANTIATE_TEST_SUITE_P(
    All, RuleOfTheTable,
    testing::Values(
        Ruled{empty, established, MatrixAnswer::ack, Verdict::conforms, "§3.10.7.4"},
        Ruled{octet, half_closed, MatrixAnswer::ack, Verdict::conforms, "§3.8.4"},
        Ruled{two_below, time_wait, MatrixAnswer::ack, Verdict::conforms, "§3.10.7.4"},
        Ruled{empty, established, MatrixAnswer::silence, Verdict::no_answer, "§3.8.4"},
        Ruled{empty, established, MatrixAnswer::reset, Verdict::inconclusive, "§3.10.7.1"},
        Ruled{empty, time_wait, MatrixAnswer::reset, Verdict::violates, "MUST-13"},
        Ruled{empty_without_stamp, established, MatrixAnswer::silence, Verdict::conforms,
              "RFC 7323 §3.2"},
        Ruled{octet_without_stamp, half_closed, MatrixAnswer::ack, Verdict::permitted_deviation,
              "RFC 7323 §3.2"},
        Ruled{octet_without_stamp, established, MatrixAnswer::reset, Verdict::violates,
              "RFC 7323 §3.2"},
        Ruled{empty_old_stamp, established, MatrixAnswer::ack, Verdict::conforms, "RFC 7323 §5.3"},
        Ruled{empty_old_stamp, established, MatrixAnswer::silence, Verdict::permitted_deviation,
              "RFC 7323 §5.3"},
        Ruled{plain, established, MatrixAnswer::silence, Verdict::conforms, "§3.10.7.4"},
        Ruled{plain, half_closed, MatrixAnswer::ack, Verdict::permitted_deviation, "§3.10.7.4"},
        Ruled{plain, time_wait, MatrixAnswer::ack, Verdict::conforms, "TIME-WAIT"},
        Ruled{plain, gone, MatrixAnswer::reset, Verdict::conforms, "§3.10.7.1"},
        Ruled{empty, gone, MatrixAnswer::ack, Verdict::violates, "§3.10.7.4, second"},
        Ruled{octet, gone, MatrixAnswer::silence, Verdict::inconclusive, "§3.10.7.1"}));

class Matrix : public testing::TestWithParam<std::tuple<Family, Role>> {
protected:
    Matrix() : play{std::get<0>(GetParam()), std::get<1>(GetParam())} {
        play.peer.application = SimApplication::serve;
        play.peer.application_delay = 60s;  // half-closed until then
        play.matrix_asked.patience = 120s;
        play.matrix_asked.send.emplace(5, std::byte{'x'});
    }
    std::vector<MatrixCell> cells(MatrixSituation situation, const test::TeardownPeer& peer) {
        if (situation != time_wait) {
            play.matrix_asked.send.reset();
        }
        return play.matrix(situation, peer);
    }
    MatrixCell cell(MatrixSituation situation, MatrixForm form, const test::TeardownPeer& peer) {
        return cells(situation, peer).at(static_cast<std::size_t>(form));
    }
    KeepAlivePlay play;
};
INSTANTIATE_TEST_SUITE_P(All, Matrix,
                         testing::Combine(testing::Values(Family::v4, Family::v6),
                                          testing::Values(Role::client, Role::server)));

TEST_P(Matrix, FindsNothingWrongWithAnHonestPeer) {
    for (const MatrixSituation situation : all_matrix_situations) {
        KeepAlivePlay again = play;
        again.matrix_asked.send = situation == time_wait ? play.matrix_asked.send : std::nullopt;
        for (const MatrixCell& cell : again.matrix(situation, test::honest())) {
            EXPECT_TRUE(cell.asked) << cell.verdict.id;
            EXPECT_EQ(cell.verdict.verdict, Verdict::conforms)
                << cell.verdict.id << ": " << cell.verdict.text;
            EXPECT_EQ(cell.exit_status, 0);
            EXPECT_GE(cell.verdict.segments.size(), 1U);
        }
    }
}

// What the peer is in when it answers is told with the answer.
TEST_P(Matrix, TellsWhereThePeerStands) {
    EXPECT_EQ(cell(half_closed, empty, test::honest()).peer_state, State::close_wait);
    play.peer.application_delay = 5ms;
    EXPECT_EQ(cell(half_closed, octet, test::honest()).peer_state, State::last_ack);
    play.matrix_asked.send.emplace(5, std::byte{'x'});
    EXPECT_EQ(play.matrix(time_wait, test::honest()).front().peer_state, State::time_wait);
}

TEST_P(Matrix, HasNoFormsOfTimestampsWhereThereAreNone) {
    play.ours.syn_options = {};
    for (const MatrixCell& cell : cells(established, test::honest())) {
        EXPECT_EQ(cell.applicable, !needs_timestamps(cell.form));
        EXPECT_EQ(cell.asked, !needs_timestamps(cell.form));
        EXPECT_EQ(cell.exit_status, 0);
    }
}

TEST_P(Matrix, KnowsThePeerThatAnswersOnlyOctets) {
    const auto all = cells(established, test::answers_only_octets());
    EXPECT_EQ(all[0].verdict.verdict, Verdict::no_answer) << all[0].verdict.text;
    EXPECT_EQ(all[0].exit_status, 3);
    EXPECT_EQ(all[1].verdict.verdict, Verdict::conforms);
    EXPECT_EQ(all[6].answer, MatrixAnswer::silence);
}

// Nothing comes any more: no verdict can rest on that, also not on the silence that is allowed.
TEST_P(Matrix, ConcludesNothingFromAPeerThatAnswersNothing) {
    for (const MatrixCell& cell : cells(established, test::answers_no_probe())) {
        EXPECT_EQ(cell.answer, MatrixAnswer::silence);
        EXPECT_EQ(cell.verdict.verdict, Verdict::inconclusive) << cell.verdict.text;
        EXPECT_EQ(cell.exit_status, 3);
    }
}

TEST_P(Matrix, IsNotFooledByALimitOfTwoAnswersASecond) {
    for (const MatrixCell& cell : cells(established, test::answers_twice_a_second())) {
        EXPECT_EQ(cell.verdict.verdict, Verdict::conforms)
            << cell.verdict.id << ": " << cell.verdict.text;
    }
}

TEST_P(Matrix, BlamesWrongNumbers) {
    EXPECT_EQ(cell(established, octet, test::acknowledges_garbage()).verdict.verdict,
              Verdict::violates);
    EXPECT_EQ(cell(established, empty, test::repeats_the_number()).verdict.verdict,
              Verdict::violates);
}

TEST_P(Matrix, NotesAPeerThatAnswersWhatAsksForNothing) {
    const MatrixCell control = cell(established, plain, test::answers_everything());
    EXPECT_EQ(control.verdict.verdict, Verdict::permitted_deviation) << control.verdict.text;
    EXPECT_EQ(control.answer, MatrixAnswer::ack);
}

TEST_P(Matrix, BlamesAPeerThatAnswersAfterItsEnd) {
    for (const MatrixCell& cell : cells(gone, test::survives_resets())) {
        const bool asks = cell.form != plain && !needs_timestamps(cell.form);
        if (asks) {
            EXPECT_EQ(cell.verdict.verdict, Verdict::violates) << cell.verdict.text;
            EXPECT_EQ(cell.exit_status, 1);
        }
    }
}

TEST_P(Matrix, BlamesAPeerThatKeepsNoTimeWait) {
    for (const MatrixCell& cell : cells(time_wait, test::skips_time_wait())) {
        EXPECT_EQ(cell.answer, MatrixAnswer::reset);
        EXPECT_EQ(cell.verdict.verdict, Verdict::violates) << cell.verdict.text;
    }
}

// RFC 7323 §3.2: the rest of the forms is for another connection.
TEST_P(Matrix, BlamesAPeerThatAbortsForWantOfTimestamps) {
    const auto all = cells(established, test::aborts_without_timestamps());
    EXPECT_EQ(all[2].verdict.verdict, Verdict::violates) << all[2].verdict.text;
    EXPECT_TRUE(all[1].asked);
    EXPECT_FALSE(all[3].asked);
    EXPECT_FALSE(all[7].asked);
}

TEST_P(Matrix, LetsOldTimestampsBeDroppedInSilence) {
    const auto all = cells(established, test::silent_to_old_timestamps());
    EXPECT_EQ(all[4].verdict.verdict, Verdict::permitted_deviation) << all[4].verdict.text;
    EXPECT_EQ(all[5].verdict.verdict, Verdict::conforms);
}

TEST_P(Matrix, SeesThatSomebodyElseAnswers) {
    play.answering_header = [](IpHeader& ip) { ip.hop_limit = 61; };
    for (const MatrixCell& cell : cells(established, test::box_for_the_dead())) {
        if (cell.answer == MatrixAnswer::ack) {
            EXPECT_EQ(cell.verdict.verdict, Verdict::inconclusive) << cell.verdict.text;
            EXPECT_NE(cell.verdict.text.find("hop limit 61"), std::string::npos);
        }
    }
}

TEST_P(Matrix, SaysWhenASituationIsNotReached) {
    play.matrix_asked.patience = 5s;
    for (const MatrixCell& cell : cells(time_wait, test::never_closes())) {
        EXPECT_FALSE(cell.asked);
        EXPECT_EQ(cell.verdict.verdict, Verdict::inconclusive);
        EXPECT_NE(cell.verdict.text.find("not reached"), std::string::npos) << cell.verdict.text;
    }
    for (const MatrixCell& cell : cells(half_closed, test::box_for_the_dead())) {
        EXPECT_FALSE(cell.asked) << "the box does not acknowledge our FIN";
        EXPECT_EQ(cell.exit_status, 3);
    }
}

}  // namespace
}  // namespace tcpcraft
