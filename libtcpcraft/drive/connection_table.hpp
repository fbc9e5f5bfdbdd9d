#pragma once

// Private: very many connections, found by their four-tuple, with something kept for each.

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <libtcpcraft/drive/chunks.hpp>
#include <libtcpcraft/drive/connection_key.hpp>

namespace tcpcraft {

/// A connection is a small number here, its index: it stays the same from insert() to erase(), and
/// goes to another one afterwards. Finding one by its four-tuple looks into an index with open
/// addressing (4 octets an entry, filled up to three quarters) by a hash with a key. A connection
/// costs a T, 16 octets of key (IPv6: 56) and 5 to 11 of index. Nothing moves when the table grows,
/// and only growing allocates. No peer can make it slow; with an equal key equal runs are equal.
template <typename T>
class ConnectionTable {
public:
    static constexpr std::uint32_t none = UINT32_MAX;
    /// More do not fit in.
    static constexpr std::uint32_t most = (std::uint32_t{1} << 24U) - 2;

    explicit ConnectionTable(const HashKey& key) : hash_key_{key} {}

    /// `none` where it is not there. Zones take no part.
    [[nodiscard]] std::uint32_t find(const ConnectionId& id) const noexcept {
        return entries_.empty() ? none : found(entries_[place_of(id)]);
    }
    /// The index of a new one, with `T{}`; `none` when there are `most`. It must not be there yet.
    [[nodiscard]] std::uint32_t insert(const ConnectionId& id) {
        assert(find(id) == none);
        if (size_ == most) {
            return none;
        }
        if ((size_ + 1) * 4 > entries_.size() * 3) {
            grow();
        }
        const std::uint32_t index = free_ == none ? used_++ : free_;
        slots_.reach(index);
        Slot& slot = slots_[index];
        free_ = index == free_ ? slot.key.local : free_;
        slot.key = keys_.put(id);
        enter(index, keyed_hash(id, hash_key_));
        ++size_;
        return index;
    }
    void erase(std::uint32_t index) {
        assert(holds(index));
        close_gap(place_of(id(index)));
        Slot& slot = slots_[index];
        keys_.take(slot.key);
        slot.value = T{};
        slot.key = {.local = free_};
        free_ = index;
        --size_;
    }

    [[nodiscard]] T& operator[](std::uint32_t index) noexcept { return slots_[index].value; }
    [[nodiscard]] const T& operator[](std::uint32_t index) const noexcept {
        return slots_[index].value;
    }
    /// As it was inserted, zones included.
    [[nodiscard]] ConnectionId id(std::uint32_t index) const noexcept {
        return keys_.id(slots_[index].key);
    }
    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    /// Every index that holds one is below; to go through all of them.
    [[nodiscard]] std::uint32_t end() const noexcept { return used_; }
    [[nodiscard]] bool holds(std::uint32_t index) const noexcept {
        return index < used_ && slots_[index].key.kind != ConnectionKey::Kind::free;
    }

    struct Slot {
        ConnectionKey key{};
        T value{};
    };

private:
    // An entry: 0, or 1 + the index and above that 8 bits of the hash, so that hardly ever a slot
    // is looked at in vain.
    static constexpr unsigned index_bits = 24;
    static constexpr std::uint32_t index_mask = (std::uint32_t{1} << index_bits) - 1;
    static constexpr std::size_t least_entries = 64;

    [[nodiscard]] static std::uint32_t tag_of(std::uint64_t hash) noexcept {
        return static_cast<std::uint32_t>(hash >> 56U) << index_bits;
    }
    [[nodiscard]] static std::uint32_t found(std::uint32_t entry) noexcept {
        return entry == 0 ? none : (entry & index_mask) - 1;
    }
    [[nodiscard]] std::size_t mask() const noexcept { return entries_.size() - 1; }

    /// Where its entry stands, or an empty one.
    [[nodiscard]] std::size_t place_of(const ConnectionId& id) const noexcept {
        const std::uint64_t hash = keyed_hash(id, hash_key_);
        std::size_t at = hash & mask();
        while (entries_[at] != 0 && ((entries_[at] & ~index_mask) != tag_of(hash) ||
                                     !keys_.same(slots_[found(entries_[at])].key, id))) {
            at = (at + 1) & mask();
        }
        return at;
    }
    void enter(std::uint32_t index, std::uint64_t hash) noexcept {
        std::size_t at = hash & mask();
        while (entries_[at] != 0) {
            at = (at + 1) & mask();
        }
        entries_[at] = tag_of(hash) | (index + 1);
    }
    /// What would not be found any more behind an empty entry moves into it.
    void close_gap(std::size_t gap) noexcept {
        for (std::size_t at = (gap + 1) & mask(); entries_[at] != 0; at = (at + 1) & mask()) {
            const std::size_t home = keyed_hash(id(found(entries_[at])), hash_key_) & mask();
            if (((at - home) & mask()) >= ((at - gap) & mask())) {
                entries_[gap] = entries_[at];
                gap = at;
            }
        }
        entries_[gap] = 0;
    }
    // The old entries go first: everything is in the slots.
    void grow() {
        const std::size_t wanted = entries_.empty() ? least_entries : entries_.size() * 2;
        std::vector<std::uint32_t>{}.swap(entries_);
        entries_.resize(wanted);
        for (std::uint32_t index = 0; index < used_; ++index) {
            if (holds(index)) {
                enter(index, keyed_hash(id(index), hash_key_));
            }
        }
    }

    HashKey hash_key_;
    std::vector<std::uint32_t> entries_{};
    ConnectionKeys keys_{};
    Chunks<Slot> slots_{};
    std::uint32_t used_{0};  ///< slots that ever held one
    std::uint32_t free_{none};
    std::uint32_t size_{0};
};

}  // namespace tcpcraft
