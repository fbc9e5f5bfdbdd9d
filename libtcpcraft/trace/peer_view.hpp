#pragma once

#include <optional>

#include <libtcpcraft/engine/state.hpp>
#include <libtcpcraft/export.hpp>
#include <libtcpcraft/wire/segment.hpp>

namespace tcpcraft {

/// What can be inferred of the peer from the segments alone: its state, and the numbers that its
/// ISN makes relative. A segment of ours that asks for an answer (SYN, FIN) moves the peer when the
/// answer is seen; an acknowledgment or a RST, which gets none, is taken to arrive.
class TCPCRAFT_API PeerView {
public:
    /// `starts_in`: LISTEN for a peer that we connect to, CLOSED for one that connects to us.
    /// `skips_syn_received`: it is known to believe every SYN (the two-way demonstration).
    explicit PeerView(State starts_in = State::listen, bool skips_syn_received = false) noexcept
        : state_{starts_in}, starts_in_{starts_in}, skips_syn_received_{skips_syn_received} {}

    /// A segment of ours that is on its way (not one that a fault has dropped).
    void sent(const Segment& segment) noexcept;
    /// A segment of the peer's that was captured, whether or not we accept it. Not one with a bad
    /// checksum.
    void arrived(const Segment& segment) noexcept;

    /// Where it stands.
    [[nodiscard]] State state() const noexcept { return state_; }
    /// The initial sequence number, where known.
    [[nodiscard]] std::optional<Seq> isn() const noexcept { return isn_; }
    /// Our own ISN as the wire has it.
    [[nodiscard]] std::optional<Seq> our_isn() const noexcept { return our_isn_; }

private:
    void sent_syn(const Segment& segment) noexcept;
    void sent_reset(const Segment& segment) noexcept;
    void sent_ack(const Segment& segment) noexcept;
    void arrived_syn(const Segment& segment) noexcept;
    void arrived_syn_ack(const Segment& segment) noexcept;
    void arrived_reset(const Segment& segment) noexcept;
    void arrived_ack(const Segment& segment) noexcept;
    void arrived_fin(const Segment& segment) noexcept;
    void learn_isn(Seq isn) noexcept;
    void forget() noexcept;
    [[nodiscard]] bool acceptable_to_peer(Seq ack) const noexcept;
    [[nodiscard]] bool acknowledges_our_fin(const Segment& segment) const noexcept;

    State state_;
    State starts_in_;  ///< where a RST sends a peer that never got to ESTABLISHED
    bool skips_syn_received_;
    std::optional<Seq> isn_{};
    std::optional<Seq> our_isn_{};
    std::optional<Seq> fin_end_{};      ///< one past the peer's FIN
    std::optional<Seq> our_fin_end_{};  ///< one past ours
    Seq nxt_{};                         ///< one past what the peer has sent
    Seq our_nxt_{};                     ///< one past what we have sent
    std::optional<Seq> last_ack_{};     ///< what the peer said it expects next
    std::optional<Seq> bad_ack_{};      ///< the last one of ours that it has to refuse
    bool our_syn_alone_{false};         ///< we too opened actively
    bool syn_alone_seen_{false};
    bool syn_ack_seen_{false};
    bool syn_acked_{false};       ///< we have acknowledged its SYN
    bool passed_opening_{false};  ///< it has sent something that only a synchronized state sends
    bool our_fin_acked_{false};
    bool fin_acked_by_fin_{false};  ///< our FIN acknowledges the peer's
};

}  // namespace tcpcraft
