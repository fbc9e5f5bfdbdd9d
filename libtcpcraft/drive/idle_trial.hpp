#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <libtcpcraft/base/time.hpp>
#include <libtcpcraft/drive/idle_reset.hpp>
#include <libtcpcraft/drive/idle_search.hpp>
#include <libtcpcraft/drive/scenario.hpp>
#include <libtcpcraft/drive/session.hpp>
#include <libtcpcraft/export.hpp>

namespace tcpcraft {

/// What the path knows of the connection while it is idle.
enum class IdleState : std::uint8_t {
    established,
    half_open,    ///< SYN and SYN,ACK have passed, the ACK never has; idle since then
    half_closed,  ///< our FIN is acknowledged, the peer has not closed
    time_wait,    ///< both have
};
/// `established`, `half-open`, `half-closed`, `time-wait`
[[nodiscard]] TCPCRAFT_API std::string_view text(IdleState state) noexcept;

/// Traffic in the midst of the silence, which may start the path's timer anew.
enum class IdleRefresh : std::uint8_t {
    none,
    keepalive,  ///< one empty probe of ours, and its answer
    payload,    ///< data of ours, and its acknowledgement
    inbound,    ///< what the peer says of itself, and we do not answer
};
/// `none`, `keepalive`, `payload`, `inbound`
[[nodiscard]] TCPCRAFT_API std::string_view text(IdleRefresh refresh) noexcept;

/// With what the peer is asked whether the connection is still there.
enum class IdleQuestion : std::uint8_t {
    probes,   ///< an empty keep-alive probe, one with an octet, an empty one (RFC 9293 §3.8.4)
    octets,   ///< with an octet each time: some stacks answer only those (RFC 1122 §4.2.3.6)
    payload,  ///< data that has to be acknowledged
};

/// One connection: opened, brought into a state, left alone, asked.
struct IdleTrialRequest {
    Duration idle{};                               ///< the silence to try
    IdleState state{};                             ///< in which it is tried
    IdleQuestion question{};                       ///< what is asked after the silence
    std::optional<std::vector<std::byte>> send{};  ///< before the silence, and as payload
    Duration timeout{std::chrono::seconds{10}};    ///< to open, and to close
    /// Three questions, so far apart: one answer in half a second is a usual limit.
    Duration answer_within{std::chrono::milliseconds{650}};
    IdleRefresh refresh{};      ///< what is said within it
    Duration refresh_after{};   ///< silence before it; `idle` follows
    bool reset_is_life{false};  ///< time-wait: a RST of the peer's has come through the path
};

/// The steps of one trial.
[[nodiscard]] TCPCRAFT_API Scenario idle_scenario(const IdleTrialRequest& request);

/// What came of one trial.
struct IdleTrialResult {
    /// Which of them.
    enum class Kind : std::uint8_t {
        alive,
        silent,
        reset,
        fin,
        icmp,
        unopened,  ///< no connection came of it: says nothing about the path's memory
        cut_short,
    };
    Kind kind{};            ///< which of them
    bool asked{false};      ///< false: it ended of itself before
    Duration idle{};        ///< the longest silence before the first question, or before the end
    unsigned questions{0};  ///< so many
    IdleQuestion answered_to{};           ///< which of them
    ResetSender sender{};                 ///< of `reset`
    bool refreshed{true};                 ///< the traffic that was asked for came to be
    std::string text{};                   ///< one clause, with the evidence
    int exit_status{0};                   ///< of `unopened` and `cut_short`
    std::vector<std::size_t> segments{};  ///< numbers of those it rests on

    /// For the search; unset where nothing was learnt.
    [[nodiscard]] TCPCRAFT_API std::optional<IdleOutcome> outcome(Duration planned) const;
};
/// `alive`, `silent`, …
[[nodiscard]] TCPCRAFT_API std::string_view text(IdleTrialResult::Kind kind) noexcept;

/// What came of it.
[[nodiscard]] TCPCRAFT_API IdleTrialResult judge_idle_trial(const Session& session,
                                                            const IdleTrialRequest& request);

}  // namespace tcpcraft
