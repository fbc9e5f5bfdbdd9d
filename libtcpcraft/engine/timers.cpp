#include <algorithm>

#include <libtcpcraft/engine/timers.hpp>

namespace tcpcraft {
namespace {

constexpr std::array<std::string_view, timer_count> names{
    "retransmission", "zero-window", "keep-alive", "time-wait",
    "fin-wait-2",     "user",        "delayed-ack"};

/// The place of each timer; those that exclude each other have the same.
constexpr std::array<std::uint8_t, timer_count> places{0, 0, 0, 1, 1, 2, 3};

constexpr std::size_t place_of(Timer timer) noexcept {
    return places[static_cast<std::size_t>(timer)];
}

}  // namespace

std::string_view text(Timer timer) noexcept {
    const auto index = static_cast<std::size_t>(timer);
    return index < names.size() ? names[index] : "?";
}

std::optional<Instant> Timers::at(Timer timer) const noexcept {
    const std::size_t place = place_of(timer);
    if (holder_[place] != timer || deadline_[place] == never) {
        return std::nullopt;
    }
    return deadline_[place];
}

void Timers::set(Timer timer, Instant when) noexcept {
    const std::size_t place = place_of(timer);
    holder_[place] = timer;
    deadline_[place] = when;
}

void Timers::clear(Timer timer) noexcept {
    const std::size_t place = place_of(timer);
    if (holder_[place] == timer) {
        holder_[place] = Timer{};  // equal timers compare equal whatever ran before
        deadline_[place] = never;
    }
}

Instant Timers::next() const noexcept {
    return *std::min_element(deadline_.begin(), deadline_.end());
}

}  // namespace tcpcraft
