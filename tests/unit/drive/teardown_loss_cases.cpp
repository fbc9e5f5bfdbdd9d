#include <tests/unit/drive/teardown_cases.hpp>

namespace tcpcraft::test {

namespace {

using enum Teardown;
using enum Verdict;
using namespace std::chrono_literals;
using Cases = std::vector<TeardownCase>;

constexpr Closer us = Closer::us;
constexpr Closer other = Closer::peer;

TeardownPeer pauses_do_not_grow() {
    return host_with([](SimHostOptions& peer) {
        peer.policy.rto.least = 1s;
        peer.policy.rto.most = 1s;
    });
}

TeardownPeer gives_up_early() {
    return host_with([](SimHostOptions& peer) { peer.policy.retransmissions = 3; });
}

TeardownPeer time_wait_of(Duration length) {
    return host_with([length](SimHostOptions& peer) { peer.policy.time_wait = length; });
}

TeardownPeer no_time_wait_there() {
    return host_with([](SimHostOptions& peer) { peer.policy.deviations.no_time_wait = true; });
}

TeardownPeer refuses_reuse() {
    return host_with([](SimHostOptions& peer) { peer.policy.rfc6191 = false; });
}

/// Its second first number lies behind the old connection's last.
TeardownPeer starts_behind() {
    return says([n = 0](Segment& segment) mutable {
        if (segment.has(Flag::syn) && ++n > 1) {
            segment.seq = Seq{5000};
        }
    });
}

void look_after_62s(TeardownRequest& request) { request.look_after = 62s; }
void look_at_once(TeardownRequest& request) { request.look_after = 500ms; }
void long_ones(TeardownRequest& request) { request.long_ones = true; }

Cases lost_fin_cases() {
    return {
        {"our_fin", lost_fin, us, honest(), conforms, "T-01"},
        {"our_fin_deaf", lost_fin, us, deaf_to(Flag::fin), no_answer, "T-01"},
        {"our_fin_not_counted", lost_fin, us, never_closes() + ignores_fin_in_ack(), violates,
         "T-01"},
        {"our_fin_aborted", lost_fin, us, resets(Flag::fin), inconclusive, "T-01"},
        {"its_fin", lost_fin, other, honest(), conforms, "T-31"},
        {"its_fin_to_the_end", lost_fin, other, honest(), conforms, "T-31", long_ones},
        {"its_fin_given_up", lost_fin, other, gives_up_early(), permitted_deviation, "T-31",
         long_ones, "SHLD-11"},
        {"its_fin_at_constant_pauses", lost_fin, other, pauses_do_not_grow(), violates, "T-31",
         nullptr, "MUST-19"},
        {"its_fin_once", lost_fin, other, says_fin_once(), violates, "T-31"},
        {"its_fin_once_and_forgotten", lost_fin, other, says_fin_once() + resets_ack_at(Seq{1003}),
         no_answer, "T-31"},
        {"its_fin_and_silence", lost_fin, other, silent_after_fin(), no_answer, "T-31"},
        {"its_fin_unheard", lost_fin, other, dies_when_open(), no_answer, "T-30"},
        {"its_fin_never", lost_fin, other, never_closes(), inconclusive, "T-30"},
    };
}

Cases final_ack_cases() {
    return {
        {"final_ack", lost_final_ack, us, honest(), conforms, "T-11"},
        {"final_ack_once", lost_final_ack, us, says_fin_once(), violates, "T-11"},
        {"final_ack_silence", lost_final_ack, us, silent_after_fin(), no_answer, "T-11"},
        {"final_ack_still_there", lost_final_ack, us, answers_probes({Flag::ack}), violates,
         "T-10"},
        {"final_ack_never", lost_final_ack, us, never_closes(), inconclusive, "T-21"},
        {"reset", no_time_wait, us, honest(), conforms, "T-13"},
        {"reset_lost_once", no_time_wait, us, loses({Flag::rst}, 1), conforms, "T-13"},
        {"reset_not_heeded", no_time_wait, us, deaf_to(Flag::rst), violates, "T-13"},
        {"reset_never_due", no_time_wait, us, says_fin_once(), violates, "T-11"},
        {"reset_silence", no_time_wait, us, silent_after_fin(), no_answer, "T-11"},
        {"reset_never", no_time_wait, us, never_closes(), inconclusive, "T-21"},
    };
}

Cases time_wait_cases() {
    return {
        {"time_wait", time_wait, other, honest(), conforms, "T-42"},
        {"time_wait_skipped", time_wait, other, no_time_wait_there(), violates, "T-42"},
        {"time_wait_silent", time_wait, other, deaf_to(Flag::fin, 2), no_answer, "T-42"},
        {"time_wait_never", time_wait, other, never_closes(), inconclusive, "T-30"},
        {"time_wait_stays", time_wait, other, honest(), conforms, "T-43", look_after_62s},
        {"time_wait_short", time_wait, other, time_wait_of(30s), permitted_deviation, "T-43",
         look_after_62s},
        {"time_wait_none", time_wait, other, no_time_wait_there(), violates, "T-43", look_at_once},
        {"time_wait_look_silent", time_wait, other,
         gone_after(Flag::fin, 2) + deaf_to_ack_at(Seq{1004}), no_answer, "T-43", look_at_once},
    };
}

Cases reuse_cases() {
    return {
        {"reuse", time_wait_reuse, other, honest(), conforms, "T-49"},
        {"reuse_refused", time_wait_reuse, other, refuses_reuse(), conforms, "T-49"},
        {"reuse_reset", time_wait_reuse, other, resets_syn(2), violates, "T-49"},
        {"reuse_behind", time_wait_reuse, other, starts_behind(), violates, "T-49", nullptr, "",
         true},
        {"reuse_deaf", time_wait_reuse, other, deaf_to(Flag::syn, 2), no_answer, "T-49"},
        {"reuse_never", time_wait_reuse, other, never_closes(), inconclusive, "T-30"},
    };
}

}  // namespace

std::vector<TeardownCase> loss_cases() {
    Cases all;
    for (const auto& some :
         {lost_fin_cases(), final_ack_cases(), time_wait_cases(), reuse_cases()}) {
        all.insert(all.end(), some.begin(), some.end());
    }
    return all;
}

}  // namespace tcpcraft::test
