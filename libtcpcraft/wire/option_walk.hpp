#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <variant>

#include <libtcpcraft/export.hpp>
#include <libtcpcraft/wire/octets.hpp>
#include <libtcpcraft/wire/option.hpp>

// How octets are taken apart into options, in headers because it is done for every segment: the
// compiler leaves away what a caller does not look at.

namespace tcpcraft::wire {

/// The option of a kind that few segments carry, or an UnknownOption where the length is not legal.
[[nodiscard]] TCPCRAFT_API Option read_rare_option(OptionKind kind,
                                                   std::span<const std::byte> body) noexcept;

/// Calls `take` with the option at the start of `rest`, which is not empty, and returns the octets
/// that it took. Lengths are compared with constants, not added from what was read, so that a
/// processor that predicts the kinds need not wait for each before it looks at the next.
template <typename Take>
std::size_t take_option(std::span<const std::byte> rest, const Take& take) {
    const auto kind = static_cast<OptionKind>(load8(rest, 0));
    if (kind == OptionKind::no_operation) {
        take(NoOperation{});
        return 1;
    }
    if (kind == OptionKind::end_of_list) {
        take(EndOfList{});
        return 1;
    }
    if (rest.size() < 2) {
        take(BrokenOption{rest});
        return rest.size();
    }
    const auto begins = [&](OptionKind wanted, std::size_t length) {
        return kind == wanted && load8(rest, 1) == length && rest.size() >= length;
    };
    if (begins(OptionKind::timestamps, 10)) {
        take(Timestamps{load32(rest, 2), load32(rest, 6)});
        return 10;
    }
    if (begins(OptionKind::maximum_segment_size, 4)) {
        take(MaximumSegmentSize{load16(rest, 2)});
        return 4;
    }
    if (begins(OptionKind::window_scale, 3)) {
        take(WindowScale{load8(rest, 2)});
        return 3;
    }
    if (begins(OptionKind::sack_permitted, 2)) {
        take(SackPermitted{});
        return 2;
    }
    const std::size_t length = load8(rest, 1);
    if (length < 2 || length > rest.size()) {
        take(BrokenOption{rest});
        return rest.size();
    }
    // A copy: what it captures may stay in registers where this is not reached.
    std::visit(Take{take}, read_rare_option(kind, rest.subspan(2, length - 2)));
    return length;
}

/// Calls `take` with each option; ends behind EOL or a BrokenOption.
template <typename Take>
void walk_options(std::span<const std::byte> octets, const Take& take) {
    while (!octets.empty()) {
        const bool last = load8(octets, 0) == static_cast<std::uint8_t>(OptionKind::end_of_list);
        octets = octets.subspan(take_option(octets, take));
        if (last) {
            return;
        }
    }
}

}  // namespace tcpcraft::wire
