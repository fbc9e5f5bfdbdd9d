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

/// A keep-alive probe as it was seen, and what came of it (RFC 9293 §3.8.4; RFC 1122 §4.2.3.6).
struct KeepAliveProbe {
    std::size_t number{0};                ///< of its segment
    Instant at{};                         ///< when, on the run's clock
    std::uint32_t len{0};                 ///< octets: 0, or one of garbage (SHLD-12, MAY-6)
    std::int32_t seq_offset{0};           ///< its SEG.SEQ less its sender's SND.NXT: -1 by the book
    bool timestamps{false};               ///< agreed on, or carried
    std::optional<std::size_t> answer{};  ///< number of the first segment that came back
    std::optional<Duration> delay{};      ///< until then
    bool reset{false};                    ///< the answer was a RST
};

/// The probes that one side has sent, oldest first. Ours are known by what our machine sent them
/// for; the peer's by their form: looks_like_probe(). An answer is the first segment of the other
/// side between a probe and the next.
[[nodiscard]] TCPCRAFT_API std::vector<KeepAliveProbe> probes_in(std::span<const Sighting> seen,
                                                                 Direction direction);
/// An ACK with at most one octet, all of it before `rcv_nxt`: nothing that would be news.
[[nodiscard]] TCPCRAFT_API bool looks_like_probe(const Segment& segment, Seq rcv_nxt) noexcept;
/// How long after the last of these probes another one is overdue. After the first nobody knows
/// the spacing: long enough for every spacing in use (75 s), and for the pause before it.
[[nodiscard]] TCPCRAFT_API Duration overdue_after(std::span<const Instant> probes,
                                                  Duration first_within);

/// How a connection on which only one side probed came to its end.
enum class KeepAliveEnding : std::uint8_t {
    answered,  ///< it lives
    reset,
    silent,
    fin,
};
/// `answered`, `reset`, `silent`, `fin`
[[nodiscard]] TCPCRAFT_API std::string_view text(KeepAliveEnding ending) noexcept;

// --- we probe ------------------------------------------------------------------------------------

/// How to probe.
struct KeepAliveProbeRequest {
    bool server{false};                            ///< the peer opens
    KeepAlive keep_alive{};                        ///< off unless set (MUST-25)
    std::size_t answers{1};                        ///< be content after so many
    std::optional<std::vector<std::byte>> send{};  ///< octets to send
    Duration timeout{std::chrono::seconds{10}};    ///< to open, and for `send`
    std::optional<Duration> linger{};              ///< --time-wait DURATION
    bool time_wait_full{false};                    ///< all of TIME-WAIT
};

/// The steps for one connection; its policy needs request.keep_alive, its setup the sightings.
[[nodiscard]] TCPCRAFT_API Scenario probe_scenario(const KeepAliveProbeRequest& request);

/// What came of probing.
struct KeepAliveProbeResult {
    int exit_status{0};                    ///< answered 0, reset 1, dead 3
    Judged verdict{};                      ///< what is thought of it
    std::vector<KeepAliveProbe> probes{};  ///< keep-alive probes
    std::size_t sent{0};                   ///< so many
    std::size_t answered{0};               ///< so many
    /// The peer's TCP, never its application: answered, reset; unset: silence.
    std::optional<bool> alive{};
    std::optional<KeepAliveEnding> ending{};  ///< how it ended
    std::optional<Duration> dead_after{};     ///< of silence, until it was declared dead
    bool other_answers{false};  ///< what answered does not seem to be the peer: `alive` is unset
    /// How this host or a router tells that nothing can be delivered; empty: nobody says so.
    std::string unreachable{};
};
/// Judges a finished session.
[[nodiscard]] TCPCRAFT_API KeepAliveProbeResult judge_probe(const Session& session,
                                                            const KeepAliveProbeRequest& request);
/// The two ways to read a count: when the peer is dead by each, a line each.
[[nodiscard]] TCPCRAFT_API std::vector<std::string> readings_of(const KeepAlive& keep_alive);

// --- the peer probes -----------------------------------------------------------------------------

/// How to listen for the peer's probes.
struct LearnRequest {
    bool server{false};                            ///< the peer opens
    std::optional<std::vector<std::byte>> send{};  ///< before we go silent
    std::size_t answer{0};                         ///< of its probes
    /// For its first probe: two hours are the least default (MUST-28), and timers are not exact.
    Duration patience{std::chrono::minutes{130}};
    Duration timeout{std::chrono::seconds{10}};  ///< for one answer
    bool progress{false};                        ///< into the records, with each probe
    bool window_shut{false};  ///< our policy offers none: open it at the end, for what may wait
};

/// How far a peer that is not answered has come.
struct LearnProgress {
    std::size_t seen{0};      ///< probes in a row without an answer
    std::size_t expected{0};  ///< so many in all, if it does as the profile that fits so far, or as
                              ///< Linux
    bool by_profile{false};   ///< there is one that fits
    Instant ends_at{never};   ///< when it will give up then; `never`: its spacing is unknown
};
/// Of everything that has been seen of a connection.
[[nodiscard]] TCPCRAFT_API LearnProgress learn_progress(std::span<const Sighting> seen);

/// The steps: be silent, and let the peer probe.
[[nodiscard]] TCPCRAFT_API Scenario learn_scenario(const LearnRequest& request);

/// What repeats itself towards a silent host.
enum class ProbingKind : std::uint8_t {
    keep_alive,
    zero_window,  ///< text is waiting, and we offer no window (§3.8.6.1)
};

/// What the peer's keep-alive was found to be.
struct LearnResult {
    int exit_status{0};  ///< of the tool: 0 met, 1 peer deviated, 3 no answer, 4 environment
    Judged verdict{};    ///< what is thought of it
    std::vector<KeepAliveProbe> probes{};  ///< keep-alive probes
    ProbingKind kind{};                    ///< which of them
    bool grows{false};                     ///< the pauses between its probes
    std::optional<Duration> idle{};  ///< from our last segment to its first probe, RTT taken off
    std::optional<Duration> interval{};  ///< median of the pauses between those without an answer
    std::optional<std::size_t> count{};  ///< those in a row without an answer before the end
    std::optional<KeepAliveEnding> ending{};  ///< how it ended
    std::string profile{};  ///< `Linux`, `BSD`, `Windows`, `textbook`, `configured`; empty: unknown
};
/// What the peer's keep-alive was found to be.
[[nodiscard]] TCPCRAFT_API LearnResult judge_learn(const Session& session,
                                                   const LearnRequest& request);

}  // namespace tcpcraft
