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
    IdleRefresh kind{};              ///< which of them
    std::optional<bool> restarts{};  ///< unset: could not be seen
    std::string text{};              ///< one sentence
};

/// What hundreds of trials say of a path.
struct IdleConclusion {
    int exit_status{0};  ///< of the tool: 0 met, 1 peer deviated, 3 no answer, 4 environment
    std::optional<Duration> low{};       ///< at least so long
    std::optional<Duration> high{};      ///< at most so long
    std::optional<IdleEnd> end{};        ///< how it ended
    std::string why{};                   ///< the evidence for `end`
    std::string known{};                 ///< whose timeout that is; empty: nobody's
    std::optional<IdleAdvice> advice{};  ///< what to do about it
    std::string advised{};               ///< in words
    Judged verdict{};                    ///< what is thought of it
};

/// What the trials amount to, were they all that was wanted or not. `refreshed`: what came of the
/// trials with traffic in between, if there were any.
[[nodiscard]] TCPCRAFT_API IdleConclusion
conclude_idle(IdleState state, const IdleAnswer& answer, std::span<const IdleTrialResult> trials,
              const std::optional<IdleRefreshed>& refreshed = std::nullopt);

}  // namespace tcpcraft
