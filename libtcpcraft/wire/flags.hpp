#pragma once

#include <cstdint>
#include <initializer_list>

namespace tcpcraft {

/// The nine control bits (RFC 9293 §3.1; AE is RFC 9768's, formerly NS).
enum class Flag : std::uint16_t {
    fin = 0x001,
    syn = 0x002,
    rst = 0x004,
    psh = 0x008,
    ack = 0x010,
    urg = 0x020,
    ece = 0x040,
    cwr = 0x080,
    ae = 0x100,
};

/// A set of control bits. Every combination exists, the senseless ones too.
class Flags {
public:
    constexpr Flags() noexcept = default;
    /// These bits.
    constexpr Flags(std::initializer_list<Flag> set) noexcept {
        for (const Flag f : set) {
            bits_ = static_cast<std::uint16_t>(bits_ | static_cast<std::uint16_t>(f));
        }
    }
    /// From the wire's bits; what lies above the ninth is left out.
    [[nodiscard]] static constexpr Flags from_bits(std::uint16_t bits) noexcept {
        Flags made;
        made.bits_ = static_cast<std::uint16_t>(bits & 0x1ffU);
        return made;
    }

    /// As on the wire.
    [[nodiscard]] constexpr std::uint16_t bits() const noexcept { return bits_; }
    /// Whether it is set.
    [[nodiscard]] constexpr bool has(Flag f) const noexcept {
        return (bits_ & static_cast<std::uint16_t>(f)) != 0;
    }
    /// Whether none is set.
    [[nodiscard]] constexpr bool none() const noexcept { return bits_ == 0; }
    /// The same with this one.
    [[nodiscard]] constexpr Flags with(Flag f) const noexcept {
        return from_bits(static_cast<std::uint16_t>(bits_ | static_cast<std::uint16_t>(f)));
    }
    /// The same without this one.
    [[nodiscard]] constexpr Flags without(Flag f) const noexcept {
        return from_bits(static_cast<std::uint16_t>(bits_ & ~static_cast<unsigned>(f)));
    }

    friend constexpr bool operator==(Flags, Flags) noexcept = default;

private:
    std::uint16_t bits_{0};
};

}  // namespace tcpcraft
