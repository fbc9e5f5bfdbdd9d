#pragma once

#include <cstdint>

#include <libtcpcraft/base/time.hpp>
#include <libtcpcraft/export.hpp>

namespace tcpcraft {

/// So many beginnings in a second, evenly: a value that is told the time. A short delay is made up
/// for, so that the rate holds however late the caller comes to look; a longer one is not, so that
/// nothing is flooded after a pause.
class TCPCRAFT_API Pace {
public:
    /// How much of a delay is made up for.
    static constexpr Duration made_up_for{std::chrono::milliseconds{100}};

    /// The first may begin at `from`. `a_second` is more than 0.
    explicit Pace(double a_second, Instant from = {}) noexcept : a_second_{a_second}, base_{from} {}

    /// When the next may begin: never earlier than the rate allows, rounded up to a microsecond.
    [[nodiscard]] Instant next() const noexcept;
    /// How many may begin by now.
    [[nodiscard]] bool due(Instant now) const noexcept { return next() <= now; }
    /// One has begun.
    void begun() noexcept { ++count_; }
    /// What is further behind than made_up_for is let go. To be called before due() is asked.
    void catch_up(Instant now) noexcept;
    /// So many in a second.
    [[nodiscard]] double rate() const noexcept { return a_second_; }

private:
    double a_second_;
    Instant base_;
    std::uint64_t count_{0};  ///< since base_
};

}  // namespace tcpcraft
