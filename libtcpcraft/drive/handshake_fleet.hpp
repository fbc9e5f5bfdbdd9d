#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <libtcpcraft/base/address.hpp>
#include <libtcpcraft/base/time.hpp>
#include <libtcpcraft/drive/crafting.hpp>
#include <libtcpcraft/drive/handshake.hpp>
#include <libtcpcraft/drive/negotiated.hpp>
#include <libtcpcraft/drive/spread.hpp>
#include <libtcpcraft/drive/surroundings.hpp>
#include <libtcpcraft/engine/policy.hpp>
#include <libtcpcraft/engine/state.hpp>
#include <libtcpcraft/export.hpp>
#include <libtcpcraft/seq/seq.hpp>
#include <libtcpcraft/wire/ip.hpp>

namespace tcpcraft {

/// What has come of one handshake of a fleet.
enum class HandshakeOutcome : std::uint8_t {
    established,  ///< and ended as was wanted
    answered,     ///< a SYN,ACK came, and was not to be acknowledged (Third::none, Third::rst)
    refused,      ///< the SYN was met by RST
    reset,        ///< established, then ended by a RST of the peer's
    icmp,         ///< an ICMP error ended it
    unreachable,  ///< this host could not deliver: the neighbour does not resolve
    no_answer,
    unsent,       ///< this host could not send
    interrupted,  ///< the fleet was stopped, by a person
    deadline,     ///< the fleet was stopped: its time was over
};
/// How many outcomes there are.
inline constexpr std::size_t handshake_outcomes = 10;
/// `established`, `no-answer`, …
[[nodiscard]] TCPCRAFT_API std::string_view text(HandshakeOutcome outcome) noexcept;

/// One connection to be opened.
struct HandshakeOrder {
    std::uint64_t number{0};  ///< the caller's: comes back in the report
    ConnectionId id{};        ///< not one that is under way (see HandshakeFleet::under_way)
    std::size_t policy{0};    ///< index among the setup's
};

/// How a fleet of handshakes works.
struct HandshakeFleetSetup {
    /// At least one; all with the same key for initial sequence numbers. Their TIME-WAIT is how
    /// long a repeated FIN is still answered.
    std::vector<Policy> policies{};
    Then then{Then::close};                      ///< close, reset or leave
    Third third{Third::ack};                     ///< ack, none or rst
    double rate{10};                             ///< begun in a second, more than 0
    std::size_t in_flight{1000};                 ///< under way at once, at least 1
    Duration timeout{std::chrono::seconds{10}};  ///< for an answer to the SYN; for the closing
    IpHeader ip{};                               ///< template: hop limit, traffic class
    /// The clock of timestamps, which is otherwise that of the four numbers: it grows from one
    /// connection to the next, so that a peer in TIME-WAIT takes the new SYN (RFC 6191).
    std::uint32_t timestamp_offset{0};
    bool trace{false};  ///< every segment and state goes to the trace
    /// Packets in one span, at least 1. When a transmit() fails, all of its span counts as unsent:
    /// 1 where the link does not tell of failures otherwise.
    std::size_t batch{256};
};

/// One handshake that is over. Views hold while the handler runs.
struct HandshakeReport {
    std::uint64_t number{0};     ///< of the order
    std::size_t connection{0};   ///< from 1, in the order of beginning; as in the trace
    ConnectionId id{};           ///< both ends
    HandshakeOutcome outcome{};  ///< what came of it
    bool established{false};     ///< it was, whatever came then
    Instant began{};             ///< when the SYN left
    /// From the SYN to its answer; unset when there was none, or when the SYN was repeated.
    std::optional<Duration> rtt{};
    bool rtt_from_kernel{false};    ///< both stamps are the kernel's
    Seq isn{};                      ///< our initial sequence number
    std::optional<Seq> peer_isn{};  ///< the peer's; unset while unknown
    Negotiated negotiated{};        ///< what both SYNs agreed on
    State state{};                  ///< ours, at the end
    unsigned syns{0};               ///< SYNs that were sent
    std::string_view why{};         ///< of an ICMP error, of what could not be sent
};

/// Of all handshakes of a fleet.
struct HandshakeCounts {
    std::array<std::uint64_t, handshake_outcomes> of{};  ///< by HandshakeOutcome
    std::uint64_t begun{0};                              ///< begun so far
    std::uint64_t done{0};                               ///< so many are over
    std::uint64_t syns{0};                               ///< SYNs sent
    std::uint64_t segments_in{0};                        ///< segments that arrived
    std::uint64_t segments_out{0};                       ///< segments that left
    std::uint64_t malformed{0};                          ///< packets that could not be read
    std::uint64_t late{0};    ///< answers to SYNs of ours that nobody waited for any more
    std::uint64_t strays{0};  ///< segments that belong to nothing of ours
    std::uint64_t unsent{0};  ///< segments that this host could not send
    Instant first{};          ///< when the first was begun
    Instant last{};           ///< when the last was begun
    Spread rtt{};             ///< of those whose SYN was sent once
    /// As its sign says.
    [[nodiscard]] std::uint64_t operator[](HandshakeOutcome outcome) const noexcept {
        return of[static_cast<std::size_t>(outcome)];
    }
    /// Begun in a second, from the first to the last; 0 when there is no telling.
    [[nodiscard]] TCPCRAFT_API double rate() const noexcept;
};

/// Very many handshakes on one link, each led by the same state machine as a single one. A
/// connection is a TCB and a few numbers, and is forgotten when it is over: nothing grows but the
/// counts. Everything goes in batches, from one span of arrivals to one span of packets; in steady
/// state nothing is allocated for a segment.
///
/// Segments that belong to no connection are answered as from CLOSED (RFC 9293 §3.10.7.1): answers
/// to our own SYNs, which their acknowledgment number tells (RFC 6528), always; others a few times
/// in a second.
class TCPCRAFT_API HandshakeFleet {
public:
    /// The next to be opened; none: there is no more. Asked when one may begin.
    using Source = std::function<std::optional<HandshakeOrder>()>;

    /// The surroundings must outlive it.
    HandshakeFleet(Surroundings& surroundings, HandshakeFleetSetup setup);
    ~HandshakeFleet();
    HandshakeFleet(const HandshakeFleet&) = delete;
    HandshakeFleet& operator=(const HandshakeFleet&) = delete;

    /// Called when one is over.
    void on_report(std::function<void(const HandshakeReport&)> handler);
    /// Begins at once, as fast as rate and room allow.
    void start(Source source);
    /// No more are begun; those that are under way are ended: what the peer believes in is reset.
    void stop(HandshakeOutcome why);

    /// A connection with these four numbers has been begun, and has not been reported yet. In
    /// TIME-WAIT it has been: the numbers may be used again, since the ISN is larger then.
    [[nodiscard]] bool under_way(const ConnectionId& id) const;
    /// How many are under way.
    [[nodiscard]] std::size_t in_flight() const noexcept;
    /// Nothing is under way, and nothing more will begin.
    [[nodiscard]] bool finished() const noexcept;
    /// The same, and nobody is in TIME-WAIT any more.
    [[nodiscard]] bool quiet() const noexcept;
    /// All that was counted so far.
    [[nodiscard]] const HandshakeCounts& counts() const noexcept;

private:
    struct Member;
    struct Crew;
    std::unique_ptr<Crew> crew_;
};

/// What is said of it: exit status, a sentence, the members of JSON.
[[nodiscard]] TCPCRAFT_API HandshakeResult result_of(const HandshakeReport& report);

}  // namespace tcpcraft
