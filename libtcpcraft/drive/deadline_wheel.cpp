#include <algorithm>
#include <bit>
#include <cassert>

#include <libtcpcraft/drive/deadline_wheel.hpp>

// An entry stands on the level of the highest digit (of 8 bits) in which its microsecond differs
// from the wheel's, in the bucket of that digit. When the wheel enters the span of a bucket, its
// entries move to lower levels. So of what is armed, everything on one level comes before
// everything on the next, and a bucket's digit is above the wheel's.

namespace tcpcraft {

namespace {

constexpr std::uint64_t nothing = UINT64_MAX;

std::uint64_t microseconds(Instant when) noexcept {
    return static_cast<std::uint64_t>(std::max<Duration::rep>(when.time_since_epoch().count(), 0));
}

}  // namespace

DeadlineWheel::DeadlineWheel() noexcept {
    for (std::uint32_t bucket = 0; bucket < heads_.size(); ++bucket) {
        heads_[bucket] = {bucket | is_bucket, bucket | is_bucket};
    }
}

DeadlineWheel::Entry& DeadlineWheel::at(std::uint32_t link) noexcept {
    return (link & is_bucket) != 0 ? heads_[link & ~is_bucket] : entries_[link];
}

// Into what can be armed; a microsecond late where the low bits would say that it is not.
std::uint64_t DeadlineWheel::due_of(Instant when) const noexcept {
    const std::uint64_t due = std::clamp(microseconds(when), now_, now_ + horizon);
    return static_cast<std::uint32_t>(due) == not_armed ? due + 1 : due;
}

std::uint64_t DeadlineWheel::due_of(std::uint32_t index) const noexcept {
    return now_ + (dues_[index] - static_cast<std::uint32_t>(now_));
}

void DeadlineWheel::arm(std::uint32_t index, Instant when) {
    assert(index < most);
    if (when == never) {
        return;
    }
    const std::uint64_t due = due_of(when);
    if (armed(index)) {
        if (due_of(index) <= due) {
            return;
        }
        unlink(index);
    }
    entries_.reach(index);
    dues_.reach(index);
    link(index, due);
}

void DeadlineWheel::cancel(std::uint32_t index) noexcept {
    if (armed(index)) {
        unlink(index);
    }
}

void DeadlineWheel::link(std::uint32_t index, std::uint64_t due) noexcept {
    const std::uint64_t differs = due ^ now_;
    const unsigned level =
        differs == 0 ? 0 : (static_cast<unsigned>(std::bit_width(differs)) - 1) / digit_bits;
    assert(level < levels);
    const std::uint64_t digit = (due >> (level * digit_bits)) % buckets;
    const auto bucket = static_cast<std::uint32_t>(level * buckets + digit);
    Entry& head = heads_[bucket];
    entries_[index] = {bucket | is_bucket, head.previous};
    dues_[index] = static_cast<std::uint32_t>(due);
    at(head.previous).next = index;
    head.previous = index;
    mark(bucket, true);
    ++size_;
}

void DeadlineWheel::unlink(std::uint32_t index) noexcept {
    Entry& entry = entries_[index];
    at(entry.previous).next = entry.next;
    at(entry.next).previous = entry.previous;
    if (entry.next == entry.previous) {  // the head, which is alone now
        mark(entry.next & ~is_bucket, false);
    }
    dues_[index] = not_armed;
    --size_;
}

void DeadlineWheel::mark(std::uint32_t bucket, bool occupied) noexcept {
    std::uint64_t& word = occupied_[bucket / buckets][bucket % buckets / 64];
    const std::uint64_t bit = std::uint64_t{1} << (bucket % 64);
    word = occupied ? word | bit : word & ~bit;
}

bool DeadlineWheel::occupied(unsigned level, std::size_t bucket) const noexcept {
    return (occupied_[level][bucket / 64] >> (bucket % 64) & 1U) != 0;
}

std::size_t DeadlineWheel::next_occupied(unsigned level, std::size_t from) const noexcept {
    for (std::size_t word = from / 64; word < buckets / 64; ++word) {
        std::uint64_t bits = occupied_[level][word];
        if (word == from / 64) {
            bits &= ~std::uint64_t{0} << (from % 64);
        }
        if (bits != 0) {
            return word * 64 + static_cast<std::size_t>(std::countr_zero(bits));
        }
    }
    return buckets;
}

// Of a bucket that lies far off: where its span begins.
std::uint64_t DeadlineWheel::first() const noexcept {
    for (unsigned level = 0; level < levels; ++level) {
        const unsigned shift = level * digit_bits;
        const std::size_t found = next_occupied(level, (now_ >> shift) % buckets);
        if (found != buckets) {
            const std::uint64_t above = (now_ >> shift) & ~std::uint64_t{buckets - 1};
            return (above | found) << shift;
        }
    }
    return nothing;
}

Instant DeadlineWheel::next() const noexcept {
    const std::uint64_t found = first();
    return found == nothing ? never : Instant{Duration{static_cast<Duration::rep>(found)}};
}

std::uint32_t DeadlineWheel::take_due(Instant now) noexcept {
    const std::uint64_t until = microseconds(now);
    assert(until >= now_);
    for (std::uint64_t found = first(); found <= until; found = first()) {
        enter(found);
        if (const auto bucket = static_cast<std::uint32_t>(now_ % buckets); occupied(0, bucket)) {
            const std::uint32_t index = heads_[bucket].next;
            unlink(index);
            return index;
        }
    }
    now_ = std::max(now_, until);
    return none;
}

// The higher levels first: what they hold may have to go to the lower ones' buckets of that time.
void DeadlineWheel::enter(std::uint64_t reached) noexcept {
    now_ = reached;
    for (unsigned level = levels - 1; level > 0; --level) {
        const std::size_t digit = (reached >> (level * digit_bits)) % buckets;
        if (occupied(level, digit)) {
            spread(static_cast<std::uint32_t>(level * buckets + digit));
        }
    }
}

void DeadlineWheel::spread(std::uint32_t bucket) noexcept {
    while (heads_[bucket].next != (bucket | is_bucket)) {
        const std::uint32_t index = heads_[bucket].next;
        const std::uint64_t due = due_of(index);
        unlink(index);
        link(index, due);
    }
}

}  // namespace tcpcraft
