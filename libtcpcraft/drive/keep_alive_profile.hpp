#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <libtcpcraft/base/time.hpp>
#include <libtcpcraft/drive/keep_alive.hpp>

// Private: what systems do by default.

namespace tcpcraft {

struct KeepAliveProfile {
    std::string_view name{};
    Duration idle{};
    Duration interval{};
    std::size_t count{};
    std::uint32_t octets{};
};

/// The name of the system whose defaults these are; `configured`; empty: unknown.
[[nodiscard]] std::string profile_of(const LearnResult& result);

/// Whose defaults are in the same proportions, all times but for one factor: `those of Linux,
/// 100 times as fast`. Empty: nobody's.
[[nodiscard]] std::string proportions_of(const LearnResult& result);

/// The defaults that fit what has been seen so far; null: nobody's.
[[nodiscard]] const KeepAliveProfile* fitting_profile(std::optional<Duration> idle,
                                                      std::optional<Duration> interval,
                                                      std::uint32_t octets, std::size_t seen);

}  // namespace tcpcraft
