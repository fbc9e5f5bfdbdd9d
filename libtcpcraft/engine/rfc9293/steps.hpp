#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include <libtcpcraft/engine/action.hpp>
#include <libtcpcraft/engine/event.hpp>
#include <libtcpcraft/engine/policy.hpp>
#include <libtcpcraft/engine/tcb.hpp>

// What the files of this folder share. Functions are named as RFC 9293 names what they do.

namespace tcpcraft::rfc9293 {

/// One step under way.
struct Step {
    Tcb& tcb;
    Instant now;
    const Policy& policy;
    Actions& out;
    Rule ack_owed{Rule::none};  ///< why this step owes an ACK; none when it owes none
    bool push{true};            ///< the last octet queued was pushed
    bool syn_counted{false};    ///< the segment had a SYN that has been taken off already
};

/// Whether the checks of §3.10.7.4 go on after one of them.
enum class Then : std::uint8_t { go_on, stop };

// ---- user calls, §3.10.1 to §3.10.5 (user_calls.cpp)
void open(Step& s, const ActiveOpen& call);
void open(Step& s, const PassiveOpen& call);
void send(Step& s, const Send& call);
void close(Step& s);
void abort(Step& s);
void probe_keep_alive(Step& s, const ProbeKeepAlive& call);

// ---- SEGMENT ARRIVES, §3.10.7.1 to §3.10.7.4
void arrives_closed(Step& s, const Segment& seg);
void arrives_listen(Step& s, const SegmentArrives& event);
void arrives_syn_sent(Step& s, const Segment& seg);
void arrives_other(Step& s, const Segment& seg);

// steps of §3.10.7.4 that SYN-SENT goes on with (arrives_other.cpp)
void check_urg(Step& s, const Segment& seg);
[[nodiscard]] Then process_text(Step& s, const Segment& seg);
void check_fin(Step& s, const Segment& seg);
/// Text and FIN that came with a SYN wait for the handshake (§3.10.7.2, §3.10.7.3).
void hold_rest_of_syn(Step& s, const Segment& seg);

// ---- timestamps, RFC 7323 (timestamps.cpp)
/// a < b, modulo 2^32 (RFC 7323 §5.2)
[[nodiscard]] bool older(std::uint32_t a, std::uint32_t b) noexcept;
/// PAWS, before the first check.
[[nodiscard]] Then check_timestamp(Step& s, const Segment& seg);
/// TS.Recent, after the first check.
void take_timestamp(Step& s, const Segment& seg);

// ---- TIME-WAIT, §3.6.1 (time_wait.cpp)
void start_time_wait(Step& s);
/// A SYN in TIME-WAIT of a connection that was opened passively: somebody is listening.
[[nodiscard]] bool asks_to_reopen(const Step& s, const Segment& seg) noexcept;
void reopen(Step& s, const Segment& syn);

// ---- the fifth check (acknowledge.cpp)
[[nodiscard]] Then check_ack(Step& s, const Segment& seg);
/// SND.UNA = SEG.ACK; what it covers leaves the retransmission queue.
void acknowledge(Step& s, Seq ack);
/// ESTABLISHED, from either handshake.
void establish(Step& s, Rule rule);

// ---- timeouts, §3.10.8 and §3.8 (timeouts.cpp)
void time_passes(Step& s);
/// Any segment of the connection restarts it (§3.8.4); nothing happens where it may not run.
void restart_keep_alive(Step& s);

// ---- ICMP, §3.9.2.2 (reset.cpp)
void icmp_arrives(Step& s, const IcmpArrives& icmp);

// ---- resets and challenges, §3.5.2, §3.5.3, RFC 5961 (reset.cpp)
/// <SEQ=SEG.ACK><CTL=RST>, or <SEQ=0><ACK=SEG.SEQ+SEG.LEN><CTL=RST,ACK> where ACK is clear.
void reset_in_answer(Step& s, const Segment& seg, Rule rule);
/// <SEQ=SND.NXT><CTL=RST>
void reset_to_abort(Step& s, Rule rule);
/// An ACK that asks the sender to prove itself, and the drop (RFC 5961).
void challenge(Step& s, DiscardReason why, Rule rule);
[[nodiscard]] Then check_rst(Step& s, const Segment& seg);

// ---- what is sent (output.cpp)
void send_syn(Step& s, Rule rule, Flags more = {});
void send_syn_ack(Step& s, Rule rule, Flags more = {});
void send_ack(Step& s, Rule rule);
/// Data and FIN as far as the window goes; then the ACK that is still owed.
void output(Step& s, Rule rule);
void output_and_ack(Step& s, Rule rule);
/// The segment at SND.UNA again (RFC 6298 5.4).
void retransmit(Step& s, Rule rule);
/// SND.NXT returns to SND.UNA: what the peer has surely not taken is sent anew by output().
void send_again_from_una(Step& s);
/// One octet, or the FIN, into a closed window (§3.8.6.1).
void send_window_probe(Step& s);
/// <SEQ=SND.NXT-1><ACK=RCV.NXT> (§3.8.4).
void send_keep_alive_probe(Step& s, bool octet);
/// Sends a segment that has no connection, or ends one: as it is, nothing noted in the TCB.
void send_bare(Step& s, const Segment& segment, Rule rule);

// ---- small things (connection.cpp)
/// A TCB as OPEN makes it, still in the state it had.
[[nodiscard]] Tcb opened(const ConnectionId& id, std::uint32_t timestamp_offset, State state,
                         const Policy& policy) noexcept;
/// Takes from the peer's SYN what our own SYN offered or offers too.
void take_syn_options(Step& s, const Segment& seg);
void enter(Step& s, State to, Rule rule);
/// CLOSED: the TCB is deleted, its name remains.
void enter_closed(Step& s, Rule rule);
void enter_listen(Step& s, Rule rule);
void notify(Step& s, Notice notice, Rule rule);
void discard(Step& s, DiscardReason why, Rule rule);

/// SEG.WND in octets. That of a SYN is never scaled (RFC 7323 §2.2).
[[nodiscard]] std::uint32_t scaled_window(const Step& s, const Segment& seg) noexcept;
[[nodiscard]] std::uint32_t timestamp_now(const Step& s) noexcept;
/// Our SYN has not been acknowledged.
[[nodiscard]] bool syn_outstanding(const Tcb& tcb) noexcept;
[[nodiscard]] inline bool anything_outstanding(const Tcb& tcb) noexcept {
    return tcb.snd.una != tcb.snd.nxt;
}
[[nodiscard]] inline bool fin_acknowledged(const Tcb& tcb) noexcept {
    return tcb.fin_sent && tcb.snd.una == tcb.snd.nxt;
}
/// Sequence number of the first octet in the send buffer.
[[nodiscard]] Seq first_octet(const Tcb& tcb) noexcept;
/// Octets queued: sent and not acknowledged ones, then those not sent yet.
[[nodiscard]] std::span<const std::byte> queued(const Tcb& tcb) noexcept;
[[nodiscard]] std::span<const std::byte> unsent(const Tcb& tcb) noexcept;
/// Eff.snd.MSS less what our options take (MUST-16).
[[nodiscard]] std::uint32_t effective_send_mss(const Step& s) noexcept;

}  // namespace tcpcraft::rfc9293
