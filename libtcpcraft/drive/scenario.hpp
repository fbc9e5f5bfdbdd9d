#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include <libtcpcraft/base/time.hpp>
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
    std::vector<std::byte> syn_data{};
    bool crossing{false};
};
/// SEND, and wait until all of it is acknowledged.
struct SendData {
    std::vector<std::byte> data{};
    Duration within{};
};
/// CLOSE.
struct CloseCall {};
/// ABORT; with `if_open` only when the connection has not come to its end.
struct AbortCall {
    bool if_open{false};
};
/// A segment that the state machine knows nothing of: the pattern laid over what an honest segment
/// of this moment would be (a bare ACK; a SYN while CLOSED). Marked as altered in the trace.
struct Craft {
    SegmentPattern pattern{};
    WireOverrides lies{};
    std::string note{};
};
/// Wait for one of these states. Without `required` the scenario goes on when it does not come.
struct ExpectState {
    std::vector<State> any_of{};
    Duration within{};
    bool required{true};
};
/// Wait for a segment; numbers of the pattern are absolute.
struct ExpectSegment {
    SegmentPattern pattern{};
    Duration within{};
};
/// Keep the peer's SYN back from the machine until the next Open with `crossing`.
struct ExpectSyn {
    Duration within{};
};
/// Nothing but time may pass; a segment from the peer fails it.
struct ExpectSilence {
    Duration during{};
};
/// Wait for data: the first octet within `within`, then until none has come for `quiet`, or FIN.
/// Without `required` silence is no failure.
struct ExpectData {
    Duration within{};
    Duration quiet{};
    bool required{true};
};
/// Let the connection be: for so long, or until the peer ends it (unset: no limit).
struct Hold {
    std::optional<Duration> during{};
};
/// Wait until the peer has closed its side, at most so long; no failure when it does not.
struct AwaitPeerClose {
    Duration within{};
};
/// Stay to answer a repeated FIN: all of TIME-WAIT, or as much of it as `at_most` allows (unset:
/// the larger of 1 s and two round trips). Says when TIME-WAIT was cut short.
struct Linger {
    std::optional<Duration> at_most{};
    bool full{false};
};
/// Let what is on its way arrive: the larger of `at_least` and two round trips.
struct Settle {
    Duration at_least{};
};
/// A sentence for the reader.
struct Say {
    Note note{};
};

struct Step {
    std::string name{};
    std::variant<Open, SendData, CloseCall, AbortCall, Craft, ExpectState, ExpectSegment, ExpectSyn,
                 ExpectSilence, ExpectData, Hold, AwaitPeerClose, Linger, Settle, Say>
        what{};
};

struct Scenario {
    std::string name{};
    std::vector<Step> steps{};
};

}  // namespace tcpcraft
