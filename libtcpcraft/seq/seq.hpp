#pragma once

#include <cstdint>

namespace tcpcraft {

/// A sequence number. It has equality and addition but no `<`: arithmetic is modulo 2^32
/// (RFC 9293 §3.4), where order is not transitive, so it must be asked for in words.
class Seq {
public:
    /// From the wire's number.
    constexpr explicit Seq(std::uint32_t raw) noexcept : raw_{raw} {}
    constexpr Seq() noexcept = default;

    /// As on the wire, or the kernel's number.
    [[nodiscard]] constexpr std::uint32_t raw() const noexcept { return raw_; }

    friend constexpr bool operator==(Seq, Seq) noexcept = default;
    /// So many octets on, modulo 2^32.
    friend constexpr Seq operator+(Seq s, std::uint32_t n) noexcept { return Seq{s.raw_ + n}; }
    /// So many octets back, modulo 2^32.
    friend constexpr Seq operator-(Seq s, std::uint32_t n) noexcept { return Seq{s.raw_ - n}; }

private:
    std::uint32_t raw_{0};
};

/// How far `to` lies ahead of `from`, -2^31 to 2^31-1. Total: hostile numbers give an answer.
constexpr std::int32_t distance(Seq from, Seq to) noexcept {
    return static_cast<std::int32_t>(to.raw() - from.raw());
}
/// a < b
constexpr bool before(Seq a, Seq b) noexcept { return distance(a, b) > 0; }
/// a =< b
constexpr bool at_or_before(Seq a, Seq b) noexcept { return distance(a, b) >= 0; }
/// The later of two.
constexpr Seq later(Seq a, Seq b) noexcept { return before(a, b) ? b : a; }

}  // namespace tcpcraft
