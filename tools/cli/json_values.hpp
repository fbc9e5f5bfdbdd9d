#pragma once

#include <optional>
#include <string>

#include <nlohmann/json.hpp>

#include <libtcpcraft/base/time.hpp>

// Heavy for nlohmann/json.hpp: for sources that write JSON only.

namespace tcpcraft::cli {

/// The text of a value; what is no UTF-8 in it (names are typed, and come from files) becomes
/// U+FFFD.
[[nodiscard]] inline std::string dumped(const nlohmann::ordered_json& value) {
    return value.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

template <typename T>
[[nodiscard]] nlohmann::ordered_json or_null(const std::optional<T>& value) {
    return value ? nlohmann::ordered_json(*value) : nlohmann::ordered_json(nullptr);
}

/// In seconds.
[[nodiscard]] inline nlohmann::ordered_json or_null(const std::optional<Duration>& length) {
    return length ? nlohmann::ordered_json(seconds(*length)) : nlohmann::ordered_json(nullptr);
}

/// An empty text is none.
[[nodiscard]] inline nlohmann::ordered_json or_null(const std::string& text) {
    return text.empty() ? nlohmann::ordered_json(nullptr) : nlohmann::ordered_json(text);
}

}  // namespace tcpcraft::cli
