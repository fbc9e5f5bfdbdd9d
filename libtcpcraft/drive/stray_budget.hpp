#pragma once

#include <cstddef>
#include <utility>

#include <libtcpcraft/base/time.hpp>

namespace tcpcraft {

/// How many segments that do not belong are looked at: a few in a second. Whoever sends thousands
/// fills no trace, and gets no more answers than these.
class StrayBudget {
public:
    static constexpr std::size_t in_a_second = 10;  ///< so many are told

    /// False for one that is only counted.
    [[nodiscard]] bool allows(Instant now) noexcept {
        if (now - since_ >= std::chrono::seconds{1}) {
            since_ = now;
            looked_at_ = 0;
        }
        ++total_;
        if (looked_at_ < in_a_second) {
            ++looked_at_;
            return true;
        }
        ++untold_;
        return false;
    }
    /// Whether a second is over in which some were only counted.
    [[nodiscard]] bool tells(Instant now) const noexcept {
        return untold_ != 0 && now - since_ >= std::chrono::seconds{1};
    }
    /// Those that were only counted since this was asked last.
    [[nodiscard]] std::size_t take_untold() noexcept { return std::exchange(untold_, 0); }
    /// All, also those that were looked at.
    [[nodiscard]] std::size_t total() const noexcept { return total_; }

private:
    Instant since_{};
    std::size_t looked_at_{0};
    std::size_t untold_{0};
    std::size_t total_{0};
};

}  // namespace tcpcraft
