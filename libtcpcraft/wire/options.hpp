#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <iterator>
#include <optional>
#include <span>
#include <variant>

#include <libtcpcraft/export.hpp>
#include <libtcpcraft/seq/seq.hpp>

namespace tcpcraft {

/// Kinds of TCP options that have a name here (RFC 9293 §3.2 and the IANA registry).
enum class OptionKind : std::uint8_t {
    end_of_list = 0,
    no_operation = 1,
    maximum_segment_size = 2,
    window_scale = 3,
    sack_permitted = 4,
    sack = 5,
    timestamps = 8,
    md5_signature = 19,
    user_timeout = 28,
    authentication = 29,
    multipath = 30,
    fast_open = 34,
    accurate_ecn_0 = 172,
    accurate_ecn_1 = 174,
};

// Each named option with its legal length; any other length of the same kind is an UnknownOption.
// Spans are views of the Options they were read from.

/// Kind 0 (RFC 9293 §3.2). What follows it is padding.
struct EndOfList {
    friend bool operator==(const EndOfList&, const EndOfList&) = default;
};
/// Kind 1 (RFC 9293 §3.2).
struct NoOperation {
    friend bool operator==(const NoOperation&, const NoOperation&) = default;
};
/// Kind 2, length 4 (RFC 9293 §3.7.1): octets of data the sender of this option can receive.
struct MaximumSegmentSize {
    std::uint16_t value{536};
    friend bool operator==(const MaximumSegmentSize&, const MaximumSegmentSize&) = default;
};
/// Kind 3, length 3 (RFC 7323 §2.2). As on the wire: above 14 is treated as 14 by receivers.
struct WindowScale {
    std::uint8_t shift{0};
    friend bool operator==(const WindowScale&, const WindowScale&) = default;
};
/// Kind 4, length 2 (RFC 2018 §2).
struct SackPermitted {
    friend bool operator==(const SackPermitted&, const SackPermitted&) = default;
};
/// One block of kind 5: [left, right).
struct SackBlock {
    Seq left{};
    Seq right{};
    friend bool operator==(const SackBlock&, const SackBlock&) = default;
};
/// Kind 5, length 8n+2, n = 1 to 4 (RFC 2018 §3).
struct Sack {
    std::array<SackBlock, 4> block{};
    std::uint8_t count{0};
    [[nodiscard]] std::span<const SackBlock> blocks() const noexcept {
        return std::span{block}.first(count);
    }
    friend bool operator==(const Sack&, const Sack&) = default;
};
/// Kind 8, length 10 (RFC 7323 §3.2): TSval and TSecr.
struct Timestamps {
    std::uint32_t val{0};
    std::uint32_t ecr{0};
    friend bool operator==(const Timestamps&, const Timestamps&) = default;
};
/// Kind 34, length 2 to 18 (RFC 7413 §4.1.1): empty asks for a cookie.
struct FastOpen {
    std::span<const std::byte> cookie{};
};
/// Kind 28, length 4 (RFC 5482 §3.3): 15 bits of seconds, or of minutes.
struct UserTimeout {
    bool minutes{false};
    std::uint16_t value{0};
    friend bool operator==(const UserTimeout&, const UserTimeout&) = default;
};
/// Kind 19, length 18 (RFC 2385 §3): a 16-octet digest.
struct Md5Signature {
    std::span<const std::byte> digest{};
};
/// Kind 29, length at least 4 (RFC 5925 §2.2).
struct Authentication {
    std::uint8_t key_id{0};
    std::uint8_t rnext_key_id{0};
    std::span<const std::byte> mac{};
};
/// Kind 30, length at least 3 (RFC 8684 §3): the body holds the subtype in its first four bits.
struct Multipath {
    std::span<const std::byte> body{};
    [[nodiscard]] std::uint8_t subtype() const noexcept {
        return body.empty() ? std::uint8_t{0} : static_cast<std::uint8_t>(body[0] >> 4);
    }
};
/// Kinds 172 and 174, length 2, 5, 8 or 11 (RFC 9768): up to three 24-bit counters.
struct AccurateEcn {
    std::uint8_t order{0};  ///< 0: kind 172 (EE0B, ECEB, EE1B); 1: kind 174 (EE1B, ECEB, EE0B)
    std::array<std::uint32_t, 3> counter{};
    std::uint8_t count{0};
    friend bool operator==(const AccurateEcn&, const AccurateEcn&) = default;
};
/// Any other kind, or a named kind with a length that is not its own. Body without kind and length.
struct UnknownOption {
    std::uint8_t kind{0};
    std::span<const std::byte> body{};
};
/// From here on the list cannot be read (MUST-7): a length of 0 or 1, or beyond the end. Holds all
/// remaining octets; it is always the last.
struct BrokenOption {
    std::span<const std::byte> octets{};
};

using Option = std::variant<EndOfList, NoOperation, MaximumSegmentSize, WindowScale, SackPermitted,
                            Sack, Timestamps, FastOpen, UserTimeout, Md5Signature, Authentication,
                            Multipath, AccurateEcn, UnknownOption, BrokenOption>;

/// The kind octet of an option.
[[nodiscard]] TCPCRAFT_API std::uint8_t kind(const Option& option) noexcept;
/// Equal kind and equal octets. What is longer than 40 octets is no option and equals nothing.
[[nodiscard]] TCPCRAFT_API bool same(const Option& a, const Option& b) noexcept;

/// The option list of one segment: at most 40 octets in wire order, padding and errors included,
/// so that reading and writing it is the identity. A value without allocation.
class TCPCRAFT_API Options {
public:
    static constexpr std::size_t capacity = 40;

    Options() noexcept = default;
    /// The list as written; what does not fit in 40 octets is left out (see append()).
    Options(std::initializer_list<Option> list) noexcept;
    /// Raw octets, legal or not. More than 40 cannot stand in a header: nullopt.
    [[nodiscard]] static std::optional<Options> from_octets(
        std::span<const std::byte> octets) noexcept;

    /// False, and nothing changes, when it does not fit.
    bool append(const Option& option) noexcept;
    bool append_octets(std::span<const std::byte> octets) noexcept;
    /// Fills up to a multiple of four with NOP octets (or EOL, as asked).
    void pad(OptionKind with = OptionKind::end_of_list) noexcept;
    void clear() noexcept { size_ = 0; }

    [[nodiscard]] std::span<const std::byte> octets() const noexcept {
        return std::span{octets_}.first(size_);
    }
    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    [[nodiscard]] bool empty() const noexcept { return size_ == 0; }
    /// Header octets needed: size() rounded up to a multiple of four.
    [[nodiscard]] std::size_t padded_size() const noexcept {
        return (size_ + 3U) & ~std::size_t{3};
    }

    /// The first option of a type: `options.find<MaximumSegmentSize>()`.
    template <typename T>
    [[nodiscard]] std::optional<T> find() const noexcept {
        for (const Option& option : *this) {
            if (const T* found = std::get_if<T>(&option)) {
                return *found;
            }
        }
        return std::nullopt;
    }
    /// Overwrites the values of the timestamps option in place; false when there is none.
    bool set_timestamps(Timestamps value) noexcept;

    class TCPCRAFT_API iterator {
    public:
        using iterator_category = std::input_iterator_tag;
        using value_type = Option;
        using difference_type = std::ptrdiff_t;
        using pointer = const Option*;
        using reference = const Option&;

        iterator() noexcept = default;
        explicit iterator(std::span<const std::byte> rest) noexcept;
        const Option& operator*() const noexcept { return current_; }
        const Option* operator->() const noexcept { return &current_; }
        iterator& operator++() noexcept;
        void operator++(int) noexcept { ++*this; }
        /// The octets of the current option, kind and length included.
        [[nodiscard]] std::span<const std::byte> octets() const noexcept {
            return rest_.first(length_);
        }
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
    [[nodiscard]] iterator end() const noexcept { return iterator{}; }

    friend TCPCRAFT_API bool operator==(const Options& a, const Options& b) noexcept;

private:
    std::array<std::byte, capacity> octets_{};
    std::uint8_t size_{0};
};

}  // namespace tcpcraft
