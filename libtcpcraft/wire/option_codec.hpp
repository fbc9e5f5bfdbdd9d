#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include <libtcpcraft/wire/options.hpp>

namespace tcpcraft::wire {

/// The octets of one option. `fits` is false when they would be more than a header can hold.
struct EncodedOption {
    std::array<std::byte, Options::capacity> room{};
    std::size_t size{0};
    bool fits{true};

    [[nodiscard]] std::span<const std::byte> octets() const noexcept {
        return std::span{room}.first(size);
    }
};

[[nodiscard]] EncodedOption encode(const Option& option) noexcept;

}  // namespace tcpcraft::wire
