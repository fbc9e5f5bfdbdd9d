#pragma once

#include <cstdint>

#include <libtcpcraft/seq/seq.hpp>

namespace tcpcraft {

/// `size` sequence numbers from `first` on.
struct SeqRange {
    Seq first{};            ///< the first of them
    std::uint32_t size{0};  ///< octets

    /// Whether it lies within.
    [[nodiscard]] constexpr bool contains(Seq s) const noexcept {
        return s.raw() - first.raw() < size;
    }
    /// One past the last.
    [[nodiscard]] constexpr Seq end() const noexcept { return first + size; }

    friend constexpr bool operator==(const SeqRange&, const SeqRange&) noexcept = default;
};

/// The acceptability test of an arriving segment (RFC 9293 §3.4 Table 5, §3.10.7.4 Table 6).
/// A segment that starts left of the window and ends right of it is not in the table; it is
/// accepted, to be trimmed, as every stack does.
constexpr bool acceptable(SeqRange segment, SeqRange window) noexcept {
    if (window.size == 0) {
        return segment.size == 0 && segment.first == window.first;
    }
    if (segment.size == 0) {
        return window.contains(segment.first);
    }
    return window.contains(segment.first) || window.contains(segment.end() - 1) ||
           segment.contains(window.first);
}

}  // namespace tcpcraft
