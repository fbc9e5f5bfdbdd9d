#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include <libtcpcraft/base/address.hpp>
#include <libtcpcraft/base/direction.hpp>
#include <libtcpcraft/base/time.hpp>
#include <libtcpcraft/engine/rule.hpp>
#include <libtcpcraft/engine/state.hpp>
#include <libtcpcraft/engine/tcb.hpp>
#include <libtcpcraft/engine/timers.hpp>
#include <libtcpcraft/export.hpp>
#include <libtcpcraft/trace/symbols.hpp>
#include <libtcpcraft/wire/codec.hpp>
#include <libtcpcraft/wire/text.hpp>

namespace tcpcraft {

/// What was seen of one segment. Views hold while the sink is being called.
struct SegmentSeen {
    std::size_t number{0};                ///< counts the segments of the run, from 0
    Direction direction{};                ///< seen from us
    Datagram datagram{};                  ///< the segment, its IP header, its checksum's verdict
    std::span<const std::byte> octets{};  ///< the packet from its IP header on
    SeqOrigin origin{};                   ///< what relative numbers count from, where known
    State state{};                        ///< ours, after it
    State peer_state{};                   ///< the peer's, inferred, after it
    Instant at{};                         ///< when it left or arrived
    bool kernel_timestamp{false};         ///< the kernel's stamp, not our reading of the clock
    bool retransmission{false};           ///< was sent before
    bool altered{false};                  ///< not what the state machine would have sent
    std::string fault{};  ///< what was done to it: "drop", "not sent", "delay 200 ms"
    std::string step{};   ///< the scenario's step that it belongs to
    std::string note{};   ///< anything unusual, in a few words
    Rule rule{};          ///< by which it was sent, or by which it was judged
};

/// Which end of the connection.
enum class Who : std::uint8_t { us, peer };

/// A state was left for another.
struct StateChanged {
    Who who{};            ///< whose
    State from{};         ///< where it was before
    State to{};           ///< where it is now
    std::string cause{};  ///< what made it
    Rule rule{};          ///< what it rests on: document, section, label
};

/// What became of a timer.
enum class TimerChange : std::uint8_t { set, fired, cleared };

/// A timer was set, fired, or was cleared.
struct TimerChanged {
    Timer timer{};         ///< which
    TimerChange change{};  ///< what became of it
    Instant deadline{};    ///< when it fires
};

/// A fault rule has acted.
struct FaultDone {
    std::string fault{};    ///< "drop", "delay 200 ms"
    Direction direction{};  ///< seen from us
    Flags flags{};          ///< the control bits
};

/// What is thought of a peer's answer.
enum class Verdict : std::uint8_t {
    conforms,
    permitted_deviation,
    violates,
    no_answer,
    inconclusive
};
/// `permitted-deviation`
[[nodiscard]] TCPCRAFT_API std::string_view text(Verdict verdict) noexcept;

/// A verdict, and what it rests on.
struct Judged {
    std::string id{};                     ///< the row or scenario that asked: "H-10"
    Verdict verdict{};                    ///< what is thought of it
    std::string rule{};                   ///< document, section, label
    std::string text{};                   ///< one sentence
    std::vector<std::size_t> segments{};  ///< numbers of the segments it rests on
};

/// How far a long step has come.
struct Progressed {
    std::size_t done{0};             ///< so many are over
    std::size_t total{0};            ///< so many in all
    std::optional<Duration> left{};  ///< so long, or so much, is still to come
};

/// A sentence for people: what the tool does, what it noticed, what it cut short.
struct Note {
    /// Which of them.
    enum class Kind : std::uint8_t { plain, warning, explanation, heading };
    std::string text{};      ///< one sentence
    Kind kind{Kind::plain};  ///< which of them
};

/// The TCB after a step (--show-tcb).
struct TcbShown {
    Who who{};  ///< whose
    Tcb tcb{};  ///< the connection, after the step
};

/// Who stands where in a connection whose two ends are both known, as in a simulation: the peer's
/// states are true and not marked as inferred. Comes before anything else of it; both are CLOSED.
struct Lifelines {
    std::string us{"us"};      ///< our name
    std::string peer{"peer"};  ///< the peer's name
    KnownSymbols symbols{};    ///< letters in place of known numbers
    std::string scenario{};    ///< the id of what is played, if it has one
};

/// One thing that happened.
struct Record {
    Instant at{};               ///< when, on the run's clock
    std::size_t connection{0};  ///< from 1; 0: of the run as a whole
    ConnectionId id{};          ///< both ends
    std::variant<SegmentSeen, StateChanged, TimerChanged, FaultDone, Judged, Progressed, Note,
                 TcbShown, Lifelines>
        what{};  ///< which of them, with its values
};

}  // namespace tcpcraft
