#include <cmath>

#include <libtcpcraft/drive/pace.hpp>

namespace tcpcraft {

// Counted from the base, not from one to the next: rounding does not add up.
Instant Pace::next() const noexcept {
    const double after = std::ceil(static_cast<double>(count_) * 1e6 / a_second_);
    return base_ + Duration{static_cast<Duration::rep>(after)};
}

void Pace::catch_up(Instant now) noexcept {
    if (now - next() > made_up_for) {
        base_ = now - made_up_for;
        count_ = 0;
    }
}

}  // namespace tcpcraft
