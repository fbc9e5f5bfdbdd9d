#pragma once

// Private: the deadlines of very many connections.

#include <array>
#include <cstddef>
#include <cstdint>

#include <libtcpcraft/base/time.hpp>
#include <libtcpcraft/drive/chunks.hpp>

namespace tcpcraft {

/// A hierarchical timing wheel (Varghese and Lauck) over small numbers, such as the indices of a
/// ConnectionTable: it says whom to look at, and when; the deadlines themselves stay where they
/// belong. They are met to the microsecond. All calls but the first arm() of an index are O(1) and
/// allocate nothing; an index costs 12 octets.
///
/// A deadline that moves into the future costs nothing: the entry stays, comes up at its old time,
/// is found not to be due and is armed again. Neither is due what lies more than 35 minutes ahead
/// and comes up by then. So whoever takes an index looks at its deadline:
///
///     wheel.arm(index, deadline);                    // whenever the deadline has changed
///     while ((index = wheel.take_due(now)) != DeadlineWheel::none) {  // taken out of the wheel
///         if (deadline_of(index) > now) { wheel.arm(index, deadline_of(index)); }
///         else { … }
///     }
class DeadlineWheel {
public:
    static constexpr std::uint32_t none = UINT32_MAX;
    static constexpr std::uint32_t most = UINT32_MAX / 2;  ///< indices are below

    DeadlineWheel() noexcept;

    /// The index comes up at `when` or before. `never` takes nothing away: use cancel().
    void arm(std::uint32_t index, Instant when);
    /// It does not come up any more. Nothing happens where it is not armed.
    void cancel(std::uint32_t index) noexcept;
    /// The next index that has to be looked at by `now`, taken out; `none` when there is no other.
    /// Time never runs backwards; it may jump.
    [[nodiscard]] std::uint32_t take_due(Instant now) noexcept;
    /// When to call take_due() next; `never` when nothing is armed. It may yield nothing then:
    /// what lies ahead is kept roughly.
    [[nodiscard]] Instant next() const noexcept;
    [[nodiscard]] std::size_t size() const noexcept { return size_; }

    struct Entry {
        std::uint32_t next{none};
        std::uint32_t previous{none};
    };

private:
    static constexpr unsigned digit_bits = 8;
    static constexpr unsigned levels = 8;
    static constexpr std::size_t buckets = std::size_t{1} << digit_bits;
    /// What is farther off comes up at this distance, and is armed again.
    static constexpr std::uint64_t horizon = UINT32_MAX / 2;
    static constexpr std::uint32_t not_armed = 0;
    static constexpr std::uint32_t is_bucket = std::uint32_t{1} << 31U;

    [[nodiscard]] Entry& at(std::uint32_t link) noexcept;
    [[nodiscard]] std::uint64_t due_of(Instant when) const noexcept;
    [[nodiscard]] std::uint64_t due_of(std::uint32_t index) const noexcept;
    [[nodiscard]] bool armed(std::uint32_t index) const noexcept {
        return index < dues_.size() && dues_[index] != not_armed;
    }
    void link(std::uint32_t index, std::uint64_t due) noexcept;
    void unlink(std::uint32_t index) noexcept;
    [[nodiscard]] std::uint64_t first() const noexcept;
    [[nodiscard]] bool occupied(unsigned level, std::size_t bucket) const noexcept;
    [[nodiscard]] std::size_t next_occupied(unsigned level, std::size_t from) const noexcept;
    void mark(std::uint32_t bucket, bool occupied) noexcept;
    void enter(std::uint64_t reached) noexcept;
    void spread(std::uint32_t bucket) noexcept;

    std::uint64_t now_{0};  ///< microseconds; nothing armed lies before
    std::size_t size_{0};
    std::array<std::array<std::uint64_t, buckets / 64>, levels> occupied_{};
    std::array<Entry, levels * buckets> heads_{};  ///< each a ring with its entries
    Chunks<Entry> entries_{};
    /// Low 32 bits; apart, since most calls of arm() look at nothing else.
    Chunks<std::uint32_t> dues_{};
};

}  // namespace tcpcraft
