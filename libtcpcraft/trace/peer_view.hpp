#pragma once

#include <optional>

#include <libtcpcraft/engine/state.hpp>
#include <libtcpcraft/export.hpp>
#include <libtcpcraft/wire/segment.hpp>

namespace tcpcraft {

/// What can be inferred of the peer from the segments alone: its state, and the numbers that its
/// ISN makes relative. What we send is taken to arrive unless the sender of it knows better.
class TCPCRAFT_API PeerView {
public:
    /// `starts_in`: LISTEN for a peer that we connect to, CLOSED for one that connects to us.
    explicit PeerView(State starts_in = State::listen) noexcept : state_{starts_in} {}

    /// A segment of ours that is on its way (not one that a fault has dropped).
    void sent(const Segment& segment) noexcept;
    /// A segment of the peer's that was captured, whether or not we accept it. Not one with a bad
    /// checksum.
    void arrived(const Segment& segment) noexcept;

    [[nodiscard]] State state() const noexcept { return state_; }
    [[nodiscard]] std::optional<Seq> isn() const noexcept { return isn_; }
    /// Our own ISN as the wire has it.
    [[nodiscard]] std::optional<Seq> our_isn() const noexcept { return our_isn_; }

private:
    void arrived_syn(const Segment& segment) noexcept;
    void arrived_fin(const Segment& segment) noexcept;
    void sent_ack(const Segment& segment) noexcept;

    State state_;
    std::optional<Seq> isn_{};
    std::optional<Seq> our_isn_{};
    std::optional<Seq> fin_end_{};      ///< one past the peer's FIN
    std::optional<Seq> our_fin_end_{};  ///< one past ours
};

}  // namespace tcpcraft
