#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include <libtcpcraft/base/time.hpp>
#include <libtcpcraft/export.hpp>

namespace tcpcraft {

/// How very many lengths of time are spread, without keeping them: counts in classes whose width
/// grows with the length, 64 to a doubling. The least and the most are exact, a quantile is at most
/// 1.6 % too large.
class TCPCRAFT_API Spread {
public:
    /// Takes in one more.
    void add(Duration length) noexcept;
    /// How many.
    [[nodiscard]] std::uint64_t count() const noexcept { return count_; }
    /// Unset while nothing has been added.
    [[nodiscard]] std::optional<Duration> least() const noexcept;
    /// The largest.
    [[nodiscard]] std::optional<Duration> most() const noexcept;
    /// The smallest length that `part` of all (0 to 1) do not exceed: 0.5 is the median.
    [[nodiscard]] std::optional<Duration> quantile(double part) const noexcept;

private:
    static constexpr unsigned bits = 6;
    static constexpr std::size_t classes = std::size_t{64} << bits;

    [[nodiscard]] static std::size_t class_of(std::uint64_t microseconds) noexcept;
    [[nodiscard]] static std::uint64_t largest_of(std::size_t index) noexcept;

    std::uint64_t count_{0};
    std::uint64_t least_{0};
    std::uint64_t most_{0};
    std::array<std::uint64_t, classes> of_{};
};

}  // namespace tcpcraft
