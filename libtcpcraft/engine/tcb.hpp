#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include <libtcpcraft/base/address.hpp>
#include <libtcpcraft/base/time.hpp>
#include <libtcpcraft/engine/rto.hpp>
#include <libtcpcraft/engine/state.hpp>
#include <libtcpcraft/engine/timers.hpp>
#include <libtcpcraft/export.hpp>
#include <libtcpcraft/seq/range.hpp>

namespace tcpcraft {

/// Send sequence variables (RFC 9293 §3.3.1).
struct SendSpace {
    Seq una{};             ///< SND.UNA
    Seq nxt{};             ///< SND.NXT
    std::uint32_t wnd{0};  ///< SND.WND, scaled: octets
    Seq up{};              ///< SND.UP
    Seq wl1{};             ///< SND.WL1
    Seq wl2{};             ///< SND.WL2
    Seq iss{};  ///< ISS. In LISTEN: the number given for the next SYN,ACK if SND.NXT is ISS+1
    std::uint32_t max_wnd{0};  ///< MAX.SND.WND (RFC 5961 §5)
    friend bool operator==(const SendSpace&, const SendSpace&) = default;
};

/// Receive sequence variables (RFC 9293 §3.3.1).
struct ReceiveSpace {
    Seq nxt{};             ///< RCV.NXT
    std::uint32_t wnd{0};  ///< RCV.WND, octets
    Seq up{};              ///< RCV.UP
    Seq irs{};             ///< IRS
    friend bool operator==(const ReceiveSpace&, const ReceiveSpace&) = default;
};

/// RFC 7323: TS.Recent, Last.ACK.sent and our own clock's offset.
struct TimestampSpace {
    std::uint32_t recent{0};     ///< TS.Recent (RFC 7323 §4.3)
    std::uint32_t recent_at{0};  ///< seconds of the engine's time when TS.Recent was taken
    Seq last_ack_sent{};         ///< Last.ACK.sent
    std::uint32_t offset{0};     ///< TSval = offset + milliseconds
    friend bool operator==(const TimestampSpace&, const TimestampSpace&) = default;
};

/// What was queued and not yet acknowledged, and what arrived out of order.
struct Buffers {
    /// Data that came out of order, and where it begins.
    struct Piece {
        Seq seq{};                      ///< SEG.SEQ
        std::vector<std::byte> data{};  ///< octets, in order
        friend bool operator==(const Piece&, const Piece&) = default;
    };
    std::vector<std::byte> send{};  ///< octets from SND.UNA on (after the SYN), unsent ones last
    std::vector<Piece> out_of_order{};  ///< ascending, not touching (SHLD-31)
    Seq newest{};                       ///< begins what arrived out of order last (RFC 2018 §4)
    std::optional<Seq> fin{};           ///< the peer's FIN, behind a gap (SHLD-31)
    friend bool operator==(const Buffers&, const Buffers&) = default;
    /// Whether there is nothing.
    [[nodiscard]] bool empty() const noexcept {
        return send.empty() && out_of_order.empty() && !fin;
    }
};

/// A Buffers that copies with its owner and is null until something is first held; afterwards it
/// keeps its memory, so that steady state allocates nothing. Null equals empty.
class TCPCRAFT_API BuffersPointer {
public:
    BuffersPointer() noexcept = default;
    /// Copies what it points to.
    BuffersPointer(const BuffersPointer& other);
    BuffersPointer(BuffersPointer&& other) noexcept = default;
    /// Copies what it points to.
    BuffersPointer& operator=(const BuffersPointer& other);
    BuffersPointer& operator=(BuffersPointer&& other) noexcept = default;
    ~BuffersPointer() = default;

    /// Null while nothing has been held.
    [[nodiscard]] const Buffers* peek() const noexcept { return held_.get(); }
    /// Makes them on first use.
    [[nodiscard]] Buffers& use();
    /// Lets go of it.
    void release() noexcept { held_.reset(); }

    /// By what they point to.
    friend TCPCRAFT_API bool operator==(const BuffersPointer& a, const BuffersPointer& b) noexcept;

private:
    [[nodiscard]] bool nothing() const noexcept { return !held_ || held_->empty(); }

    std::unique_ptr<Buffers> held_{};
};

/// The Transmission Control Block (RFC 9293 §3.3.1): a connection as a value. It can be copied,
/// compared and stored; it holds no segment, no clock and no socket. Aim: at most 192 octets.
struct Tcb {
    ConnectionId id{};               ///< remote is unspecified in LISTEN
    SendSpace snd{};                 ///< SEND SEQUENCE SPACE (RFC 9293 §3.3.1)
    ReceiveSpace rcv{};              ///< RECEIVE SEQUENCE SPACE (RFC 9293 §3.3.1)
    TimestampSpace ts{};             ///< timestamps, where they are agreed on (RFC 7323)
    Rto rto{};                       ///< retransmission timeout (RFC 6298)
    Seq timed_seq{};                 ///< the octet whose round trip is being measured (RFC 6298)
    std::uint32_t timed_at{0};       ///< when it was sent: low 32 bits of the instant, microseconds
    std::uint32_t challenged_at{0};  ///< last challenge ACK: low 32 bits of milliseconds; 0 none
    Timers timers{};                 ///< which run, and until when
    BuffersPointer buffers{};        ///< null until first used

    std::uint16_t snd_mss{536};          ///< SendMSS: the peer's option, or 536 / 1220 (MUST-15)
    State state{State::closed};          ///< ours
    std::uint8_t snd_shift{0};           ///< Snd.Wind.Shift (RFC 7323)
    std::uint8_t rcv_shift{0};           ///< Rcv.Wind.Shift
    std::uint8_t backoffs{0};            ///< retransmissions of the segment at SND.UNA
    std::uint8_t probes{0};              ///< keep-alive or zero-window probes without an answer
    bool opened_passively : 1 {false};   ///< SYN-RECEIVED remembers where it came from (MUST-11)
    bool close_called : 1 {false};       ///< CLOSE was called
    bool fin_sent : 1 {false};           ///< our FIN has left
    bool timing : 1 {false};             ///< timed_seq and timed_at are valid
    bool syn_retransmitted : 1 {false};  ///< our SYN was sent more than once
    bool window_scaling : 1 {false};     ///< both SYNs carried the option (RFC 7323 §2.2)
    bool sack_permitted : 1 {false};     ///< the peer's SYN carried it, and ours
    bool timestamps : 1 {false};         ///< Snd.TS.OK

    friend bool operator==(const Tcb&, const Tcb&) = default;
};

}  // namespace tcpcraft
