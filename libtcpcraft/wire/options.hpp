#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <iterator>
#include <optional>
#include <span>
#include <type_traits>
#include <variant>

#include <libtcpcraft/export.hpp>
#include <libtcpcraft/wire/option.hpp>
#include <libtcpcraft/wire/option_walk.hpp>

namespace tcpcraft {

/// The option list of one segment: at most 40 octets in wire order, padding and errors included,
/// so that reading and writing it is the identity. A value without allocation.
class TCPCRAFT_API Options {
public:
    static constexpr std::size_t capacity = 40;  ///< octets: what a header can hold

    Options() noexcept {}  // NOLINT(modernize-use-equals-default): = default would clear octets_
    /// The list as written; what does not fit in 40 octets is left out (see append()).
    template <typename... Listed>
    requires(sizeof...(Listed) > 0 && (std::is_convertible_v<const Listed&, Option> && ...))
        Options(const Listed&... list)
    noexcept {  // NOLINT(google-explicit-constructor): {A{}, B{}}
        (append(list), ...);
    }
    /// Raw octets, legal or not. More than 40 cannot stand in a header: nullopt.
    [[nodiscard]] static std::optional<Options> from_octets(
        std::span<const std::byte> octets) noexcept;

    /// False, and nothing changes, when it does not fit.
    bool append(const Option& option) noexcept;
    /// One more at the end; false, and no change, where there is no room.
    bool append(const NoOperation&) noexcept { return append_few<1>(std::uint8_t{1}); }
    /// One more at the end; false, and no change, where there is no room.
    bool append(const MaximumSegmentSize& mss) noexcept {
        return append_few<4>(std::uint32_t{0x02040000U} | mss.value);
    }
    /// One more at the end; false, and no change, where there is no room.
    bool append(const WindowScale& scale) noexcept {
        if (capacity - size_ < 3) {
            return false;
        }
        append_few<2>(std::uint16_t{0x0303});
        return append_few<1>(scale.shift);
    }
    /// One more at the end; false, and no change, where there is no room.
    bool append(const SackPermitted&) noexcept { return append_few<2>(std::uint16_t{0x0402}); }
    /// One more at the end; false, and no change, where there is no room.
    bool append(const Timestamps& stamps) noexcept {
        if (capacity - size_ < 10) {
            return false;
        }
        append_few<2>(std::uint16_t{0x080a});
        return append_few<8>(std::uint64_t{stamps.val} << 32 | stamps.ecr);
    }
    /// The same for octets as they are.
    bool append_octets(std::span<const std::byte> octets) noexcept {
        if (octets.size() > capacity - size_) {
            return false;
        }
        wire::copy_few(octets_.data() + size_, octets);
        size_ = static_cast<std::uint8_t>(size_ + octets.size());
        return true;
    }
    /// Fills up to a multiple of four with NOP octets (or EOL, as asked).
    void pad(OptionKind with = OptionKind::end_of_list) noexcept;
    /// Forgets all; the room is kept.
    void clear() noexcept { size_ = 0; }

    /// As on the wire.
    [[nodiscard]] std::span<const std::byte> octets() const noexcept {
        return std::span{octets_}.first(size_);
    }
    /// How many.
    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    /// Whether there is nothing.
    [[nodiscard]] bool empty() const noexcept { return size_ == 0; }
    /// Header octets needed: size() rounded up to a multiple of four.
    [[nodiscard]] std::size_t padded_size() const noexcept {
        return (size_ + 3U) & ~std::size_t{3};
    }

    /// Calls `visitor` with every option that iterating yields, each as its own type instead of an
    /// Option: several times quicker than iterating. The visitor may be copied.
    template <typename Visitor>
    void visit(const Visitor& visitor) const {
        wire::walk_options(octets(), visitor);
    }
    /// The first option of a type: `options.find<MaximumSegmentSize>()`.
    template <typename T>
    [[nodiscard]] std::optional<T> find() const noexcept {
        std::optional<T> found;
        visit([&found](const auto& option) {
            if constexpr (std::is_same_v<std::decay_t<decltype(option)>, T>) {
                found = found ? found : option;
            }
        });
        return found;
    }
    /// Overwrites the values of the timestamps option in place; false when there is none.
    bool set_timestamps(Timestamps value) noexcept;

    /// Goes through the options in wire order.
    class TCPCRAFT_API iterator {
    public:
        /// For algorithms.
        using iterator_category = std::input_iterator_tag;
        /// For algorithms.
        using value_type = Option;
        /// For algorithms.
        using difference_type = std::ptrdiff_t;
        /// For algorithms.
        using pointer = const Option*;
        /// For algorithms.
        using reference = const Option&;

        iterator() noexcept = default;
        /// Past the end.
        explicit iterator(std::span<const std::byte> rest) noexcept;
        /// The option here.
        const Option& operator*() const noexcept { return current_; }
        /// As its sign says.
        const Option* operator->() const noexcept { return &current_; }
        /// The next option.
        iterator& operator++() noexcept;
        /// The next option.
        void operator++(int) noexcept { ++*this; }
        /// The octets of the current option, kind and length included.
        [[nodiscard]] std::span<const std::byte> octets() const noexcept {
            return rest_.first(length_);
        }
        /// Whether both stand at the same octet.
        friend bool operator==(const iterator& a, const iterator& b) noexcept {
            return a.rest_.size() == b.rest_.size();
        }

    private:
        void read() noexcept;
        std::span<const std::byte> rest_{};
        std::size_t length_{0};
        Option current_{};
    };
    /// Walks the list; stops behind EOL (the padding after it is not yielded) or a BrokenOption.
    [[nodiscard]] iterator begin() const noexcept { return iterator{octets()}; }
    /// One past the last.
    [[nodiscard]] iterator end() const noexcept { return iterator{}; }

    /// Octet for octet.
    friend TCPCRAFT_API bool operator==(const Options& a, const Options& b) noexcept;

private:
    template <std::size_t size, typename Number>
    bool append_few(Number number) noexcept {
        static_assert(sizeof number == size);
        if (capacity - size_ < size) {
            return false;
        }
        wire::store_native(octets_.data() + size_, wire::swapped(number));
        size_ = static_cast<std::uint8_t>(size_ + size);
        return true;
    }

    // Only the first size_ octets count, and only they are ever written: every segment has such a
    // list, and most are empty.
    std::array<std::byte, capacity> octets_;
    std::uint8_t size_{0};
};

}  // namespace tcpcraft
