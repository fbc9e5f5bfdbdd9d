#pragma once

#include <libtcpcraft/sim/world.hpp>

namespace tcpcraft::model {

// Machines that are wrong in one way each: what surrounds advance() is altered, never the library.

/// "0xffffffff < 0": an ACK is taken for old because its number, as a number, is not greater.
[[nodiscard]] StepFunction compares_plain_numbers();
/// RCV.NXT jumps to whatever carries a FIN.
[[nodiscard]] StepFunction takes_fin_out_of_order();
/// RCV.NXT goes back to whatever carries text.
[[nodiscard]] StepFunction takes_text_twice();
/// The first text to arrive is taken for the next in order.
[[nodiscard]] StepFunction takes_text_out_of_order();
/// CLOSED answers a reset as it answers anything else.
[[nodiscard]] StepFunction answers_reset_with_reset();
/// SND.WND is what the sender would like it to be.
[[nodiscard]] StepFunction ignores_the_window();
/// SND.UNA follows every ACK, of what was never sent as well.
[[nodiscard]] StepFunction believes_every_ack();
/// SYN-SENT takes any SYN,ACK for the answer to its own SYN.
[[nodiscard]] StepFunction takes_any_syn_ack();
/// What was lost stays lost.
[[nodiscard]] StepFunction never_retransmits();
/// In TIME-WAIT nothing is said.
[[nodiscard]] StepFunction silent_in_time_wait();
/// A segment outside the window gets no ACK.
[[nodiscard]] StepFunction drops_what_is_unacceptable();

}  // namespace tcpcraft::model
