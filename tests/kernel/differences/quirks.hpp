#pragma once

#include <tests/kernel/differences/known_differences.hpp>

// One function each for what Linux does in another way: known_differences.cpp says what they are.

namespace tcpcraft::test::quirks {

using Quirk = Tcb(const Step& engine, Tcb tcb, const Moment& at);

// the acceptance test and what comes before it (quirks_window.cpp)
Quirk right_edge, left_edge, no_ack_no_answer, timestamp_missing, ack_of_nothing_sent,
    reset_left_of_fin, reset_behind_the_gap, text_past_the_fin, old_ack_silence, ack_rides_on_data,
    window_of_a_new_ack, smaller_window_ignored, expected_text;
// opening (quirks_opening.cpp)
Quirk syn_fin_to_listen, text_of_syn_dropped, syn_ack_repeats_options, ack_before_sequence,
    in_window_syn_reset, syn_ack_not_taken, completing_syn_ack_acknowledged, reset_under_paws,
    repeated_syn_challenged, ack_of_iss_establishes;
// closing (quirks_closing.cpp)
Quirk reset_without_timestamps, last_ack_at_once, time_wait_ack, time_wait_silence,
    time_wait_syn_refused, fin_wait_2_reset, fin_wait_2_ack, fin_wait_2_silence, fin_wait_2_syn,
    gap_after_close, across_the_right_edge;

// ---- shared
/// The engine's step with another segment in place of the one that arrived.
[[nodiscard]] Tcb with(const Step& engine, Tcb tcb, const Moment& at, const Segment& segment);
/// The engine's step as it is.
[[nodiscard]] Tcb as_it_is(const Step& engine, Tcb tcb, const Moment& at);
/// An ACK, and nothing else happens.
[[nodiscard]] Tcb only_ack(Tcb tcb, const Moment& at);
/// <RST> in answer to the segment, without timestamps.
void answer_with_reset(Tcb& tcb, const Moment& at);
/// The same, and CLOSED.
[[nodiscard]] Tcb reset_and_close(Tcb tcb, const Moment& at);
/// The segment without text and FIN.
[[nodiscard]] Segment bare(Segment segment);

}  // namespace tcpcraft::test::quirks
