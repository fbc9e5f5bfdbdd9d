#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include <libtcpcraft/base/address.hpp>
#include <libtcpcraft/engine/tcb.hpp>
#include <libtcpcraft/export.hpp>
#include <libtcpcraft/sim/scenario.hpp>
#include <libtcpcraft/trace/kept_records.hpp>
#include <libtcpcraft/trace/record.hpp>
#include <libtcpcraft/trace/sink.hpp>

namespace tcpcraft {

/// A TCB as it was at one moment; none where there was no connection.
struct SimDump {
    Instant at{};              ///< when, on the run's clock
    SimSide side{};            ///< which of the two
    std::optional<Tcb> tcb{};  ///< the connection, after the step
};

/// What came of a scenario. Index 0 is the client, 1 the server.
struct SimOutcome {
    std::array<KeptRecords, 2> seen{};       ///< what each end saw, its own way
    std::vector<std::string> segments{};     ///< as SimScenario::segments
    std::array<std::string, 2> states{};     ///< as SimScenario::client_states
    std::vector<std::string> times{};        ///< as SimScenario::times
    std::vector<std::string> symbols{};      ///< `x = 100, the first number of …`
    std::vector<SimDump> dumps{};            ///< TCBs that were asked for
    std::optional<SimSide> first_closer{};   ///< who closed first
    std::array<State, 2> end{};              ///< where both were left
    std::vector<std::string> differences{};  ///< from what had to come of it

    /// Whether all came as the catalogue says.
    [[nodiscard]] bool as_expected() const noexcept { return differences.empty(); }
};

/// The deviations that the scenario shows, in words: `the server skips SYN-RECEIVED, against …`.
[[nodiscard]] TCPCRAFT_API std::vector<std::string> deviations_of(const SimScenario& scenario);
/// Whether there is a verdict on it: none on a machine that breaks the rules of `Deviations`. A
/// shortened TIME-WAIT does not change what is judged; it is told beside the verdict.
[[nodiscard]] TCPCRAFT_API bool is_judged(const SimScenario& scenario) noexcept;

/// Plays it in virtual time, both ends made of the engine. The client is `id.local`.
[[nodiscard]] TCPCRAFT_API SimOutcome run_sim_scenario(const SimScenario& scenario,
                                                       const ConnectionId& id);

/// Tells it: deviations, story, the ladders of both ends, symbols, times, the lesson, a verdict
/// (where is_judged()). The ends are the connections `number`
/// and `number + 1`; `segments` counts those of the run. The verdict rests on the client's.
TCPCRAFT_API void tell(const SimScenario& scenario, const SimOutcome& outcome, std::size_t number,
                       std::size_t& segments, TraceSink& sink);

/// Each segment once, in the order of sending and as its sender saw it: what a capture holds. The
/// ends are the connections `number` and `number + 1`.
TCPCRAFT_API void capture(const SimScenario& scenario, const SimOutcome& outcome,
                          std::size_t number, TraceSink& sink);

/// The walk-through's items of a TCB, one a line.
[[nodiscard]] TCPCRAFT_API std::vector<std::string> tcb_lines(const Tcb& tcb, Instant now);

}  // namespace tcpcraft
