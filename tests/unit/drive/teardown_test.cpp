#include <memory>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <tests/support/altering_link.hpp>
#include <tests/support/simulated_run.hpp>

#include <libtcpcraft/drive/fleet.hpp>
#include <libtcpcraft/drive/teardown.hpp>
#include <libtcpcraft/sim/sim_host.hpp>
#include <libtcpcraft/sim/sim_network.hpp>

namespace tcpcraft {
namespace {

using namespace std::chrono_literals;
using test::AlteringLink;

/// What is wrong with a peer.
struct Deviation {
    std::function<void(SimHostOptions&)> host{};
    std::function<bool(Segment&)> leaving{};
    std::function<bool(const Segment&)> arriving{};
    std::function<std::optional<Segment>(const Segment&)> answer{};
};

/// One scenario against a simulated server that serves one request, or closes when we do.
class Play {
public:
    explicit Play(Teardown scenario, Closer first = Closer::us) {
        request.scenario = scenario;
        request.first = first;
        if (closer(request) == Closer::peer) {
            request.send.emplace(3, std::byte{'x'});
        }
        peer.address = *Address::read("192.0.2.2");
        peer.listening = {Port{80}};
        peer.iss = Seq{7000};
        peer.application = SimApplication::serve;
        peer.reply = "bye\n";
    }

    TeardownResult against(const Deviation& deviation) {
        if (deviation.host) {
            deviation.host(peer);
        }
        SimNetwork network;
        AlteringLink far{network.far()};
        far.leaving = deviation.leaving;
        far.arriving = deviation.arriving;
        far.answer = deviation.answer;
        const SimHost host{far, network, peer};
        Surroundings around{.link = network.near(), .alarm = network, .trace = seen};
        Fleet fleet{around};
        ConnectionSetup setup;
        setup.id = {{*Address::read("192.0.2.1"), Port{40000}}, {peer.address, Port{80}}};
        setup.iss = Seq{1000};
        setup.keep_sightings = true;
        adapt_policy(request, setup.policy);
        fleet.launch(std::move(setup), teardown_scenario(request));
        (void)network.run([&fleet] { return fleet.finished(); });
        return judge_teardown(*fleet.sessions().front(), request);
    }

    TeardownRequest request{};
    SimHostOptions peer{};
    test::KeepingSink seen{};
};

struct Case {
    std::string_view name;
    Teardown scenario;
    Closer first;
    Deviation deviation;
    Verdict verdict;
    std::string_view row;  ///< of the finding that decides
};

// --- deviations ----------------------------------------------------------------------------------

Deviation honest() { return {}; }

Deviation with(std::function<void(SimHostOptions&)> change) {
    return Deviation{.host = std::move(change)};
}

Deviation never_closes() {
    return with([](SimHostOptions& peer) { peer.application = SimApplication::discard; });
}

/// What has these flags is lost on its way to the peer, from the n-th on.
Deviation deaf_to(Flag flag, int from = 1) {
    return Deviation{.arriving = [flag, from, seen = 0](const Segment& segment) mutable {
        return !segment.has(flag) || ++seen < from;
    }};
}

/// The path loses the n-th of our segments with exactly these flags.
Deviation loses(Flags flags, int nth) {
    return Deviation{.arriving = [flags, nth, seen = 0](const Segment& segment) mutable {
        return segment.flags != flags || ++seen != nth;
    }};
}

/// Nothing arrives any more after the first segment with this flag, itself included.
Deviation gone_after(Flag flag) {
    return Deviation{.arriving = [flag, gone = false](const Segment& segment) mutable {
        gone = gone || segment.has(flag);
        return !gone;
    }};
}

Segment made(Flags flags, Seq seq, Seq ack) {
    Segment segment;
    segment.flags = flags;
    segment.seq = seq;
    segment.ack = ack;
    segment.wnd = 1000;
    return segment;
}

/// Segments with this flag are answered with RST, as if the connection were unknown.
Deviation resets(Flag flag, std::uint32_t wrong_by = 0) {
    return Deviation{.answer = [flag, wrong_by](const Segment& got) -> std::optional<Segment> {
        if (!got.has(flag) || got.has(Flag::syn)) {
            return std::nullopt;
        }
        return made({Flag::rst}, got.ack + wrong_by, Seq{0});
    }};
}

/// The first bare ACK after a segment with this flag gets such an answer.
Deviation answers_ack_after(Flag flag, std::function<Segment(const Segment&)> with_what) {
    return Deviation{
        .answer = [=, after = false](const Segment& got) mutable -> std::optional<Segment> {
            const bool asked = after && got.flags == Flags{Flag::ack};
            after = after || got.has(flag);
            return asked ? std::optional{with_what(got)} : std::nullopt;
        }};
}

/// The peer never counts our FIN.
Deviation ignores_fin_in_ack() {
    return Deviation{
        .host = [](SimHostOptions& peer) { peer.application = SimApplication::discard; },
        .leaving =
            [](Segment& segment) {
                if (segment.ack == Seq{1002}) {
                    segment.ack = Seq{1001};
                }
                return true;
            }};
}

Deviation fin_without_ack() {
    return Deviation{.leaving = [](Segment& segment) {
        if (segment.has(Flag::fin)) {
            segment.flags = {Flag::fin};
        }
        return true;
    }};
}

Deviation says_fin_once() {
    return Deviation{.leaving = [said = false](Segment& segment) mutable {
        const bool again = segment.has(Flag::fin) && said;
        said = said || segment.has(Flag::fin);
        return !again;
    }};
}

Deviation rfc793() {
    return with([](SimHostOptions& peer) { peer.policy.challenge_ack = false; });
}

const std::vector<Case>& cases() {
    using enum Teardown;
    using enum Verdict;
    static const auto us = Closer::us;
    static const auto other = Closer::peer;
    static const std::vector<Case> all{
        {"active_close", active_close, us, honest(), conforms, "T-01"},
        {"active_close_not_counted", active_close, us, ignores_fin_in_ack(), violates, "T-01"},
        {"active_close_deaf", active_close, us, deaf_to(Flag::fin), no_answer, "T-01"},
        {"active_close_aborted", active_close, us, resets(Flag::fin), inconclusive, "T-01"},
        {"active_close_still_there", active_close, us,
         Deviation{.answer = [acks = 0](const Segment& got) mutable -> std::optional<Segment> {
             // deaf from the ACK of its FIN on, the second behind our own
             acks += got.flags == Flags{Flag::ack} && got.seq == Seq{1002} ? 1 : 0;
             return acks >= 2 ? std::optional{made({Flag::ack}, got.ack, Seq{1002})} : std::nullopt;
         }},
         violates, "T-10"},
        {"active_close_last_ack_lost", active_close, us, loses(Flags{Flag::ack}, 3), conforms,
         "T-10"},
        {"passive_close", passive_close, other, honest(), conforms, "T-40"},
        {"passive_close_bare_fin", passive_close, other, fin_without_ack(), violates, "T-30"},
        {"passive_close_deaf", passive_close, other, deaf_to(Flag::fin), no_answer, "T-40"},
        {"passive_close_never", passive_close, other, never_closes(), inconclusive, "T-30"},
        {"half_close", half_close, us, never_closes(), conforms, "T-22"},
        {"half_close_not_counted", half_close, us, ignores_fin_in_ack(), violates, "T-01"},
        {"half_close_deaf", half_close, us, deaf_to(Flag::fin), no_answer, "T-01"},
        {"half_close_aborted", half_close, us, resets(Flag::fin), inconclusive, "T-01"},
        {"three_segments_seen", three_segment_close, us, honest(), conforms, "T-21"},
        {"three_segments_made", three_segment_close, other, honest(), conforms, "T-33"},
        {"three_segments_deaf", three_segment_close, other, deaf_to(Flag::fin), no_answer, "T-33"},
        {"three_segments_never", three_segment_close, other, never_closes(), inconclusive, "T-30"},
        {"simultaneous", simultaneous_close, other, honest(), conforms, "T-34"},
        {"simultaneous_reset", simultaneous_close, other, resets(Flag::fin), violates, "T-34"},
        {"simultaneous_deaf", simultaneous_close, other, deaf_to(Flag::fin), no_answer, "T-34"},
        {"simultaneous_never", simultaneous_close, other, never_closes(), inconclusive, "T-30"},
        {"reset", reset, us, honest(), conforms, "R-01"},
        {"reset_ignored", reset, us, deaf_to(Flag::rst), violates, "R-01"},
        {"reset_lost_once", reset, us, loses(Flags{Flag::rst}, 1), conforms, "R-01"},
        {"reset_silent", reset, us, gone_after(Flag::rst), no_answer, "R-01"},
        {"reset_wrong_number", reset, us,
         answers_ack_after(
             Flag::rst, [](const Segment& got) { return made({Flag::rst}, got.ack + 1, Seq{0}); }),
         violates, "R-01"},
        {"in_window", reset_in_window, us, honest(), conforms, "R-02"},
        {"in_window_rfc793", reset_in_window, us, rfc793(), permitted_deviation, "R-02"},
        {"in_window_silent", reset_in_window, us, gone_after(Flag::rst), no_answer, "CP-LIVE"},
        {"outside", reset_outside_window, us, honest(), conforms, "R-03"},
        {"outside_answered", reset_outside_window, us,
         Deviation{.answer = [](const Segment& got) -> std::optional<Segment> {
             return got.has(Flag::rst) ? std::optional{made({Flag::ack}, Seq{7001}, Seq{1001})}
                                       : std::nullopt;
         }},
         permitted_deviation, "R-03"},
        {"outside_rst_to_rst", reset_outside_window, us, resets(Flag::rst), violates, "R-03"},
        {"outside_killed", reset_outside_window, us,
         answers_ack_after(Flag::rst,
                           [](const Segment& got) { return made({Flag::rst}, got.ack, Seq{0}); }),
         violates, "CP-LIVE"},
        {"outside_silent", reset_outside_window, us, gone_after(Flag::rst), no_answer, "CP-LIVE"},
        {"syn", syn_in_established, us, honest(), conforms, "R-08"},
        {"syn_rfc793", syn_in_established, us, rfc793(), permitted_deviation, "R-08"},
        {"lost_fin_of_ours", lost_fin, us, honest(), conforms, "T-01"},
        {"lost_fin_of_ours_deaf", lost_fin, us, deaf_to(Flag::fin), no_answer, "T-01"},
        {"lost_fin_of_ours_not_counted", lost_fin, us, ignores_fin_in_ack(), violates, "T-01"},
        {"lost_fin_of_its", lost_fin, other, honest(), conforms, "T-31"},
        {"lost_fin_of_its_never_again", lost_fin, other, says_fin_once(), no_answer, "T-31"},
        {"lost_fin_of_its_never", lost_fin, other, never_closes(), inconclusive, "T-30"},
        {"final_ack", lost_final_ack, us, honest(), conforms, "T-11"},
        {"final_ack_never_again", lost_final_ack, us, says_fin_once(), no_answer, "T-11"},
        {"final_ack_never", lost_final_ack, us, never_closes(), inconclusive, "T-21"},
        {"time_wait", time_wait, other, honest(), conforms, "T-42"},
        {"time_wait_skipped", time_wait, other,
         with([](SimHostOptions& peer) { peer.policy.deviations.no_time_wait = true; }), violates,
         "T-42"},
        {"time_wait_silent", time_wait, other, deaf_to(Flag::fin, 2), no_answer, "T-42"},
        {"time_wait_never", time_wait, other, never_closes(), inconclusive, "T-30"},
        {"reuse", time_wait_reuse, other, honest(), conforms, "T-49"},
        {"reuse_refused", time_wait_reuse, other,
         with([](SimHostOptions& peer) { peer.policy.rfc6191 = false; }), conforms, "T-49"},
        {"reuse_deaf", time_wait_reuse, other, deaf_to(Flag::syn, 2), no_answer, "T-49"},
        {"reuse_behind", time_wait_reuse, other,
         Deviation{.leaving =
                       [n = 0](Segment& segment) mutable {
                           if (segment.has(Flag::syn) && ++n > 1) {
                               segment.seq = Seq{5000};
                           }
                           return true;
                       }},
         violates, "T-49"},
        {"reuse_never", time_wait_reuse, other, never_closes(), inconclusive, "T-30"},
        {"no_time_wait", no_time_wait, us, honest(), conforms, "T-13"},
        {"no_time_wait_never_again", no_time_wait, us, says_fin_once(), no_answer, "T-11"},
        {"no_time_wait_deaf_to_rst", no_time_wait, us, deaf_to(Flag::rst), inconclusive, "T-13"},
        {"no_time_wait_never", no_time_wait, us, never_closes(), inconclusive, "T-21"},
        {"data_after_ours", data_after_close, us, never_closes(), conforms, "T-05"},
        {"data_after_ours_reset", data_after_close, us,
         Deviation{.host = never_closes().host, .answer = resets(Flag::psh).answer},
         permitted_deviation, "T-05"},
        {"data_after_ours_taken", data_after_close, us,
         Deviation{.host = never_closes().host,
                   .answer = [](const Segment& got) -> std::optional<Segment> {
                       return got.has(Flag::psh)
                                  ? std::optional{made({Flag::ack}, got.ack, got.seq + got.len())}
                                  : std::nullopt;
                   }},
         violates, "T-05"},
        {"data_after_ours_deaf", data_after_close, us, deaf_to(Flag::fin), no_answer, "T-01"},
        {"data_after_its", data_after_close, other, honest(), conforms, "T-38"},
        {"data_after_its_silent", data_after_close, other, deaf_to(Flag::psh, 2),
         permitted_deviation, "T-38"},
        {"data_after_its_never", data_after_close, other, never_closes(), inconclusive, "T-30"},
        {"unread_fin", unread_data, other, honest(), inconclusive, "T-55"},
        {"unread_reset", unread_data, other,
         with([](SimHostOptions& peer) { peer.policy.half_duplex_close = true; }), conforms,
         "T-55"},
    };
    return all;
}

class TeardownVerdict : public testing::TestWithParam<Case> {};

INSTANTIATE_TEST_SUITE_P(Peers, TeardownVerdict, testing::ValuesIn(cases()),
                         [](const auto& named) { return std::string{named.param.name}; });

// The catalogue of verdicts: what each row allows, and what it does not.
TEST_P(TeardownVerdict, IsWhatThePeerDeserves) {
    const Case& it = GetParam();
    Play play{it.scenario, it.first};
    const TeardownResult result = play.against(it.deviation);
    EXPECT_EQ(text(result.verdict.verdict), text(it.verdict)) << result.verdict.text;
    EXPECT_FALSE(result.verdict.rule.empty());
    const auto decides = std::ranges::find_if(result.findings, [&](const Finding& finding) {
        return finding.judged.id == it.row && finding.judged.verdict == it.verdict;
    });
    EXPECT_NE(decides, result.findings.end()) << testing::PrintToString(play.seen.dialogue());
    for (const Finding& finding : result.findings) {
        EXPECT_FALSE(finding.judged.segments.empty()) << finding.judged.id;
    }
}

// RFC 9293 §3.8.1 (MUST-19), RFC 6298 §5.5: pauses that do not grow
TEST(Teardown, ConstantPausesAreNoBackoff) {
    Play play{Teardown::lost_fin, Closer::peer};
    const TeardownResult result = play.against(with([](SimHostOptions& peer) {
        peer.policy.rto.least = 1s;
        peer.policy.rto.most = 1s;
    }));
    EXPECT_EQ(result.verdict.verdict, Verdict::violates) << result.verdict.text;
    EXPECT_THAT(result.verdict.rule, testing::HasSubstr("MUST-19"));
}

// RFC 9293 §3.8.6.3 (MUST-40)
TEST(Teardown, AnAckThatComesLateBreaksItsRule) {
    Play play{Teardown::active_close};
    const TeardownResult result = play.against(with([](SimHostOptions& peer) {
        peer.policy.delayed_ack = 800ms;
        peer.application = SimApplication::discard;
    }));
    EXPECT_EQ(result.verdict.verdict, Verdict::violates) << result.verdict.text;
    EXPECT_THAT(result.verdict.rule, testing::HasSubstr("MUST-40"));
}

TEST(Teardown, MeasuresThePauses) {
    Play play{Teardown::lost_final_ack};
    const TeardownResult result = play.against({});
    ASSERT_EQ(result.measured.fin_spacing.size(), 2U);
    const double growth =
        seconds(result.measured.fin_spacing[1]) / seconds(result.measured.fin_spacing[0]);
    EXPECT_NEAR(growth, 2.0, 0.1);  // RFC 6298 §5.5
    EXPECT_EQ(result.measured.segments, 4U);
    EXPECT_EQ(result.measured.ack_delay, Duration{20ms});
}

TEST(Teardown, EveryScenarioHasItsNameAndWords) {
    for (const TeardownAbout& it : all_teardowns()) {
        EXPECT_EQ(read_teardown(it.name), it.scenario);
        EXPECT_FALSE(spelled_out(teardown_scenario({.scenario = it.scenario})).empty());
    }
    EXPECT_EQ(read_teardown("close"), std::nullopt);
}

}  // namespace
}  // namespace tcpcraft
