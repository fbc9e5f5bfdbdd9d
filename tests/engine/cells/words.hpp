#pragma once

#include <string>
#include <string_view>

#include <libtcpcraft/engine/action.hpp>

namespace tcpcraft::cells {

/// Initial sequence numbers of both sides.
struct Origins {
    Seq iss{};
    Seq irs{};
};

/// `-5` as the notation has it, modulo 2^32.
[[nodiscard]] std::string with_negative_numbers(std::string_view notation);

/// An action as the lines of a cell have it. A SYN with another ISS than the one given to OPEN has
/// `?` for its number.
[[nodiscard]] std::string in_words(const Action& action, const Origins& origins);

/// Rule::none for Deliver, which has none.
[[nodiscard]] Rule rule_of(const Action& action);

}  // namespace tcpcraft::cells
