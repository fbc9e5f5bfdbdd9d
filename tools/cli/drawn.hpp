#pragma once

#include <sys/random.h>

namespace tcpcraft::cli {

/// A value at random, from the kernel. Zero where it has none to give.
template <typename T>
[[nodiscard]] T drawn() {
    T value{};
    if (getrandom(&value, sizeof value, 0) != static_cast<ssize_t>(sizeof value)) {
        value = T{};
    }
    return value;
}

}  // namespace tcpcraft::cli
