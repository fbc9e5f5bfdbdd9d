#include <array>
#include <charconv>
#include <cmath>
#include <string>
#include <string_view>

#include <fmt/format.h>
#include <tools/cli/options.hpp>

namespace tcpcraft::cli {

namespace {

struct Unit {
    std::string_view name{};
    double microseconds{};
};

constexpr double longest = 10 * 365.25 * 86400e6;  // ten years: far from overflow
// Longer names before their own beginnings.
constexpr std::array<Unit, 6> units{
    {{"ms", 1e3}, {"us", 1.0}, {"s", 1e6}, {"m", 60e6}, {"h", 3600e6}, {"d", 86400e6}}};

Unexpected<Error> not_a_duration(std::string_view text) {
    return failure({}, fmt::format("'{}' is no duration; write 200ms, 5 (seconds), 1.5s, 2m or "
                                   "2h4m",
                                   text));
}

/// Takes a number off the front; negative when there is none.
double take_number(std::string_view& rest) {
    if (rest.empty() || (rest[0] != '.' && (rest[0] < '0' || rest[0] > '9'))) {
        return -1;
    }
    double number{0};
    const auto read =
        std::from_chars(rest.data(), rest.data() + rest.size(), number, std::chars_format::fixed);
    if (read.ec != std::errc{}) {
        return -1;
    }
    rest.remove_prefix(static_cast<std::size_t>(read.ptr - rest.data()));
    return number;
}

/// Takes a unit off the front; null when there is none.
const Unit* take_unit(std::string_view& rest) {
    for (const Unit& unit : units) {
        if (rest.starts_with(unit.name)) {
            rest.remove_prefix(unit.name.size());
            return &unit;
        }
    }
    return nullptr;
}

}  // namespace

Expected<Duration> read_duration(std::string_view text) {
    std::string_view rest = text;
    double total{0};
    do {
        const bool first = rest.size() == text.size();
        const double number = take_number(rest);
        const bool bare = first && rest.empty();
        const Unit* unit = bare ? &units[2] : take_unit(rest);
        if (number < 0 || unit == nullptr) {
            return not_a_duration(text);
        }
        total += number * unit->microseconds;
    } while (!rest.empty());
    if (!(total <= longest)) {
        return failure({}, fmt::format("'{}' is longer than ten years", text));
    }
    return Duration{static_cast<std::int64_t>(std::llround(total))};
}

}  // namespace tcpcraft::cli
