#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <libtcpcraft/base/expected.hpp>
#include <libtcpcraft/base/time.hpp>
#include <libtcpcraft/drive/scenario.hpp>
#include <libtcpcraft/drive/session.hpp>
#include <libtcpcraft/engine/state.hpp>
#include <libtcpcraft/export.hpp>
#include <libtcpcraft/host/host.hpp>
#include <libtcpcraft/trace/sink.hpp>
#include <libtcpcraft/wire/pattern.hpp>

namespace tcpcraft {

/// One connection of a host, led by calls that come back when what they ask for has happened, or
/// its time is over. Between two calls nothing happens; in virtual time not even time passes.
///
/// Segments are named in the notation (docs/notation.md), with numbers that count from the two
/// initial sequence numbers, or as patterns, whose numbers are absolute.
///
/// Errors have a std::errc: timed_out, connection_refused, connection_reset, host_unreachable,
/// io_error (a segment could not be sent), operation_canceled (a signal; in virtual time: nothing
/// can happen any more), invalid_argument (a text that is not in the notation). A call that failed
/// does not end the connection: another may follow. Uses the host's link alone, and must go before
/// host and trace do; a peer that still believes in the connection is sent a RST then.
class TCPCRAFT_API Dialogue {
public:
    /// How long a call waits where nothing else is said.
    static constexpr Duration patience = std::chrono::seconds{10};

    /// To the host's peer, or, where it has none, from whoever calls first. Sends nothing yet.
    Dialogue(Host& host, TraceSink& trace);
    /// The same with this policy.
    Dialogue(Host& host, TraceSink& trace, const Policy& policy);
    /// As this setup says; its end may not be passive.
    Dialogue(Host& host, TraceSink& trace, ConnectionSetup setup);
    Dialogue(const Dialogue&) = delete;
    Dialogue& operator=(const Dialogue&) = delete;
    ~Dialogue();

    /// OPEN, and wait until the connection is ESTABLISHED (RFC 9293 §3.10.1).
    [[nodiscard]] Expected<void> open(Duration within = patience);
    /// OPEN alone: the SYN leaves. As a server: wait for a SYN, which is answered.
    [[nodiscard]] Expected<void> begin(Duration within = patience);
    /// Wait until the connection is in this state.
    [[nodiscard]] Expected<void> until(State state, Duration within = patience);

    /// SEND, and wait until the peer has acknowledged all of it (RFC 9293 §3.10.2).
    [[nodiscard]] Expected<void> send(std::string_view text, Duration within = patience);
    /// The same for octets.
    [[nodiscard]] Expected<void> send(std::span<const std::byte> octets,
                                      Duration within = patience);
    /// What the peer has sent since the last call: waits for the first octet, then until none has
    /// come for `quiet`, or its FIN.
    [[nodiscard]] Expected<std::string> receive(Duration within = patience,
                                                Duration quiet = std::chrono::milliseconds{20});

    /// A segment that the state machine knows nothing of: this one laid over the ACK that an honest
    /// TCP would send now (`<...>`: with its options). Marked as altered in the trace.
    [[nodiscard]] Expected<void> craft(std::string_view segment, const std::string& note = {});
    /// The same for a pattern.
    [[nodiscard]] Expected<void> craft(const SegmentPattern& pattern,
                                       const WireOverrides& lies = {},
                                       const std::string& note = {});
    /// Wait for a segment like this, among those that have come since the last one was met. The
    /// error names what came instead.
    [[nodiscard]] Expected<SeenSegment> expect(std::string_view segment,
                                               Duration within = patience);
    /// The same for a pattern.
    [[nodiscard]] Expected<SeenSegment> expect(const SegmentPattern& pattern,
                                               Duration within = patience);
    /// Nothing may come from the peer; std::errc::protocol_error when something does.
    [[nodiscard]] Expected<void> expect_silence(Duration during);

    /// CLOSE, and wait until the connection is closed or in TIME-WAIT (RFC 9293 §3.10.4).
    [[nodiscard]] Expected<void> close(Duration within = patience);
    /// ABORT: a RST leaves (RFC 9293 §3.10.5).
    void abort();

    /// Any step of a scenario.
    [[nodiscard]] Expected<void> perform(Step step);
    /// CLOSED before there is a connection.
    [[nodiscard]] State state() const noexcept;
    /// The session behind it; null as a server to whom nobody has come yet.
    [[nodiscard]] Session* session() noexcept;

private:
    struct Wiring;
    std::unique_ptr<Wiring> wiring_;
};

}  // namespace tcpcraft
