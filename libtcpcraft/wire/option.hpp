#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
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
    std::uint16_t value{536};  ///< octets of data
    friend bool operator==(const MaximumSegmentSize&, const MaximumSegmentSize&) = default;
};
/// Kind 3, length 3 (RFC 7323 §2.2). As on the wire: above 14 is treated as 14 by receivers.
struct WindowScale {
    std::uint8_t shift{0};  ///< 0 to 14 (RFC 7323 §2.3)
    friend bool operator==(const WindowScale&, const WindowScale&) = default;
};
/// Kind 4, length 2 (RFC 2018 §2).
struct SackPermitted {
    friend bool operator==(const SackPermitted&, const SackPermitted&) = default;
};
/// One block of kind 5: [left, right).
struct SackBlock {
    Seq left{};   ///< first octet of it
    Seq right{};  ///< one past its last octet
    friend bool operator==(const SackBlock&, const SackBlock&) = default;
};
/// Kind 5, length 8n+2, n = 1 to 4 (RFC 2018 §3).
struct Sack {
    std::array<SackBlock, 4> block{};  ///< the blocks
    std::uint8_t count{0};             ///< so many
    /// Those that there are.
    [[nodiscard]] std::span<const SackBlock> blocks() const noexcept {
        return std::span{block}.first(count);
    }
    friend bool operator==(const Sack&, const Sack&) = default;
};
/// Kind 8, length 10 (RFC 7323 §3.2): TSval and TSecr.
struct Timestamps {
    std::uint32_t val{0};  ///< TSval
    std::uint32_t ecr{0};  ///< TSecr
    friend bool operator==(const Timestamps&, const Timestamps&) = default;
};
/// Kind 34, length 2 to 18 (RFC 7413 §4.1.1): empty asks for a cookie.
struct FastOpen {
    std::span<const std::byte> cookie{};  ///< 4 to 16 octets, or none: a request (RFC 7413)
};
/// Kind 28, length 4 (RFC 5482 §3.3): 15 bits of seconds, or of minutes.
struct UserTimeout {
    bool minutes{false};     ///< the unit is minutes, not seconds
    std::uint16_t value{0};  ///< in that unit
    friend bool operator==(const UserTimeout&, const UserTimeout&) = default;
};
/// Kind 19, length 18 (RFC 2385 §3): a 16-octet digest.
struct Md5Signature {
    std::span<const std::byte> digest{};  ///< 16 octets (RFC 2385)
};
/// Kind 29, length at least 4 (RFC 5925 §2.2).
struct Authentication {
    std::uint8_t key_id{0};            ///< of the key in use (RFC 5925)
    std::uint8_t rnext_key_id{0};      ///< of the key that is wanted
    std::span<const std::byte> mac{};  ///< the message authentication code
};
/// Kind 30, length at least 3 (RFC 8684 §3): the body holds the subtype in its first four bits.
struct Multipath {
    std::span<const std::byte> body{};  ///< behind kind and length
    /// What kind of MPTCP option (RFC 8684 §3).
    [[nodiscard]] std::uint8_t subtype() const noexcept {
        return body.empty() ? std::uint8_t{0} : static_cast<std::uint8_t>(body[0] >> 4);
    }
};
/// Kinds 172 and 174, length 2, 5, 8 or 11 (RFC 9768): up to three 24-bit counters.
struct AccurateEcn {
    std::uint8_t order{0};  ///< 0: kind 172 (EE0B, ECEB, EE1B); 1: kind 174 (EE1B, ECEB, EE0B)
    std::array<std::uint32_t, 3> counter{};  ///< which octets it counts
    std::uint8_t count{0};                   ///< so many
    friend bool operator==(const AccurateEcn&, const AccurateEcn&) = default;
};
/// Any other kind, or a named kind with a length that is not its own. Body without kind and length.
struct UnknownOption {
    std::uint8_t kind{0};               ///< which of them
    std::span<const std::byte> body{};  ///< behind kind and length
};
/// From here on the list cannot be read (MUST-7): a length of 0 or 1, or beyond the end. Holds all
/// remaining octets; it is always the last.
struct BrokenOption {
    std::span<const std::byte> octets{};  ///< as on the wire
};

/// One option, as its own type.
using Option = std::variant<EndOfList, NoOperation, MaximumSegmentSize, WindowScale, SackPermitted,
                            Sack, Timestamps, FastOpen, UserTimeout, Md5Signature, Authentication,
                            Multipath, AccurateEcn, UnknownOption, BrokenOption>;

/// The kind octet of an option.
[[nodiscard]] TCPCRAFT_API std::uint8_t kind(const Option& option) noexcept;
/// Equal kind and equal octets. What is longer than 40 octets is no option and equals nothing.
[[nodiscard]] TCPCRAFT_API bool same(const Option& a, const Option& b) noexcept;

}  // namespace tcpcraft
