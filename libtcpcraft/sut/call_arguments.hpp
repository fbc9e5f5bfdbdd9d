#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include <libtcpcraft/script/script.hpp>

// Private: what the arguments of a script's socket calls stand for.

namespace tcpcraft {

/// The number that a value stands for; nothing where it is none.
[[nodiscard]] std::optional<std::int64_t> number_of(const ScriptValue& value);

[[nodiscard]] std::int64_t number_at(const ScriptCall& call, std::size_t index,
                                     std::int64_t otherwise = 0);

/// `{fd=3, events=POLLIN}`: the number behind `name=`.
[[nodiscard]] std::optional<std::int64_t> member_number(const ScriptValue& structure,
                                                        std::string_view name);

/// The octets of an option's value: [1], {onoff=1, linger=0}, "cubic".
[[nodiscard]] std::vector<std::byte> option_octets(const ScriptValue& value);

}  // namespace tcpcraft
