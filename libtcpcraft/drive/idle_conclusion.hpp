#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <libtcpcraft/drive/idle_known.hpp>
#include <libtcpcraft/drive/idle_search.hpp>
#include <libtcpcraft/drive/idle_trial.hpp>
#include <libtcpcraft/export.hpp>

namespace tcpcraft {

/// How connections come to their end on a path, and by whose doing.
enum class IdleEnd : std::uint8_t {
    none_up_to,
    silent_drop,
    reset_by_peer,
    reset_by_path,
    fin,
    icmp,
};
/// `none-up-to`, `silent-drop`, …
[[nodiscard]] TCPCRAFT_API std::string_view text(IdleEnd end) noexcept;

/// Whether traffic of a kind starts the path's timer anew.
struct IdleRefreshed {
    IdleRefresh kind{};
    std::optional<bool> restarts{};  ///< unset: could not be seen
    std::string text{};
};

struct IdleConclusion {
    int exit_status{0};
    std::optional<Duration> low{};
    std::optional<Duration> high{};
    std::optional<IdleEnd> end{};
    std::string why{};    ///< the evidence for `end`
    std::string known{};  ///< whose timeout that is; empty: nobody's
    std::optional<IdleAdvice> advice{};
    std::string advised{};  ///< in words
    Judged verdict{};
};

/// What the trials amount to, were they all that was wanted or not. `refreshed`: what came of the
/// trials with traffic in between, if there were any.
[[nodiscard]] TCPCRAFT_API IdleConclusion
conclude_idle(IdleState state, const IdleAnswer& answer, std::span<const IdleTrialResult> trials,
              const std::optional<IdleRefreshed>& refreshed = std::nullopt);

}  // namespace tcpcraft
