#include <algorithm>
#include <bit>
#include <cmath>

#include <libtcpcraft/drive/spread.hpp>

namespace tcpcraft {

namespace {

std::optional<Duration> known(std::uint64_t count, std::uint64_t microseconds) {
    return count == 0 ? std::nullopt
                      : std::optional{Duration{static_cast<Duration::rep>(microseconds)}};
}

}  // namespace

// Below 2^bits each value has a class of its own; above, the leading bits and the octave say which.
std::size_t Spread::class_of(std::uint64_t microseconds) noexcept {
    if (microseconds >> bits == 0) {
        return microseconds;
    }
    const auto octave = static_cast<unsigned>(std::bit_width(microseconds)) - bits;
    const std::uint64_t leading = microseconds >> (octave - 1);  // 2^bits .. 2^(bits+1) - 1
    return (std::size_t{octave - 1} << bits) + leading;
}

std::uint64_t Spread::largest_of(std::size_t index) noexcept {
    if (index >> (bits + 1) == 0) {
        return index;
    }
    const std::size_t shift = (index >> bits) - 1;
    const std::uint64_t leading = index - (shift << bits);
    return ((leading + 1) << shift) - 1;
}

void Spread::add(Duration length) noexcept {
    const auto microseconds =
        static_cast<std::uint64_t>(std::max<Duration::rep>(0, length.count()));
    least_ = count_ == 0 ? microseconds : std::min(least_, microseconds);
    most_ = std::max(most_, microseconds);
    ++count_;
    ++of_[class_of(microseconds)];
}

std::optional<Duration> Spread::least() const noexcept { return known(count_, least_); }
std::optional<Duration> Spread::most() const noexcept { return known(count_, most_); }

std::optional<Duration> Spread::quantile(double part) const noexcept {
    const auto wanted = static_cast<std::uint64_t>(
        std::ceil(std::clamp(part, 0.0, 1.0) * static_cast<double>(count_)));
    std::uint64_t seen = 0;
    for (std::size_t i = 0; i < classes && count_ != 0; ++i) {
        seen += of_[i];
        if (seen >= std::max<std::uint64_t>(wanted, 1)) {
            return known(count_, std::clamp(largest_of(i), least_, most_));
        }
    }
    return std::nullopt;
}

}  // namespace tcpcraft
