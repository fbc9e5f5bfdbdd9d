#pragma once

#include <charconv>
#include <cstdint>
#include <optional>
#include <string_view>

namespace tcpcraft::cli {

/// Decimal, or hexadecimal behind 0x; nothing else around it.
[[nodiscard]] inline std::optional<std::uint64_t> read_number(std::string_view text) {
    const bool hex = text.starts_with("0x") || text.starts_with("0X");
    const std::string_view digits = hex ? text.substr(2) : text;
    std::uint64_t value{0};
    const auto read =
        std::from_chars(digits.data(), digits.data() + digits.size(), value, hex ? 16 : 10);
    if (digits.empty() || read.ec != std::errc{} || read.ptr != digits.data() + digits.size()) {
        return std::nullopt;
    }
    return value;
}

}  // namespace tcpcraft::cli
