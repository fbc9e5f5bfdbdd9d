#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <variant>
#include <vector>

#include <libtcpcraft/engine/rule.hpp>
#include <libtcpcraft/engine/state.hpp>
#include <libtcpcraft/export.hpp>
#include <libtcpcraft/wire/segment.hpp>

namespace tcpcraft {

// What comes out. Everything the machine decides is an action, not answering included.

/// Why an arriving segment, or a part of it, had no effect.
enum class DiscardReason : std::uint8_t {
    no_connection,  ///< CLOSED
    reset_ignored,  ///< a RST where none has effect
    reset_out_of_window,
    sequence_unacceptable,
    old_timestamp,      ///< PAWS
    timestamp_missing,  ///< RFC 7323 §3.2: agreed on, but not there
    syn_unexpected,
    ack_missing,
    ack_unacceptable,        ///< of something never sent, or too old
    ack_duplicate,           ///< of what has been acknowledged; the rest of the segment counts
    nothing_for_this_state,  ///< LISTEN and SYN-SENT: none of the checks applies
    text_after_fin,          ///< data where the peer has already sent its FIN
    icmp_unrelated,
};

/// What the user is told (RFC 9293 §3.10, in its words).
enum class Notice : std::uint8_t {
    connection_established,
    connection_closing,  ///< the peer has sent its FIN
    connection_closed,   ///< our CLOSE is done
    connection_refused,
    connection_reset,
    connection_aborted_user_timeout,
    connection_aborted_retransmissions,  ///< R2 (§3.8.3)
    connection_aborted_keep_alive,
    connection_does_not_exist,
    connection_already_exists,
    remote_socket_unspecified,
    soft_error,
    urgent_data,                ///< RCV.UP has moved ahead (MUST-32)
    excessive_retransmissions,  ///< R1 (§3.8.3, MUST-20, SHLD-9): the path may be bad
};

/// A segment leaves.
struct Transmit {
    Segment segment{};           ///< as it leaves or came
    Rule rule{};                 ///< what it rests on: document, section, label
    bool retransmission{false};  ///< was sent before
};
/// Data for the user, in order (RFC 9293 §3.10.3).
struct Deliver {
    std::span<const std::byte> data{};  ///< octets, in order
    bool push{false};                   ///< PSH at the end of it (RFC 9293 §3.9.1.2)
};
/// A state was entered, and by which rule.
struct Entered {
    State from{};  ///< where it was before
    State to{};    ///< where it is now
    Rule rule{};   ///< what it rests on: document, section, label
};
/// What arrived had no effect, and why.
struct Discarded {
    DiscardReason why{};  ///< the reason
    Rule rule{};          ///< what it rests on: document, section, label
};
/// What the user is told (RFC 9293 §3.10).
struct Notified {
    Notice notice{};  ///< what the user is told
    Rule rule{};      ///< what it rests on: document, section, label
};
/// What the state machine has decided, one of these.
using Action = std::variant<Transmit, Deliver, Entered, Discarded, Notified>;

/// In words, or as it is written.
[[nodiscard]] TCPCRAFT_API std::string_view text(DiscardReason why) noexcept;
/// As the RFC says it: `connection refused`.
[[nodiscard]] TCPCRAFT_API std::string_view text(Notice notice) noexcept;

/// The caller's list, reused from call to call: after the first few no memory is taken. Views in
/// it point into the event, into the TCB that advance() returned, or into the list itself, and hold
/// until the first of them goes or changes. The one octet of a keep-alive probe lives for ever.
class TCPCRAFT_API Actions {
public:
    /// Takes in one more.
    void add(const Action& action) { list_.push_back(action); }
    /// Forgets all; the room is kept.
    void clear() noexcept {
        list_.clear();
        kept_.clear();
    }
    /// Takes over octets that would not outlive the step, until clear().
    [[nodiscard]] std::span<const std::byte> keep(std::vector<std::byte>&& octets);

    /// Everything, in order.
    [[nodiscard]] std::span<const Action> all() const noexcept { return list_; }
    /// Everything, in order.
    [[nodiscard]] std::span<Action> all() noexcept { return list_; }
    /// The first.
    [[nodiscard]] auto begin() const noexcept { return list_.begin(); }
    /// One past the last.
    [[nodiscard]] auto end() const noexcept { return list_.end(); }
    /// How many.
    [[nodiscard]] std::size_t size() const noexcept { return list_.size(); }
    /// Whether there is nothing.
    [[nodiscard]] bool empty() const noexcept { return list_.empty(); }
    /// Takes out what a deviation suppresses.
    template <typename Predicate>
    void remove_if(Predicate predicate) {
        std::erase_if(list_, predicate);
    }

private:
    std::vector<Action> list_{};
    std::vector<std::vector<std::byte>> kept_{};
};

}  // namespace tcpcraft
