#pragma once

// Private: what a sink knows of each connection that it has shown.

#include <cstddef>
#include <iterator>
#include <map>

namespace tcpcraft {

inline constexpr std::size_t most_remembered = 10'000;

/// Of this connection; `T{}` when it is new. A server may show millions one after the other: of
/// more than `most_remembered` the oldest is forgotten, and begins anew if it is still there.
template <typename T>
[[nodiscard]] T& remembered(std::map<std::size_t, T>& shown, std::size_t connection) {
    T& found = shown[connection];
    if (shown.size() > most_remembered) {
        const auto oldest = shown.begin();
        shown.erase(oldest->first == connection ? std::next(oldest) : oldest);
    }
    return found;
}

}  // namespace tcpcraft
