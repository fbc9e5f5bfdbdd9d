#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include <libtcpcraft/base/time.hpp>
#include <libtcpcraft/engine/rto.hpp>
#include <libtcpcraft/wire/flags.hpp>
#include <libtcpcraft/wire/options.hpp>

namespace tcpcraft {

/// Key of the hash that makes initial sequence numbers (RFC 6528 §3): 128 bits, drawn outside.
struct IsnKey {
    std::array<std::uint64_t, 2> word{};  ///< 128 bits
    friend bool operator==(const IsnKey&, const IsnKey&) = default;
};

/// Keep-alive (RFC 9293 §3.8.4), off unless asked for (MUST-25).
struct KeepAlive {
    Duration idle{std::chrono::hours{2}};         ///< MUST-28: not less than two hours by default
    Duration interval{std::chrono::seconds{75}};  ///< between two probes
    std::uint8_t count{10};                       ///< unanswered probes, then dead
    bool octet{false};                            ///< one garbage octet in each probe (MAY-6)
    /// One in every second probe that follows one without an answer: some old stacks answer only
    /// data (RFC 1122 §4.2.3.6).
    bool octet_in_every_second{false};
    friend bool operator==(const KeepAlive&, const KeepAlive&) = default;
};

/// Rules broken on purpose, for demonstrations and tests. They act at the edge of the machine,
/// after the honest step has been taken (engine/deviations.cpp).
struct Deviations {
    bool two_way_handshake{false};  ///< LISTEN goes to ESTABLISHED on a SYN
    bool no_time_wait{false};       ///< CLOSED in place of TIME-WAIT (breaks MUST-13)
    bool mute_when_closed{false};   ///< CLOSED and LISTEN answer nothing with RST
    friend bool operator==(const Deviations&, const Deviations&) = default;
    /// Whether anything is asked for.
    [[nodiscard]] bool any() const noexcept {
        return two_way_handshake || no_time_wait || mute_when_closed;
    }
};

/// Every number and choice that an operator has, with the RFC's default.
struct Policy {
    Duration msl{std::chrono::minutes{2}};   ///< §3.4.2; TIME-WAIT lasts 2 MSL (MUST-13)
    std::optional<Duration> time_wait{};     ///< this instead of 2 MSL
    Rto::Bounds rto{};                       ///< RFC 6298
    std::uint8_t syn_retransmissions{7};     ///< then "connection aborted" (MUST-23: 3 min)
    std::uint8_t r1{3};                      ///< R1 as a count: advice to the user (SHLD-10)
    std::uint8_t retransmissions{15};        ///< R2 as a count (§3.8.3)
    std::optional<Duration> user_timeout{};  ///< §3.9.1.1: the RFC's default is 5 minutes
    std::optional<Duration> fin_wait_2{};    ///< leave FIN-WAIT-2 after this long
    std::optional<Duration> delayed_ack{};   ///< below 0.5 s (MUST-40); unset: at once
    std::optional<KeepAlive> keep_alive{};   ///< off unless set (MUST-25)

    std::uint32_t rcv_wnd{65535};  ///< octets we offer; at most 65535 << shift takes effect
    /// MMS_S: octets of TCP header and data that the IP layer can send at once (MUST-16).
    std::optional<std::uint16_t> mms_s{};
    /// The options of our SYN in wire order. What of them stands in a SYN,ACK depends on the peer's
    /// SYN. Timestamp values are filled in. A window scale here is our RCV shift.
    Options syn_options{};
    /// ECN-setup SYN and SYN,ACK (RFC 3168 §6.1.1). Only the flags: marks are not acted on yet.
    bool ecn{false};
    bool challenge_ack{true};  ///< RFC 5961; false: RFC 793's rules
    /// Least time between two challenge ACKs, or ACKs that answer an empty segment outside the
    /// window (RFC 5961 §7). With 0 two desynchronized sides answer each other for ever.
    Duration challenge_spacing{std::chrono::milliseconds{500}};
    bool repeat_syn_ack{true};  ///< a repeated SYN in SYN-RECEIVED: SYN,ACK again, not a bare ACK
    bool rfc1337{false};        ///< TIME-WAIT ignores RST
    bool rfc6191{true};         ///< passively opened: TIME-WAIT accepts a newer SYN (MAY-2)
    bool half_duplex_close{false};  ///< data after CLOSE is answered with RST (MAY-1, SHLD-3)

    IsnKey isn_key{};         ///< for initial sequence numbers (RFC 6528)
    Deviations deviations{};  ///< rules broken on purpose

    friend bool operator==(const Policy&, const Policy&) = default;
};

}  // namespace tcpcraft
