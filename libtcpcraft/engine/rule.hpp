#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include <libtcpcraft/export.hpp>

namespace tcpcraft {

/// Every rule that the state machine acts by. Each transition, transmission and discard names one.
/// The order is the RFC's.
enum class Rule : std::uint16_t {
    none,
    // user calls, RFC 9293 §3.10.1 to §3.10.6
    open_active,
    open_passive,
    open_exists,
    send_call,
    close_call,
    abort_call,
    call_without_connection,
    // SEGMENT ARRIVES, CLOSED: §3.10.7.1
    closed_discards_rst,
    closed_resets_without_ack,
    closed_resets_with_ack,
    // LISTEN: §3.10.7.2
    listen_ignores_rst,
    listen_resets_ack,
    listen_accepts_syn,
    listen_discards_rest,
    // SYN-SENT: §3.10.7.3
    syn_sent_resets_bad_ack,
    syn_sent_discards_bad_rst,
    syn_sent_reset,
    syn_sent_establishes,
    syn_sent_simultaneous_open,
    syn_sent_discards_rest,
    // other states, the eight checks of §3.10.7.4
    paws,
    timestamp_missing,
    sequence_unacceptable,
    rst_out_of_window,
    rst_challenge,
    rst_resets,
    rst_returns_to_listen,
    rst_refuses,
    time_wait_ignores_rst,
    syn_challenge,
    syn_returns_to_listen,
    syn_repeated,
    syn_in_time_wait,
    ack_missing,
    ack_establishes,
    ack_bad_in_syn_received,
    ack_of_unsent,
    ack_too_old,
    ack_duplicate,
    ack_of_fin,
    urgent,
    text_accepted,
    text_out_of_order,
    text_ignored,
    fin_received,
    fin_repeated,
    // timeouts, §3.10.8 and §3.8
    retransmission,
    retransmission_advice,
    retransmission_gives_up,
    user_timeout,
    time_wait_over,
    fin_wait_2_over,
    zero_window_probe,
    delayed_ack,
    keep_alive_probe,
    keep_alive_dead,
    // ICMP, §3.9.2.2
    icmp_soft,
    icmp_hard,
    icmp_unrelated,
    // data after a half-duplex close, §3.6.1
    data_after_close,
    // deviations on purpose
    two_way_handshake,
    mute_when_closed,
    no_time_wait,
};

/// How many rules there are.
inline constexpr std::size_t rule_count = static_cast<std::size_t>(Rule::no_time_wait) + 1;

/// Where it stands: `RFC 9293 §3.10.7.3, fourth (MUST-10)`.
[[nodiscard]] TCPCRAFT_API std::string_view citation(Rule rule) noexcept;
/// What it says, in one sentence of ours.
[[nodiscard]] TCPCRAFT_API std::string_view sentence(Rule rule) noexcept;
/// Its name here: `syn_sent_establishes`.
[[nodiscard]] TCPCRAFT_API std::string_view name(Rule rule) noexcept;

}  // namespace tcpcraft
