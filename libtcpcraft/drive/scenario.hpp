#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include <libtcpcraft/base/time.hpp>
#include <libtcpcraft/drive/answer.hpp>
#include <libtcpcraft/engine/state.hpp>
#include <libtcpcraft/export.hpp>
#include <libtcpcraft/trace/record.hpp>
#include <libtcpcraft/wire/codec.hpp>
#include <libtcpcraft/wire/pattern.hpp>

namespace tcpcraft {

// Steps as data: what a connection is to go through, in order. A step that waits ends with the
// run's failure when its time is over, or earlier when it can no longer come true.

/// OPEN. Active, or passive in the server role; crossing: the SYN that has been kept back by
/// ExpectSyn reaches the machine only after ours has left (RFC 9293 §3.5, simultaneous open).
struct Open {
    std::vector<std::byte> syn_data{};  ///< octets in the SYN
    bool crossing{false};               ///< as in a simultaneous open (RFC 9293 §3.5)
    /// A second time on the same addresses: so far above what the first connection used last.
    std::uint32_t iss_above{0};
};
/// SEND, and wait until all of it is acknowledged, unless `wait` says not to.
struct SendData {
    std::vector<std::byte> data{};  ///< octets, in order
    Duration within{};              ///< at most so long
    bool wait{true};                ///< until all of it is acknowledged
};
/// CLOSE.
struct CloseCall {};
/// ABORT; with `if_open` only when the connection has not come to its end.
struct AbortCall {
    bool if_open{false};  ///< only when the connection has not come to its end
};
/// A segment that the state machine knows nothing of: the pattern laid over what an honest segment
/// of this moment would be (a bare ACK; a SYN while CLOSED). Marked as altered in the trace.
struct Craft {
    SegmentPattern pattern{};  ///< laid over, or matched against
    WireOverrides lies{};      ///< what is wrong in the encoding only
    std::string note{};        ///< said beside the segment in the trace
};
/// Wait for one of these states. Without `required` the scenario goes on when it does not come.
struct ExpectState {
    std::vector<State> any_of{};  ///< one of these
    Duration within{};            ///< at most so long
    bool required{true};          ///< false: its absence is no failure
};
/// Wait for a segment that matches. Others pass by; they are named when the time is over.
struct ExpectSegment {
    SegmentPattern pattern{};  ///< laid over, or matched against
    Duration within{};         ///< at most so long
    /// The pattern's SEG.SEQ and SEG.ACK count from the two ISNs, as far as these are known by
    /// then, and are absolute otherwise.
    bool relative{false};
};
/// Keep the peer's SYN back from the machine until the next Open with `crossing`.
struct ExpectSyn {
    Duration within{};  ///< at most so long
};
/// Nothing but time may pass; a segment from the peer fails it.
struct ExpectSilence {
    Duration during{};  ///< so long
};
/// Wait for data: the first octet within `within`, then until none has come for `quiet`, or FIN.
/// Without `required` silence is no failure.
struct ExpectData {
    Duration within{};    ///< at most so long
    Duration quiet{};     ///< until nothing has come for so long
    bool required{true};  ///< false: its absence is no failure
};
/// Let the connection be: for so long, or until the peer ends it (unset: no limit).
struct Hold {
    std::optional<Duration> during{};  ///< so long
};
/// Wait until the peer has closed its side, at most so long; no failure when it does not.
struct AwaitPeerClose {
    Duration within{};  ///< at most so long
};
/// Stay to answer a repeated FIN: all of TIME-WAIT, or as much of it as `at_most` allows (unset:
/// the larger of 1 s and two round trips). Says when TIME-WAIT was cut short.
struct Linger {
    std::optional<Duration> at_most{};  ///< at most so long
    bool full{false};                   ///< all of it
};
/// Let what is on its way arrive: the larger of `at_least` and two round trips.
struct Settle {
    Duration at_least{};  ///< at least so long
};
/// What a Probe says of the time where timestamps are agreed on (RFC 7323 §3.2, §5.3).
enum class ProbeStamp : std::uint8_t {
    current,
    none,
    old,  ///< hours before the connection began
};
/// Like Craft, with numbers that are counted when the step's turn comes.
struct Probe {
    Flags flags{};                       ///< the control bits
    Number seq{};                        ///< SEG.SEQ
    Number ack{};                        ///< SEG.ACK
    std::uint32_t payload_size{0};       ///< octets of data
    std::string note{};                  ///< said beside the segment in the trace
    ProbeStamp stamp{};                  ///< what is said of the time
    std::optional<std::uint16_t> wnd{};  ///< unset: what we offer
};
/// Wait for the answer to what was sent last, and judge it. What is found ends the scenario unless
/// it is allowed, or `go_on` is set. `repeats`: so often the step before is done again first, when
/// nothing came or only what is noted (Answer::wait_on).
struct Ask {
    std::string row{};              ///< of the catalogue of verdicts: "T-01"
    std::vector<Answer> answers{};  ///< so many
    Answer silence{};               ///< what is thought of it when nothing comes
    /// Unset: long enough for any answer, max(1 s, 3 RTT + 0.6 s); `proves_silence`: long enough
    /// to call it silence, max(3 s, 8 RTT).
    std::optional<Duration> within{};
    bool proves_silence{false};       ///< waits long enough to call it silence
    bool prompt{false};               ///< an answer later than 0.5 s and 3 RTT breaks MUST-40
    bool go_on{false};                ///< whatever is found
    unsigned repeats{0};              ///< so often the question is asked again
    std::optional<Answer> unheard{};  ///< silence that does not even acknowledge our data
};
/// Wait while our state machine probes an idle peer (Policy::keep_alive), until so many of the
/// probes have been answered, or the peer closes. What ends the connection fails the scenario.
struct AwaitKeepAlive {
    std::size_t answers{1};  ///< so many
};
/// Be silent, and let the peer probe us: the first `answer` of its keep-alive probes reach our
/// machine, the others are kept from it. Until the peer closes, `first_within` has passed without
/// a probe, or the next one is overdue.
struct Overhear {
    std::size_t answer{0};    ///< so many are answered
    Duration first_within{};  ///< the first by then
    bool progress{false};     ///< told with each probe
};
/// Be silent until nothing has come or gone for `during`, or the peer closes, or `within` is over:
/// whatever is heard begins the silence anew. Needs the setup's sightings.
struct Quiet {
    Duration during{};  ///< so long
    Duration within{};  ///< at most so long
};
/// From now on the peer's segments with these flags are kept from the machine: until Release, or
/// for good when they are `lost`.
struct KeepBack {
    Flags having{};    ///< has all of these
    bool lost{false};  ///< for good
};
/// Wait until so many have been kept back; judged like Ask.
struct AwaitKept {
    std::string row{};                ///< of the catalogue of verdicts
    Answer came{};                    ///< what is thought of it when it comes
    Answer silence{};                 ///< what is thought of it when nothing comes
    Duration within{};                ///< at most so long
    std::size_t times{1};             ///< so often
    std::size_t enough{0};            ///< when the time is over, so many will do (0: all of them)
    bool go_on{false};                ///< whatever is found
    std::optional<Answer> unheard{};  ///< of silence that does not even acknowledge our data
};
/// Wait until the peer repeats segments with these flags no more: none for four of its last pauses
/// and 3 s.
struct AwaitLast {
    Flags having{};     ///< has all of these
    Duration within{};  ///< at most so long
};
/// No more is kept back; the machine gets what was kept last, as if it came now.
struct Release {};
/// So many of our own segments with exactly these flags will be lost, the next ones.
struct Withhold {
    Flags flags{};                 ///< exactly these
    std::size_t count{1};          ///< so many
    std::string note{};            ///< said beside the segment in the trace
    std::vector<State> only_in{};  ///< counting only those with which we enter, or stay in, these
};
/// All that can be told of the peer has been seen; what follows is tidying up.
struct Told {};
/// A sentence for the reader.
struct Say {
    Note note{};  ///< said beside the segment in the trace
};

/// One thing to do or to wait for.
struct Step {
    std::string name{};  ///< what it is called
    std::variant<Open, SendData, CloseCall, AbortCall, Craft, ExpectState, ExpectSegment, ExpectSyn,
                 ExpectSilence, ExpectData, Hold, AwaitPeerClose, Linger, Settle, Say, Probe, Ask,
                 KeepBack, AwaitKept, AwaitLast, Release, Withhold, AwaitKeepAlive, Overhear, Quiet,
                 Told>
        what{};                     ///< which of them, with its values
    std::vector<State> only_in{};   ///< left out unless we are in one of these; empty: never
    bool if_silent{false};          ///< left out unless the last finding is that nothing came
    bool if_timestamps{false};      ///< left out unless timestamps are agreed on
    bool if_octet_answered{false};  ///< left out unless our last probe to be answered bore an octet
};

/// What a connection is to go through.
struct Scenario {
    std::string name{};         ///< what it is called
    std::vector<Step> steps{};  ///< in order
};

}  // namespace tcpcraft
