#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace tcpcraft::test {

/// `octets("45 00 ff")`: spaces are for the reader only.
[[nodiscard]] inline std::vector<std::byte> octets(std::string_view hex) {
    std::vector<std::byte> made;
    bool half = false;
    for (const char c : hex) {
        if (c == ' ') {
            continue;
        }
        const auto digit = static_cast<std::byte>(c <= '9' ? c - '0' : c - 'a' + 10);
        if (half) {
            made.back() = made.back() << 4 | digit;
        } else {
            made.push_back(digit);
        }
        half = !half;
    }
    return made;
}

}  // namespace tcpcraft::test
