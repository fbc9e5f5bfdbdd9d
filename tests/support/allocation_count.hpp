#pragma once

#include <cstddef>

namespace tcpcraft::test {

/// Calls of operator new so far in this thread. A program that asks for it has its operator new
/// replaced by a counting one.
[[nodiscard]] std::size_t allocation_count() noexcept;

}  // namespace tcpcraft::test
