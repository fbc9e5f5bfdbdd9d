#include <algorithm>
#include <cassert>
#include <initializer_list>

#include <libtcpcraft/drive/keep_alive_matrix.hpp>

// What the RFCs say of each answer to each form in each situation.

namespace tcpcraft {

namespace {

using enum MatrixForm;
using enum MatrixSituation;
using enum MatrixAnswer;

/// A set of enumerators.
struct Set {
    constexpr Set() = default;
    template <typename E>
    constexpr Set(std::initializer_list<E> of) {
        for (const E one : of) {
            bits |= 1U << static_cast<unsigned>(one);
        }
    }
    template <typename E>
    [[nodiscard]] constexpr bool has(E one) const noexcept {
        return (bits >> static_cast<unsigned>(one) & 1U) != 0;
    }
    unsigned bits{0};
};

constexpr Set below{empty, octet, two_below};
constexpr Set unstamped{empty_without_stamp, octet_without_stamp};
constexpr Set old{empty_old_stamp, octet_old_stamp};
constexpr Set control{plain};
constexpr Set any{empty,           octet,           empty_without_stamp, octet_without_stamp,
                  empty_old_stamp, octet_old_stamp, two_below,           plain};
constexpr Set open{established, half_closed};
constexpr Set holds_state{established, half_closed, time_wait};

struct Entry {
    Set forms{};
    Set situations{};
    MatrixAnswer answer{};
    MatrixRule rule{};
};

constexpr std::string_view step_one = "RFC 9293 §3.8.4; §3.10.7.4, first";

/// The first that fits counts.
constexpr std::array entries{
    // Outside the window: the answer says where the peer stands.
    Entry{below, holds_state, ack, {Verdict::conforms, step_one, "ACK, with the right numbers"}},
    Entry{below,
          holds_state,
          silence,
          {Verdict::no_answer, step_one,
           "no answer, though the peer answers other segments of this connection"}},
    // Without the timestamps that were agreed on: to be dropped, and never a reason to abort.
    Entry{unstamped,
          holds_state,
          silence,
          {Verdict::conforms, "RFC 7323 §3.2", "dropped in silence, as it should be"}},
    Entry{unstamped,
          holds_state,
          ack,
          {Verdict::permitted_deviation, "RFC 7323 §3.2 (SHOULD be dropped)",
           "answered, though the timestamps agreed on are missing"}},
    Entry{unstamped,
          open,
          reset,
          {Verdict::violates, "RFC 7323 §3.2 (MUST NOT abort)",
           "RST: the connection was aborted for want of timestamps"}},
    // Older than what the peer has seen: an ACK, and nothing of it is taken.
    Entry{old,
          holds_state,
          ack,
          {Verdict::conforms, "RFC 7323 §5.3, R1", "refused by its timestamp, with an ACK"}},
    Entry{old,
          holds_state,
          silence,
          {Verdict::permitted_deviation, "RFC 7323 §5.3, R1 (asks for an ACK); RFC 5961 §7",
           "dropped without the ACK that it asks for"}},
    // Nothing new, and nothing wrong: nobody has to answer.
    Entry{control,
          holds_state,
          silence,
          {Verdict::conforms, "RFC 9293 §3.10.7.4, fifth", "silence: there was nothing to answer"}},
    Entry{control,
          {time_wait},
          ack,
          {Verdict::conforms, "RFC 9293 §3.10.7.4, eighth (TIME-WAIT)",
           "ACK: in TIME-WAIT whatever comes may be answered so"}},
    Entry{control,
          open,
          ack,
          {Verdict::permitted_deviation, "RFC 9293 §3.10.7.4, fifth",
           "answered, though nothing was asked: two such would answer each other for ever, and "
           "its answers to probes prove the less"}},
    // Whoever knows the connection has no reason for a RST.
    Entry{any,
          {established},
          reset,
          {Verdict::inconclusive, "RFC 9293 §3.5.2; §3.10.7.1",
           "RST: the peer has given the connection up, or lost it"}},
    Entry{any,
          {half_closed},
          reset,
          {Verdict::inconclusive, "RFC 9293 §3.6.1",
           "RST while half-closed: its application aborted, or its TCP dropped the connection"}},
    Entry{any,
          {time_wait},
          reset,
          {Verdict::violates, "RFC 9293 §3.6.1 (MUST-13)", "RST: it does not keep TIME-WAIT"}},
    // Reset: CLOSED, or LISTEN.
    Entry{any,
          {gone},
          reset,
          {Verdict::conforms, "RFC 9293 §3.10.7.1", "RST: it knows of no such connection"}},
    Entry{any,
          {gone},
          ack,
          {Verdict::violates, "RFC 9293 §3.10.7.4, second; §3.10.7.1",
           "answered with ACK after the connection was reset, again and again"}},
    Entry{any,
          {gone},
          silence,
          {Verdict::inconclusive, "RFC 9293 §3.10.7.1",
           "no RST: a firewall that drops what it does not know, perhaps"}},
};

}  // namespace

const MatrixRule& rule_for(MatrixForm form, MatrixSituation situation,
                           MatrixAnswer answer) noexcept {
    const auto found = std::ranges::find_if(entries, [=](const Entry& entry) {
        return entry.forms.has(form) && entry.situations.has(situation) && entry.answer == answer;
    });
    assert(found != entries.end());
    return found->rule;
}

std::string_view text(MatrixForm form) noexcept {
    static constexpr std::array names{"empty",
                                      "octet",
                                      "empty-no-timestamp",
                                      "octet-no-timestamp",
                                      "empty-old-timestamp",
                                      "octet-old-timestamp",
                                      "two-below",
                                      "plain-ack"};
    return names[static_cast<std::size_t>(form)];
}

std::string_view spelled(MatrixForm form) noexcept {
    static constexpr std::array names{"0 octets",
                                      "1 octet",
                                      "0 octets, no timestamp",
                                      "1 octet, no timestamp",
                                      "0 octets, old timestamp",
                                      "1 octet, old timestamp",
                                      "0 octets at SEQ-2",
                                      "plain ACK (control)"};
    return names[static_cast<std::size_t>(form)];
}

bool needs_timestamps(MatrixForm form) noexcept { return unstamped.has(form) || old.has(form); }

std::string_view text(MatrixSituation situation) noexcept {
    static constexpr std::array names{"established", "half-closed", "time-wait", "gone"};
    return names[static_cast<std::size_t>(situation)];
}

std::string_view text(MatrixAnswer answer) noexcept {
    static constexpr std::array names{"ACK", "RST", "silence"};
    return names[static_cast<std::size_t>(answer)];
}

}  // namespace tcpcraft
