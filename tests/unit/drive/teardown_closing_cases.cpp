#include <array>

#include <tests/unit/drive/teardown_cases.hpp>

namespace tcpcraft::test {

namespace {

using enum Teardown;
using enum Verdict;
using namespace std::chrono_literals;
using Cases = std::vector<TeardownCase>;

constexpr Closer us = Closer::us;
constexpr Closer other = Closer::peer;
constexpr Flags only_ack{Flag::ack};

/// Its data is on the way while the path loses our FIN, and what we send after that.
TeardownPeer talks_past_our_fin() {
    return deaf_to_ack_at(Seq{1002}) + answers([](const Segment& got) -> std::optional<Segment> {
               static constexpr std::array<std::byte, 4> data{};
               if (!got.has(Flag::fin)) {
                   return std::nullopt;
               }
               Segment segment = made({Flag::psh, Flag::ack}, Seq{7001}, Seq{1001});
               segment.payload = data;
               return segment;
           });
}

/// The path loses its data once: its FIN comes first.
TeardownPeer fin_before_its_data() {
    return {.leaving = [lost = false](Segment& segment) mutable {
        const bool first = segment.has(Flag::psh) && !lost;
        lost = lost || first;
        return !first;
    }};
}

/// It acknowledges the octets behind our FIN.
TeardownPeer takes_data_behind_fin() {
    return never_closes() + answers([](const Segment& got) -> std::optional<Segment> {
               return got.has(Flag::psh)
                          ? std::optional{made({Flag::ack}, got.ack, got.seq + got.len())}
                          : std::nullopt;
           });
}

/// Its window is shut when it closes, as if nobody had read what it holds.
TeardownPeer shuts_its_window() {
    return says([](Segment& segment) {
        if (segment.has(Flag::fin)) {
            segment.wnd = 0;
        }
    });
}

TeardownPeer leaves_fin_wait_2() {
    return host_with([](SimHostOptions& peer) { peer.policy.fin_wait_2 = 60s; });
}

/// Its FIN acknowledges ours.
TeardownPeer in_three_segments() {
    return host_with([](SimHostOptions& peer) {
        peer.policy.delayed_ack = 100ms;
        peer.application_delay = 0ms;
        peer.reply.clear();
    });
}

TeardownPeer half_duplex() {
    return host_with([](SimHostOptions& peer) { peer.policy.half_duplex_close = true; });
}

void look_after_62s(TeardownRequest& request) { request.look_after = 62s; }

Cases active_close_cases() {
    return {
        {"active", active_close, us, honest(), conforms, "T-01"},
        {"active_not_counted", active_close, us, never_closes() + ignores_fin_in_ack(), violates,
         "T-01"},
        {"active_late", active_close, us, acknowledges_late(800ms), inconclusive, "T-01"},
        {"active_deaf", active_close, us, deaf_to(Flag::fin), no_answer, "T-01"},
        {"active_fin_lost", active_close, us, talks_past_our_fin(), no_answer, "T-01"},
        {"active_fin_before_data", active_close, us, fin_before_its_data(), conforms, "T-21"},
        {"active_aborted", active_close, us, resets(Flag::fin), inconclusive, "T-01"},
        {"active_bare_fin", active_close, us, fin_without_ack(), violates, "T-21"},
        {"active_gap", active_close, us, fin_with_gap(), inconclusive, "T-21"},
        {"active_still_there", active_close, us, answers_probes({Flag::ack}), violates, "T-10"},
        // beyond the window: one inside makes us ask by ourselves
        {"active_wrong_reset", active_close, us, answers_probes({Flag::rst}, 70000), violates,
         "T-10"},
        {"active_last_ack_lost", active_close, us, loses(only_ack, 3), conforms, "T-10"},
    };
}

Cases passive_close_cases() {
    return {
        {"passive", passive_close, other, honest(), conforms, "T-40"},
        {"passive_bare_fin", passive_close, other, fin_without_ack(), violates, "T-30"},
        {"passive_gap", passive_close, other, fin_with_gap(), inconclusive, "T-30"},
        {"passive_fin_before_data", passive_close, other, fin_before_its_data(), conforms, "T-40"},
        {"passive_not_counted", passive_close, other, ignores_fin_in_ack(), violates, "T-40"},
        {"passive_deaf", passive_close, other, deaf_to(Flag::fin), no_answer, "T-40"},
        {"passive_unheard", passive_close, other, dies_when_open(), no_answer, "T-30"},
        {"passive_reset", passive_close, other, resets(Flag::fin), inconclusive, "T-40"},
        {"passive_aborted", passive_close, other, resets(Flag::psh), inconclusive, "T-30"},
        {"passive_never", passive_close, other, never_closes(), inconclusive, "T-30"},
    };
}

Cases half_close_cases() {
    return {
        {"half", half_close, us, never_closes(), conforms, "T-22"},
        {"half_not_counted", half_close, us, never_closes() + ignores_fin_in_ack(), violates,
         "T-01"},
        {"half_forgotten", half_close, us, never_closes() + answers_probes({Flag::rst}),
         inconclusive, "T-06"},
        {"half_control_unanswered", half_close, us,
         never_closes() + deaf_after(Flag::fin, only_ack), no_answer, "T-06"},
        {"half_deaf", half_close, us, deaf_to(Flag::fin), no_answer, "T-01"},
        {"half_aborted", half_close, us, resets(Flag::fin), inconclusive, "T-01"},
    };
}

Cases three_segment_cases() {
    return {
        {"three_seen", three_segment_close, us, honest(), conforms, "T-21"},
        {"three_seen_not_counted", three_segment_close, us, never_closes() + ignores_fin_in_ack(),
         violates, "T-21"},
        {"three_seen_deaf", three_segment_close, us, deaf_to(Flag::fin), no_answer, "T-21"},
        {"three_seen_aborted", three_segment_close, us, resets(Flag::fin), inconclusive, "T-21"},
        {"three_made", three_segment_close, other, honest(), conforms, "T-33"},
        {"three_made_not_counted", three_segment_close, other, ignores_fin_in_ack(), violates,
         "T-33"},
        {"three_made_deaf", three_segment_close, other, deaf_to(Flag::fin), no_answer, "T-33"},
        {"three_made_unheard", three_segment_close, other, dies_when_open(), no_answer, "T-30"},
        {"three_made_reset", three_segment_close, other, resets(Flag::fin), inconclusive, "T-33"},
        {"three_made_never", three_segment_close, other, never_closes(), inconclusive, "T-30"},
    };
}

Cases simultaneous_cases() {
    return {
        {"crossing", simultaneous_close, other, honest(), conforms, "T-34"},
        {"crossing_reset", simultaneous_close, other, resets(Flag::fin), violates, "T-34"},
        {"crossing_not_counted", simultaneous_close, other, ignores_fin_in_ack(), violates, "T-34"},
        {"crossing_deaf", simultaneous_close, other, deaf_to(Flag::fin), no_answer, "T-34"},
        {"crossing_never", simultaneous_close, other, never_closes(), inconclusive, "T-30"},
    };
}

Cases data_cases() {
    return {
        {"data_behind_ours", data_after_close, us, never_closes(), conforms, "T-05"},
        {"data_behind_ours_reset", data_after_close, us, never_closes() + resets(Flag::psh),
         permitted_deviation, "T-05"},
        {"data_behind_ours_taken", data_after_close, us, takes_data_behind_fin(), violates, "T-05"},
        {"data_behind_ours_deaf", data_after_close, us, deaf_to(Flag::fin), no_answer, "T-01"},
        {"data_behind_ours_aborted", data_after_close, us, resets(Flag::fin), inconclusive, "T-01"},
        {"data_to_closed", data_after_close, us, in_three_segments(), conforms, "T-58"},
        {"data_to_closed_unanswered", data_after_close, us,
         in_three_segments() + deaf_to(Flag::psh), no_answer, "T-58"},
        {"data_behind_its", data_after_close, other, honest(), conforms, "T-38"},
        {"data_behind_its_half_duplex", data_after_close, other, half_duplex(), conforms, "T-38"},
        {"data_behind_its_wrong_reset", data_after_close, other,
         half_duplex() + says([](Segment& segment) {
             if (segment.has(Flag::rst)) {
                 segment.seq = segment.seq + 5;
             }
         }),
         violates, "T-38"},
        {"data_behind_its_silent", data_after_close, other, deaf_to(Flag::psh, 2),
         permitted_deviation, "T-38"},
        {"data_behind_its_never", data_after_close, other, never_closes(), inconclusive, "T-30"},
    };
}

Cases fin_wait_2_cases() {
    return {
        {"fin_wait_2", fin_wait_2_timeout, other, honest(), conforms, "T-41"},
        {"fin_wait_2_left", fin_wait_2_timeout, other, leaves_fin_wait_2(), permitted_deviation,
         "T-41", look_after_62s},
        {"fin_wait_2_stays", fin_wait_2_timeout, other, honest(), conforms, "T-41", look_after_62s},
        {"fin_wait_2_bare_fin", fin_wait_2_timeout, other, fin_without_ack(), violates, "T-30"},
        {"fin_wait_2_silent", fin_wait_2_timeout, other, deaf_to_ack_at(Seq{1003}), no_answer,
         "T-41"},
        {"fin_wait_2_never", fin_wait_2_timeout, other, never_closes(), inconclusive, "T-30"},
    };
}

Cases unread_cases() {
    return {
        {"unread_reset", unread_data, other, half_duplex(), conforms, "T-55"},
        {"unread_shut", unread_data, other, shuts_its_window(), permitted_deviation, "T-55"},
        {"unread_fin", unread_data, other, honest(), inconclusive, "T-55"},
        {"unread_never", unread_data, other, never_closes(), inconclusive, "T-55"},
        {"unread_bare_fin", unread_data, other, fin_without_ack(), violates, "T-55"},
        {"unread_unheard", unread_data, other, dies_when_open(), no_answer, "T-55"},
    };
}

}  // namespace

std::vector<TeardownCase> closing_cases() {
    Cases all;
    for (const auto& some :
         {active_close_cases(), passive_close_cases(), half_close_cases(), three_segment_cases(),
          simultaneous_cases(), data_cases(), fin_wait_2_cases(), unread_cases()}) {
        all.insert(all.end(), some.begin(), some.end());
    }
    return all;
}

}  // namespace tcpcraft::test
