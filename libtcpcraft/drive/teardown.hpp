#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <libtcpcraft/base/time.hpp>
#include <libtcpcraft/drive/scenario.hpp>
#include <libtcpcraft/drive/session.hpp>
#include <libtcpcraft/export.hpp>

namespace tcpcraft {

/// What tcp-teardown can be asked to play.
enum class Teardown : std::uint8_t {
    active_close,
    passive_close,
    half_close,
    three_segment_close,
    simultaneous_close,
    reset,
    reset_in_window,
    reset_outside_window,
    syn_in_established,
    lost_fin,
    lost_final_ack,
    time_wait,
    time_wait_reuse,
    no_time_wait,
    data_after_close,
    fin_wait_2_timeout,
    unread_data,
};
/// `active-close`
[[nodiscard]] TCPCRAFT_API std::string_view text(Teardown scenario) noexcept;
/// By its name; none: there is no such scenario.
[[nodiscard]] TCPCRAFT_API std::optional<Teardown> read_teardown(std::string_view name) noexcept;

/// Who closes first.
enum class Closer : std::uint8_t { us, peer };

/// A scenario as `list` and `show` tell it.
struct TeardownAbout {
    Teardown scenario{};        ///< what is played
    std::string_view name{};    ///< what it is called
    std::string_view what{};    ///< one line
    bool either{false};         ///< can be played from both sides
    Closer closer{};            ///< who closes first, unless the request says otherwise
    bool takes_minutes{false};  ///< of real time
};
/// All of them, in the order in which `all` plays them.
[[nodiscard]] TCPCRAFT_API std::span<const TeardownAbout> all_teardowns() noexcept;
/// Its name and what it is about.
[[nodiscard]] TCPCRAFT_API const TeardownAbout& about(Teardown scenario) noexcept;

/// What a teardown is asked for.
struct TeardownRequest {
    Teardown scenario{};            ///< what is played
    bool server{false};             ///< the peer opens
    std::optional<Closer> first{};  ///< where the scenario can be played from both sides
    std::optional<std::vector<std::byte>> send{};  ///< makes the peer's application close
    Duration timeout{std::chrono::seconds{10}};    ///< to open, and for one answer
    Duration patience{std::chrono::seconds{5}};    ///< for the peer's application to close
    bool long_ones{false};                         ///< watch retransmissions to their end
    bool mute{false};                              ///< CLOSED answers nothing
    std::optional<Duration> linger{};              ///< --time-wait DURATION
    bool time_wait_full{false};                    ///< all of TIME-WAIT
    /// time-wait, fin-wait-2-timeout: look once, so long after that state was reached.
    std::optional<Duration> look_after{};
};

/// Who closes first when this request is played.
[[nodiscard]] TCPCRAFT_API Closer closer(const TeardownRequest& request) noexcept;
/// The steps for one connection.
[[nodiscard]] TCPCRAFT_API Scenario teardown_scenario(const TeardownRequest& request);
/// What the machine at our end has to be told for it: deviations on purpose, delays.
TCPCRAFT_API void adapt_policy(const TeardownRequest& request, Policy& policy) noexcept;
/// The steps in words, a line each.
[[nodiscard]] TCPCRAFT_API std::vector<std::string> spelled_out(const Scenario& scenario);

/// What was measured, where it could be.
struct TeardownMeasurements {
    std::optional<Duration> ack_delay{};  ///< from our first FIN to the first ACK of it
    std::optional<unsigned> segments{};   ///< three or four to close
    std::vector<Duration> fin_spacing{};  ///< between the peer's repeated FINs
    std::optional<Duration> fin_total{};  ///< from its first FIN to its last
    std::optional<Duration> gave_up{};    ///< when its next FIN would have been due, but none came
    std::vector<Duration> our_fin_spacing{};  ///< between two FINs of ours
    /// How long the peer went on after our FIN; nothing where its own FIN crossed ours.
    std::optional<Duration> half_closed{};
    std::size_t half_closed_octets{0};  ///< what it sent in that time
    /// How long nothing had been going on when the peer was last probed.
    std::optional<Duration> quiet_before_probe{};
    /// How long nothing had been going on when a peer in FIN-WAIT-2 or TIME-WAIT sent a RST
    /// unasked.
    std::optional<Duration> left_by_reset{};
    /// The peer's TIME-WAIT or FIN-WAIT-2, when it was looked for.
    std::optional<Duration> lasts_at_least{};
    std::optional<Duration> lasts_at_most{};  ///< so long at most
};

/// What came of it, for the exit status, the table and JSON.
struct TeardownResult {
    std::string name{};  ///< what it is called
    int exit_status{0};  ///< of the tool: 0 met, 1 peer deviated, 3 no answer, 4 environment
    Judged verdict{};    ///< id is the name
    std::vector<Finding> findings{};  ///< in order
    TeardownMeasurements measured{};  ///< what was measured
    Duration took{};                  ///< so long
    bool peer_did_not_close{false};   ///< its application keeps the connection open
};

/// Judges a finished session whose setup kept the sightings.
[[nodiscard]] TCPCRAFT_API TeardownResult judge_teardown(const Session& session,
                                                         const TeardownRequest& request);

}  // namespace tcpcraft
