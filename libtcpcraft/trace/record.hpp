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
    std::size_t number{0};  ///< counts the segments of the run, from 0
    Direction direction{};
    Datagram datagram{};                  ///< the segment, its IP header, its checksum's verdict
    std::span<const std::byte> octets{};  ///< the packet from its IP header on
    SeqOrigin origin{};                   ///< what relative numbers count from, where known
    State state{};                        ///< ours, after it
    State peer_state{};                   ///< the peer's, inferred, after it
    Instant at{};                         ///< when it left or arrived
    bool kernel_timestamp{false};
    bool retransmission{false};
    bool altered{false};  ///< not what the state machine would have sent
    std::string fault{};  ///< what was done to it: "drop", "not sent", "delay 200 ms"
    std::string step{};   ///< the scenario's step that it belongs to
    std::string note{};   ///< anything unusual, in a few words
    Rule rule{};          ///< by which it was sent, or by which it was judged
};

enum class Who : std::uint8_t { us, peer };

struct StateChanged {
    Who who{};
    State from{};
    State to{};
    std::string cause{};
    Rule rule{};
};

enum class TimerChange : std::uint8_t { set, fired, cleared };

struct TimerChanged {
    Timer timer{};
    TimerChange change{};
    Instant deadline{};
};

struct FaultDone {
    std::string fault{};  ///< "drop", "delay 200 ms"
    Direction direction{};
    Flags flags{};
};

enum class Verdict : std::uint8_t {
    conforms,
    permitted_deviation,
    violates,
    no_answer,
    inconclusive
};
/// `permitted-deviation`
[[nodiscard]] TCPCRAFT_API std::string_view text(Verdict verdict) noexcept;

struct Judged {
    std::string id{};  ///< the row or scenario that asked: "H-10"
    Verdict verdict{};
    std::string rule{};                   ///< document, section, label
    std::string text{};                   ///< one sentence
    std::vector<std::size_t> segments{};  ///< numbers of the segments it rests on
};

struct Progressed {
    std::size_t done{0};
    std::size_t total{0};
    std::optional<Duration> left{};
};

/// A sentence for people: what the tool does, what it noticed, what it cut short.
struct Note {
    enum class Kind : std::uint8_t { plain, warning, explanation, heading };
    std::string text{};
    Kind kind{Kind::plain};
};

/// The TCB after a step (--show-tcb).
struct TcbShown {
    Who who{};
    Tcb tcb{};
};

/// Who stands where in a connection whose two ends are both known, as in a simulation: the peer's
/// states are true and not marked as inferred. Comes before anything else of it; both are CLOSED.
struct Lifelines {
    std::string us{"us"};
    std::string peer{"peer"};
    KnownSymbols symbols{};
    std::string scenario{};  ///< the id of what is played, if it has one
};

/// One thing that happened.
struct Record {
    Instant at{};
    std::size_t connection{0};  ///< from 1; 0: of the run as a whole
    ConnectionId id{};
    std::variant<SegmentSeen, StateChanged, TimerChanged, FaultDone, Judged, Progressed, Note,
                 TcbShown, Lifelines>
        what{};
};

}  // namespace tcpcraft
