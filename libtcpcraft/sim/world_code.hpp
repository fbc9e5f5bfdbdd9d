#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include <libtcpcraft/sim/fingerprints.hpp>
#include <libtcpcraft/sim/world.hpp>

// Private: a normalised world as octets and back. What is not in the octets cannot have an effect
// on anything that follows, because worlds are made anew from them.

namespace tcpcraft {

/// Octets at the front of each code that hold the budget.
inline constexpr std::size_t budget_octets = 4;

/// Appends the code of `world`; gives its length, a multiple of eight.
std::size_t append_code(const World& world, std::vector<std::byte>& code);
/// The world of a code; reuses the memory of `world`.
void read_code(std::span<const std::byte> code, const Setting& setting, World& world);

[[nodiscard]] Fingerprint fingerprint(std::span<const std::byte> code) noexcept;
/// The same for all worlds that differ only in what may still go wrong.
[[nodiscard]] Fingerprint fingerprint_without_budget(std::span<const std::byte> code) noexcept;

}  // namespace tcpcraft
