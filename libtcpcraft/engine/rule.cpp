#include <array>

#include <libtcpcraft/engine/rule.hpp>

namespace tcpcraft {
namespace {

struct Entry {
    Rule rule{};
    std::string_view name{};
    std::string_view citation{};
    std::string_view sentence{};
};

using R = Rule;

constexpr std::array<Entry, rule_count> entries{{
    {R::none, "none", "", ""},
    {R::open_active, "open_active", "RFC 9293 §3.10.1", "An active OPEN sends a SYN with our ISS."},
    {R::open_passive, "open_passive", "RFC 9293 §3.10.1", "A passive OPEN waits for a SYN."},
    {R::open_exists, "open_exists", "RFC 9293 §3.10.1",
     "A connection that is open cannot be opened again."},
    {R::send_call, "send_call", "RFC 9293 §3.10.2",
     "SEND queues octets and sends what the peer's window takes."},
    {R::close_call, "close_call", "RFC 9293 §3.10.4",
     "CLOSE sends a FIN after the last octet; receiving goes on."},
    {R::abort_call, "abort_call", "RFC 9293 §3.10.5", "ABORT ends the connection at once."},
    {R::call_without_connection, "call_without_connection", "RFC 9293 §3.10",
     "There is no connection that this call could act on."},

    {R::closed_discards_rst, "closed_discards_rst", "RFC 9293 §3.10.7.1",
     "No reset is answered with a reset."},
    {R::closed_resets_without_ack, "closed_resets_without_ack", "RFC 9293 §3.10.7.1",
     "No connection: RST with SEQ 0 that acknowledges the segment."},
    {R::closed_resets_with_ack, "closed_resets_with_ack", "RFC 9293 §3.10.7.1",
     "No connection: RST with the number that the segment acknowledged."},

    {R::listen_ignores_rst, "listen_ignores_rst", "RFC 9293 §3.10.7.2, first",
     "LISTEN has sent nothing that could be reset."},
    {R::listen_resets_ack, "listen_resets_ack", "RFC 9293 §3.10.7.2, second",
     "LISTEN has sent nothing that could be acknowledged."},
    {R::listen_accepts_syn, "listen_accepts_syn", "RFC 9293 §3.10.7.2, third",
     "A SYN is answered with our own and its acknowledgment."},
    {R::listen_discards_rest, "listen_discards_rest", "RFC 9293 §3.10.7.2, fourth",
     "Without SYN, ACK or RST there is nothing to begin with."},

    {R::syn_sent_resets_bad_ack, "syn_sent_resets_bad_ack", "RFC 9293 §3.10.7.3, first",
     "It acknowledges what we have not sent."},
    {R::syn_sent_discards_bad_rst, "syn_sent_discards_bad_rst", "RFC 9293 §3.10.7.3, second",
     "A reset has to acknowledge our SYN."},
    {R::syn_sent_reset, "syn_sent_reset", "RFC 9293 §3.10.7.3, second",
     "The peer refuses our SYN."},
    {R::syn_sent_establishes, "syn_sent_establishes", "RFC 9293 §3.10.7.3, fourth",
     "The peer's SYN acknowledges ours: both sides are synchronized."},
    {R::syn_sent_simultaneous_open, "syn_sent_simultaneous_open",
     "RFC 9293 §3.10.7.3, fourth (MUST-10)", "Both sides open at once: our SYN again, with ACK."},
    {R::syn_sent_discards_rest, "syn_sent_discards_rest", "RFC 9293 §3.10.7.3, fifth",
     "Without SYN or RST it decides nothing."},

    {R::paws, "paws", "RFC 7323 §5.3, R1",
     "The timestamp is older than the last one: an old copy."},
    {R::timestamp_missing, "timestamp_missing", "RFC 7323 §3.2",
     "Timestamps were agreed on, but this segment carries none."},
    {R::sequence_unacceptable, "sequence_unacceptable", "RFC 9293 §3.10.7.4, first",
     "Nothing of it lies in the window; the answer says where the window is."},
    {R::rst_out_of_window, "rst_out_of_window", "RFC 9293 §3.10.7.4, first",
     "A reset outside the window has no effect."},
    {R::rst_challenge, "rst_challenge", "RFC 9293 §3.10.7.4, second (RFC 5961 §3.2)",
     "A reset in the window but not at RCV.NXT has to be proved."},
    {R::rst_resets, "rst_resets", "RFC 9293 §3.10.7.4, second", "The peer resets the connection."},
    {R::rst_returns_to_listen, "rst_returns_to_listen", "RFC 9293 §3.10.7.4, second (MUST-11)",
     "Opened passively: a reset leads back to LISTEN."},
    {R::rst_refuses, "rst_refuses", "RFC 9293 §3.10.7.4, second (MUST-11)",
     "Opened actively: the peer refuses the connection."},
    {R::time_wait_ignores_rst, "time_wait_ignores_rst", "RFC 1337 §3",
     "No reset shall end TIME-WAIT before its time."},
    {R::syn_challenge, "syn_challenge", "RFC 9293 §3.10.7.4, fourth (RFC 5961 §4.2)",
     "A SYN on a connection that exists has to be proved."},
    {R::syn_returns_to_listen, "syn_returns_to_listen", "RFC 9293 §3.10.7.4, fourth (MUST-11)",
     "Opened passively: another SYN leads back to LISTEN."},
    {R::syn_repeated, "syn_repeated", "RFC 9293 §3.10.7.4, first",
     "The peer's SYN again: our answer may have been lost."},
    {R::syn_in_time_wait, "syn_in_time_wait", "RFC 9293 §3.6.1 (MAY-2, SHLD-4); RFC 6191 §2",
     "Whether a SYN may end TIME-WAIT depends on its timestamp or number being newer."},
    {R::ack_missing, "ack_missing", "RFC 9293 §3.10.7.4, fifth",
     "Every segment but the first carries an ACK."},
    {R::ack_establishes, "ack_establishes", "RFC 9293 §3.10.7.4, fifth",
     "Our SYN is acknowledged: both sides are synchronized."},
    {R::ack_bad_in_syn_received, "ack_bad_in_syn_received", "RFC 9293 §3.10.7.4, fifth",
     "It acknowledges something other than our SYN."},
    {R::ack_of_unsent, "ack_of_unsent", "RFC 9293 §3.10.7.4, fifth",
     "It acknowledges what we have not sent; the answer says what we have."},
    {R::ack_too_old, "ack_too_old", "RFC 9293 §3.10.7.4, fifth (MAY-12; RFC 5961 §5.2)",
     "Its ACK is older than any window the peer has offered."},
    {R::ack_duplicate, "ack_duplicate", "RFC 9293 §3.10.7.4, fifth",
     "It acknowledges less than is acknowledged already; its ACK is ignored."},
    {R::ack_of_fin, "ack_of_fin", "RFC 9293 §3.10.7.4, fifth", "Our FIN is acknowledged."},
    {R::urgent, "urgent", "RFC 9293 §3.10.7.4, sixth (MUST-32)",
     "The peer points ahead to urgent data."},
    {R::text_accepted, "text_accepted", "RFC 9293 §3.10.7.4, seventh",
     "Octets in sequence are delivered and acknowledged."},
    {R::text_out_of_order, "text_out_of_order", "RFC 9293 §3.10.7.4, seventh (SHLD-31, MAY-13)",
     "Octets behind a gap are kept; the ACK says where the gap is."},
    {R::text_ignored, "text_ignored", "RFC 9293 §3.10.7.4, seventh",
     "After the peer's FIN there is no more text, and no other FIN."},
    {R::fin_received, "fin_received", "RFC 9293 §3.10.7.4, eighth",
     "The peer has no more to send; its FIN is acknowledged."},
    {R::fin_repeated, "fin_repeated", "RFC 9293 §3.10.7.4, eighth",
     "The peer's FIN again: acknowledged again, and 2 MSL start anew."},

    {R::retransmission, "retransmission", "RFC 9293 §3.10.8; RFC 6298 §5 (MUST-18)",
     "Nothing acknowledged it in time: sent again, and the timeout doubles."},
    {R::retransmission_advice, "retransmission_advice",
     "RFC 9293 §3.8.3 (MUST-20, SHLD-9, SHLD-10)",
     "R1 is reached: the user learns that the path may be bad."},
    {R::retransmission_gives_up, "retransmission_gives_up", "RFC 9293 §3.8.3 (MUST-20, MUST-23)",
     "R2 is reached: the connection is given up."},
    {R::user_timeout, "user_timeout", "RFC 9293 §3.10.8",
     "The user will not wait any longer for an acknowledgment."},
    {R::time_wait_over, "time_wait_over", "RFC 9293 §3.10.8 (MUST-13)",
     "The time of TIME-WAIT is over; after 2 MSL every old segment is gone."},
    {R::fin_wait_2_over, "fin_wait_2_over", "RFC 9293 §3.6.1",
     "The peer never closed its side; we wait no longer, by choice."},
    {R::zero_window_probe, "zero_window_probe", "RFC 9293 §3.8.6.1 (MUST-36, SHLD-29, SHLD-30)",
     "A closed window is probed, lest its opening was lost."},
    {R::delayed_ack, "delayed_ack", "RFC 9293 §3.8.6.3 (SHLD-18, MUST-40)",
     "No data came along to carry the ACK."},
    {R::keep_alive_probe, "keep_alive_probe", "RFC 9293 §3.8.4 (MUST-26, SHLD-12)",
     "A number left of the window makes a living peer answer."},
    {R::keep_alive_dead, "keep_alive_dead", "RFC 9293 §3.8.4 (MUST-29)",
     "So many probes without an answer: the peer is taken for dead."},

    {R::icmp_soft, "icmp_soft", "RFC 9293 §3.9.2.2 (MUST-56, SHLD-25)",
     "A soft error is reported; the connection stays."},
    {R::icmp_hard, "icmp_hard", "RFC 9293 §3.9.2.2 (SHLD-26)", "A hard error ends the connection."},
    {R::icmp_unrelated, "icmp_unrelated", "RFC 9293 §3.9.2.2 (MUST-54); RFC 5927 §4.1",
     "The segment it quotes is not in flight."},

    {R::data_after_close, "data_after_close", "RFC 9293 §3.6.1 (MAY-1, SHLD-3)",
     "Nobody will read this: the peer learns that its data is lost."},

    {R::two_way_handshake, "two_way_handshake", "against RFC 9293 §3.5",
     "On purpose: the SYN alone establishes."},
    {R::mute_when_closed, "mute_when_closed", "against RFC 9293 §3.10.7.1, §3.10.7.2",
     "On purpose: nobody is told that there is no connection."},
    {R::no_time_wait, "no_time_wait", "against RFC 9293 §3.6.1 (MUST-13)",
     "On purpose: CLOSED in place of TIME-WAIT."},
}};

constexpr bool in_order() noexcept {
    for (std::size_t i = 0; i < entries.size(); ++i) {
        if (static_cast<std::size_t>(entries[i].rule) != i) {
            return false;
        }
    }
    return true;
}
static_assert(in_order(), "each rule stands at its own number");

const Entry& entry(Rule rule) noexcept {
    const auto index = static_cast<std::size_t>(rule);
    return entries[index < entries.size() ? index : 0];
}

}  // namespace

std::string_view citation(Rule rule) noexcept { return entry(rule).citation; }
std::string_view sentence(Rule rule) noexcept { return entry(rule).sentence; }
std::string_view name(Rule rule) noexcept { return entry(rule).name; }

}  // namespace tcpcraft
