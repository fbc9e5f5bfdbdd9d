#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <libtcpcraft/base/time.hpp>
#include <libtcpcraft/engine/policy.hpp>
#include <libtcpcraft/export.hpp>
#include <libtcpcraft/seq/seq.hpp>

namespace tcpcraft {

// The textbook's scenarios as data: what the users of both ends do, what the network does, and what
// has to come of it.

/// The two ends. Where both open actively neither is a server; the names stay.
enum class SimSide : std::uint8_t { client, server };
/// In words, or as it is written.
[[nodiscard]] TCPCRAFT_API std::string_view text(SimSide side) noexcept;

/// The tool that a scenario belongs to.
enum class SimTool : std::uint8_t { handshake, teardown, keep_alive };
/// In words, or as it is written.
[[nodiscard]] TCPCRAFT_API std::string_view text(SimTool tool) noexcept;

/// Something that happens at one end at a fixed time.
struct SimCall {
    /// Which of them.
    enum class What : std::uint8_t {
        listen,   ///< OPEN, passive; in LISTEN it only chooses the number of the next SYN,ACK
        open,     ///< OPEN, active
        send,     ///< SEND of `data`
        close,    ///< CLOSE
        abort,    ///< ABORT
        die,      ///< the host is gone: it neither hears nor speaks any more
        restart,  ///< the host has lost every TCB; nothing listens
        dump,     ///< the TCB is printed, if there is one
        look,     ///< how long the end has been where it is
    };
    Duration at{};             ///< when, on the run's clock
    SimSide side{};            ///< which of the two
    What what{};               ///< which of them, with its values
    std::optional<Seq> iss{};  ///< listen, open
    std::string data{};        ///< octets, in order
};

/// What the network does to what one end sends, as FaultRule reads it (`out` is from that end).
struct SimFault {
    SimSide sender{};    ///< who sent it
    std::string rule{};  ///< what it rests on: document, section, label
};

/// A scenario with both sides' calls, in virtual time.
struct SimScenario {
    std::string id{};                ///< SC-2a
    std::string name{};              ///< two-way
    SimTool tool{};                  ///< which tool plays it
    std::string title{};             ///< for people
    std::string story{};             ///< before the ladders: what is about to happen
    Policy client{};                 ///< who opens
    Policy server{};                 ///< the peer opens
    std::vector<SimCall> calls{};    ///< of either side
    std::vector<SimFault> faults{};  ///< what goes wrong on purpose
    Duration latency{std::chrono::milliseconds{10}};  ///< one way
    Duration until{std::chrono::hours{3}};            ///< then nobody looks on any longer
    std::optional<Seq> old_iss{};                     ///< of a SYN from an earlier connection: x0

    /// What has to come of it. Each segment in the order of sending, in the textbook's letters:
    /// `client SYN seq=x`, `server FIN,ACK seq=w ack=u+1 (drop)`.
    std::vector<std::string> segments{};
    std::string client_states{};       ///< `CLOSED SYN-SENT ESTABLISHED`
    std::string server_states{};       ///< what the server goes through
    std::vector<std::string> times{};  ///< what was measured, in unscaled time
    std::string lesson{};              ///< the sentence that explains it, with its citation
    std::string rule{};                ///< document and section that the verdict rests on
};

/// All of them, in the textbook's order: SC-1 to SC-11.
[[nodiscard]] TCPCRAFT_API std::span<const SimScenario> sim_scenarios();
/// By id or name, whatever the case; null when there is none.
[[nodiscard]] TCPCRAFT_API const SimScenario* find_sim_scenario(std::string_view wanted);

}  // namespace tcpcraft
