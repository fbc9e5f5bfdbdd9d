#include <algorithm>

#include <tests/unit/drive/teardown_cases.hpp>

namespace tcpcraft::test {

namespace {

using enum Teardown;
using enum Verdict;
using Cases = std::vector<TeardownCase>;

constexpr Closer us = Closer::us;
constexpr Seq probed{1000};  ///< the number of a control probe while nothing has been sent

/// RST gets an ACK, where silence is asked for.
TeardownPeer acknowledges_resets() {
    return answers([](const Segment& got) -> std::optional<Segment> {
        return got.has(Flag::rst) ? std::optional{made({Flag::ack}, Seq{7001}, Seq{1001})}
                                  : std::nullopt;
    });
}

/// A SYN on the open connection gets SYN,ACK.
TeardownPeer opens_again() {
    return answers([syns = 0](const Segment& got) mutable -> std::optional<Segment> {
        const bool meant = got.has(Flag::syn) && ++syns > 1;
        return meant ? std::optional{made({Flag::syn, Flag::ack}, Seq{9000}, got.seq + 1)}
                     : std::nullopt;
    });
}

Segment wrong_reset(const Segment& got) { return made({Flag::rst}, got.ack + 1, Seq{0}); }

Cases reset_cases() {
    return {
        {"exact", reset, us, honest(), conforms, "R-01"},
        {"exact_lost_once", reset, us, loses({Flag::rst}, 1), conforms, "R-01"},
        {"exact_ignored", reset, us, deaf_to(Flag::rst), violates, "R-01"},
        {"exact_wrong_answer", reset, us, after(Flag::rst, wrong_reset), violates, "R-01"},
        {"exact_silence", reset, us, gone_after(Flag::rst), no_answer, "R-01"},
        {"inside", reset_in_window, us, honest(), conforms, "R-02"},
        {"inside_rfc793", reset_in_window, us, rfc793(), permitted_deviation, "R-02"},
        {"inside_no_challenge", reset_in_window, us, deaf_to(Flag::rst), permitted_deviation,
         "R-02"},
        {"inside_killed", reset_in_window, us, resets_ack_at(probed), permitted_deviation,
         "CP-LIVE"},
        {"inside_gone", reset_in_window, us, gone_after(Flag::rst), no_answer, "CP-LIVE"},
        {"outside", reset_outside_window, us, honest(), conforms, "R-03"},
        {"outside_answered", reset_outside_window, us, acknowledges_resets(), permitted_deviation,
         "R-03"},
        {"outside_rst_to_rst", reset_outside_window, us, resets(Flag::rst), violates, "R-03"},
        {"outside_killed", reset_outside_window, us, resets_ack_at(probed), violates, "CP-LIVE"},
        {"outside_gone", reset_outside_window, us, gone_after(Flag::rst), no_answer, "CP-LIVE"},
    };
}

Cases syn_cases() {
    return {
        {"syn", syn_in_established, us, honest(), conforms, "R-08"},
        {"syn_rfc793", syn_in_established, us, rfc793(), permitted_deviation, "R-08"},
        {"syn_opens_again", syn_in_established, us, opens_again(), violates, "R-08"},
        {"syn_outside_reset", syn_in_established, us, resets_syn(3), violates, "R-09"},
        {"syn_killed", syn_in_established, us, resets_ack_at(probed), violates, "CP-LIVE"},
        {"syn_ignored", syn_in_established, us, deaf_to(Flag::syn, 2), no_answer, "R-08"},
        {"syn_outside_ignored", syn_in_established, us, deaf_to(Flag::syn, 3), no_answer, "R-09"},
    };
}

}  // namespace

std::vector<TeardownCase> meddling_cases() {
    Cases all = reset_cases();
    const Cases more = syn_cases();
    all.insert(all.end(), more.begin(), more.end());
    return all;
}

/// What keeps any scenario from its beginning.
std::vector<TeardownCase> opening_cases() {
    Cases all;
    for (const TeardownAbout& about : all_teardowns()) {
        std::string name{about.name};
        std::ranges::replace(name, '-', '_');
        all.push_back({name + "_refused", about.scenario, about.closer, refuses(), inconclusive});
        all.push_back(
            {name + "_unreachable", about.scenario, about.closer, unreachable(), no_answer});
    }
    return all;
}

const std::vector<TeardownCase>& all_teardown_cases() {
    static const std::vector<TeardownCase> all = [] {
        Cases made;
        for (const auto& some :
             {closing_cases(), loss_cases(), meddling_cases(), opening_cases()}) {
            made.insert(made.end(), some.begin(), some.end());
        }
        return made;
    }();
    return all;
}

const std::vector<Unheard>& unheard_verdicts() {
    constexpr std::string_view due = "its rows know the answer that is due, and what breaks a rule";
    constexpr std::string_view shorter = "when it gives up is measured by lost-fin with --long";
    static const std::vector<Unheard> all{
        {active_close, permitted_deviation, due},
        {passive_close, permitted_deviation, due},
        {half_close, permitted_deviation, due},
        {three_segment_close, permitted_deviation, due},
        {simultaneous_close, permitted_deviation, due},
        {reset, permitted_deviation, "R-01: a RST with the exact number closes, or is ignored"},
        {reset_in_window, violates, "R-02: RFC 793's rule, RFC 5961's and silence all have a law"},
        {lost_final_ack, permitted_deviation, shorter},
        {no_time_wait, permitted_deviation, shorter},
        {time_wait_reuse, permitted_deviation, "T-49: taken and refused are both allowed"},
    };
    return all;
}

}  // namespace tcpcraft::test
