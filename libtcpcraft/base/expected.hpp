#pragma once

#include <tl/expected.hpp>

#include <libtcpcraft/base/error.hpp>

namespace tcpcraft {

/// A value, or why there is none. One name for it, so that the day the standard has it only this
/// header changes.
template <typename T, typename E = Error>
using Expected = tl::expected<T, E>;

/// Why there is no value.
template <typename E>
using Unexpected = tl::unexpected<E>;

/// `return failure(code, "what was attempted: what came of it");`
[[nodiscard]] inline Unexpected<Error> failure(std::error_code code, std::string attempt) {
    return Unexpected<Error>{Error{code, std::move(attempt)}};
}

}  // namespace tcpcraft
